#include "bench/toml_tree.hpp"

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>

#include "payload/text_file.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

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
