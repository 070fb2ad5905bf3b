#include "shared/option.hpp"

#include <algorithm>
#include <array>

namespace mq {

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) found.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

bool has_word(std::string_view text, std::string_view word) {
  const auto all = words(text);
  return std::ranges::find(all, word) != all.end();
}

std::size_t value_count(const OptionRow& row) {
  if (row.value.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::ranges::count(row.value, ' '));
}

const OptionRow* find_option(const OptionRows& rows, std::string_view name) {
  if (name.empty()) return nullptr;
  const auto named = [name](const OptionRow& row) { return row.name == name || has_word(row.aliases, name); };
  const auto row = std::ranges::find_if(rows, named);
  return row == rows.end() ? nullptr : &*row;
}

const OptionRow* find_option(const OptionRows& rows, char letter) {
  if (letter == '\0') return nullptr;
  const auto row = std::ranges::find(rows, letter, &OptionRow::letter);
  return row == rows.end() ? nullptr : &*row;
}

std::string shown(const OptionRow& row) {
  std::string text;
  if (row.letter != '\0') text.append(1, '-').append(1, row.letter).append(1, '/');
  return text.append("--").append(row.name);
}

std::span<const OptionGroup> option_groups() {
  using enum OptionGroup;
  static constexpr std::array groups{load,       bridge, publish, subscribe, payload, output,
                                     connection, tls,    session, will,      general};
  return groups;
}

std::string_view title_of(OptionGroup group) {
  switch (group) {
    case OptionGroup::load:
      return "Load";
    case OptionGroup::bridge:
      return "Bridge";
    case OptionGroup::connection:
      return "Connection";
    case OptionGroup::tls:
      return "TLS";
    case OptionGroup::session:
      return "Session";
    case OptionGroup::will:
      return "Will";
    case OptionGroup::publish:
      return "Publishing";
    case OptionGroup::subscribe:
      return "Subscribing";
    case OptionGroup::payload:
      return "Payloads";
    case OptionGroup::output:
      return "Output";
    case OptionGroup::general:
      return "General";
  }
  return {};
}

}  // namespace mq
