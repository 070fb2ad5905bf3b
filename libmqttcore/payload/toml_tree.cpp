#include "payload/toml_tree.hpp"

#include <fmt/core.h>

// What toml++ asserts of its input is not so for every file ("[!"), and what it checks afterwards is enough.
// Without NDEBUG it leaves what is asserted to us; with it, clang could take it for granted.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expression) static_assert(true)
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

#include <algorithm>
#include <optional>

#include "payload/text_file.hpp"

namespace mq {
namespace {

constexpr std::size_t largest_file = std::size_t{1} << 20;  // a scenario takes some hundred lines

std::unexpected<Error> wrong(const std::string& file, std::size_t line, std::string_view text) {
  return fail(ErrorKind::usage, fmt::format("{}:{}: {}", file, line, text));
}

// Dates and times, which nothing here has: an error says so by their kind.
std::string text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return fmt::format("{}", *number);
  if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
  if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
  return "a date or time";
}

struct Fault {
  std::size_t line = 0;
  std::string_view text;
};

// What toml++ must not see outside of quotes and comments: keys with more parts than any here, of which it
// would make that many tables in each other (its own limit is for arrays and tables in braces), and
// characters beyond ASCII, of which it knows only some.
std::optional<Fault> fault_of(std::string_view text) {
  constexpr std::size_t most_dots = 16;
  std::size_t line = 1, dots = 0;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a byte order mark
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') {
      ++line;
      dots = 0;
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size()) - 1;
    } else if (c == '"' || c == '\'') {
      const bool lines = text.substr(at, 3) == std::string(3, c);
      const std::string_view quotes = text.substr(at, lines ? 3 : 1);
      at += quotes.size();
      for (; at < text.size() && !text.substr(at).starts_with(quotes); ++at) {
        if (text[at] == '\n' && !lines) break;  // it is not closed
        if (text[at] == '\n') ++line;
        if (c == '"' && text[at] == '\\') ++at;
      }
      at += quotes.size() - 1;
      if (at < text.size() && text[at] == '\n') --at;
    } else if (c == '.' && ++dots > most_dots) {
      return Fault{line, "a key has more than 16 parts"};
    } else if ((static_cast<unsigned char>(c) & 0x80U) != 0) {
      return Fault{line, "a character beyond ASCII stands in no quotes"};
    }
  }
  return std::nullopt;
}

TomlNode tree_of(const toml::node& node) {
  TomlNode made{.line = node.source().begin.line};
  if (const toml::table* table = node.as_table()) {
    for (const auto& [name, member] : *table) made.members.emplace_back(name.str(), tree_of(member));
    std::ranges::sort(made.members, {}, [](const auto& member) {
      return std::pair<std::size_t, std::string_view>(member.second.line, member.first);
    });
  } else if (const toml::array* array = node.as_array()) {
    made.kind = TomlNode::Kind::array;
    for (const toml::node& item : *array) made.items.push_back(tree_of(item));
  } else {
    made.kind = node.is_boolean() ? TomlNode::Kind::boolean : TomlNode::Kind::scalar;
    made.quoted = node.is_string();
    made.text = text_of(node);
  }
  return made;
}

}  // namespace

const TomlNode* TomlNode::member(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &std::pair<std::string, TomlNode>::first);
  return found == members.end() ? nullptr : &found->second;
}

Result<TomlNode> parse_toml(std::string_view text, const std::string& file) {
  if (text.size() > largest_file)
    return wrong(file, 1,
                 fmt::format("{} bytes are more than the {} it may have", text.size(), largest_file));
  if (const auto fault = fault_of(text)) return wrong(file, fault->line, fault->text);
  const toml::parse_result parsed = toml::parse(text);
  if (parsed) return tree_of(parsed.table());
  const toml::parse_error& error = parsed.error();
  return wrong(file, error.source().begin.line, error.description());
}

Result<TomlNode> read_toml(const std::string& file, std::string_view what) {
  auto text = read_text_file(file, what);
  if (!text) return std::unexpected(std::move(text.error()));
  return parse_toml(*text, file);
}

}  // namespace mq
