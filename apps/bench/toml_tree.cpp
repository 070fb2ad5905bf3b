#include "bench/toml_tree.hpp"

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <optional>

#include "payload/text_file.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

// A scenario takes some hundred lines.
constexpr std::size_t largest_scenario = std::size_t{1} << 20;
// Scenarios have three.
constexpr std::size_t most_key_parts = 8;

// The end of the string that begins at `begin` with its quote; a line's end where it is not closed.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const bool escapes = quote == '"';
  const bool long_one = text.substr(begin, 3) == std::string(3, quote);
  std::size_t at = begin + (long_one ? 3 : 1);
  for (; at < text.size(); ++at) {
    if (escapes && text[at] == '\\') {
      ++at;
    } else if (long_one && text.substr(at, 3) == std::string(3, quote)) {
      at += 3;
      // Two quotes more belong to the text.
      for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
      return at;
    } else if (!long_one && (text[at] == quote || text[at] == '\n')) {
      return text[at] == quote ? at + 1 : at;
    }
  }
  return text.size();
}

// The line of a key of too many parts. Each part is a table within the one before: the parser bounds other
// nesting, but not this, and trees are built and torn down by recursion.
std::optional<std::size_t> line_of_deep_key(std::string_view text) {
  std::size_t line = 1, dots = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char character = text[at];
    if (character == '"' || character == '\'') {
      const std::size_t end = std::min(end_of_string(text, at), text.size());
      line += static_cast<std::size_t>(std::ranges::count(text.substr(at, end - at), '\n'));
      at = end;
      continue;
    }
    if (character == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (character == '.' && ++dots >= most_key_parts) return line;
    if (std::string_view("=,{}[]\n").contains(character)) dots = 0;
    if (character == '\n') ++line;
    ++at;
  }
  return std::nullopt;
}

// Dates and times, which nothing here has: an error says so by their kind.
std::string text_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return fmt::format("{}", *number);
  if (const auto number = node.value_exact<double>()) return fmt::format("{}", *number);
  if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
  return "a date or time";
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
  if (text.size() > largest_scenario)
    return usage(
        fmt::format("{}:1: a scenario of {} bytes is larger than {}", file, text.size(), largest_scenario));
  if (const auto line = line_of_deep_key(text))
    return usage(fmt::format("{}:{}: a key has more than {} parts", file, *line, most_key_parts));
  const toml::parse_result parsed = toml::parse(text);
  if (parsed) return tree_of(parsed.table());
  const toml::parse_error& error = parsed.error();
  return usage(fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
}

Result<TomlNode> read_toml(const std::string& file) {
  auto text = read_text_file(file, "the scenario");
  if (!text) return std::unexpected(std::move(text.error()));
  return parse_toml(*text, file);
}

}  // namespace mq
