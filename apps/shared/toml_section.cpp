#include "shared/toml_section.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "shared/nearest.hpp"
#include "shared/store.hpp"

namespace mq {

using Kind = TomlNode::Kind;

static constexpr std::string_view truths = "true false";

TomlSection::TomlSection(std::string_view what, const std::string& file, std::string_view page)
    : what_(what), file_(file), page_(page) {}

void TomlSection::key(std::string_view name, OptionSetter set) {
  rows_.push_back({.name = name, .value = "VALUE", .summary = {}, .detail = {}, .set = std::move(set)});
}

void TomlSection::flag(std::string_view name, bool& target) {
  rows_.push_back({.name = name, .summary = {}, .detail = {}, .set = store_flag(target)});
}

void TomlSection::truth(std::string_view name, bool& target) {
  const auto set = [&target](OptionValues values) -> Result<void> {
    if (!has_word(truths, values[0]))
      return usage(fmt::format("{} is neither true nor false", quoted(values[0])));
    target = values[0] == "true";
    return {};
  };
  rows_.push_back(
      {.name = name, .value = "VALUE", .choices = truths, .summary = {}, .detail = {}, .set = set});
}

Result<void> TomlSection::read(const TomlNode& table) {
  if (table.kind != Kind::table) return wrong(table, fmt::format("{} is a table", what_));
  for (const auto& [name, node] : table.members) {
    if (std::ranges::find(others_, name) != others_.end()) continue;
    const OptionRow* row = find_option(rows_, name);
    if (row == nullptr) return unknown(name, node);
    if (auto stored = store(*row, node); !stored) return stored;
  }
  return {};
}

std::unexpected<Error> TomlSection::wrong(const TomlNode& node, const std::string& text,
                                          std::string hint) const {
  return usage(fmt::format("{}:{}: {}", file_, node.line, text), std::move(hint));
}

std::unexpected<Error> TomlSection::wrong(const TomlNode& node, Error error) const {
  return wrong(node, error.text, std::move(error.hint));
}

std::unexpected<Error> TomlSection::unknown(std::string_view name, const TomlNode& node) const {
  std::vector<std::string_view> known(others_);
  for (const OptionRow& row : rows_) known.push_back(row.name);
  const std::string_view near = nearest(name, known);
  return wrong(
      node, fmt::format("{} has no {}", what_, quoted(name)),
      near.empty() ? fmt::format("{} lists what it may have", page_) : fmt::format("did you mean {}?", near));
}

Result<void> TomlSection::store_one(const OptionRow& row, const TomlNode& node) const {
  if (node.kind == Kind::boolean && row.choices != truths)
    return wrong(node, fmt::format("{} takes a value, not {}", row.name, node.text));
  if (node.kind != Kind::scalar && node.kind != Kind::boolean)
    return wrong(node, fmt::format("{} takes one value", row.name));
  const std::string_view value = node.text;
  auto stored = row.set({&value, 1});
  if (!stored)
    return wrong(node, fmt::format("{}: {}", row.name, stored.error().text), std::move(stored.error().hint));
  return {};
}

Result<void> TomlSection::store(const OptionRow& row, const TomlNode& node) const {
  if (is_flag(row)) {
    if (node.kind != Kind::boolean) return wrong(node, fmt::format("{} is true or false", row.name));
    return node.text == "true" ? row.set({}) : Result<void>();
  }
  if (node.kind != Kind::array) return store_one(row, node);
  if (!row.repeats) return wrong(node, fmt::format("{} takes one value", row.name));
  for (const TomlNode& item : node.items)
    if (auto stored = store_one(row, item); !stored) return stored;
  return {};
}

Result<void> TomlSection::read_properties(const TomlNode& table, std::string_view packet,
                                          PropertyList& target) const {
  const TomlNode* node = table.member("property");
  if (node == nullptr) return {};
  if (node->kind != Kind::array) return wrong(*node, "property is a list of lists");
  const OptionSetter set =
      store_property({{packet, property_packet(packet), [&target]() -> PropertyList& { return target; }}});
  for (const TomlNode& item : node->items) {
    std::vector<std::string_view> values{packet};
    for (const TomlNode& value : item.items) values.emplace_back(value.text);
    const std::size_t wanted = values.size() > 1 && takes_pair(values[1]) ? 4 : 3;
    if (values.size() != wanted)
      return wrong(item, "a property is a list of its name and its value",
                   R"(such as ["content-type", "text/plain"])");
    if (auto stored = set(values); !stored) return wrong(item, std::move(stored.error()));
  }
  return {};
}

}  // namespace mq
