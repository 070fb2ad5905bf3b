#include "shared/options_file.hpp"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "shared/file.hpp"
#include "shared/property_option.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// The first word, which is taken off `text` together with the blanks behind it.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(blanks), text.size());
  const std::string_view word = text.substr(0, end);
  text = trimmed(text.substr(end));
  return word;
}

Result<std::vector<std::string>> values_of(const OptionRow& row, std::string_view rest, bool exact) {
  std::size_t count = value_count(row);
  std::vector<std::string> values;
  if (count == 1 && exact) return std::vector{std::string(rest)};
  rest = trimmed(rest);
  while (values.size() + 1 < count && !rest.empty()) {
    values.emplace_back(take_word(rest));
    if (values.size() == 2 && takes_pair(values[1])) ++count;
  }
  if (!rest.empty()) values.emplace_back(rest);
  if (values.size() < count) return usage(fmt::format("{}: needs {}", shown(row), row.value));
  return values;
}

Result<GivenOption> parse_line(std::string_view line, const OptionRows& rows) {
  if (!is_utf8(line)) return usage("not valid UTF-8");
  line.remove_prefix(line.find_first_not_of(blanks));
  const std::size_t end = std::min(line.find_first_of(" \t="), line.size());
  const std::string_view typed = line.substr(0, end);
  const OptionRow* row = nullptr;
  if (typed.size() == 2 && typed[0] == '-') {
    row = find_option(rows, typed[1]);
  } else {
    row = find_option(rows, typed.starts_with("--") ? typed.substr(2) : typed);
  }
  if (row == nullptr) return std::unexpected(unknown_option(typed, rows));
  if (row->command_line_only) return usage(fmt::format("{}: has no place in an options file", shown(*row)));
  const std::string_view rest = line.substr(end);
  if (is_flag(*row)) {
    if (!trimmed(rest).empty()) return usage(fmt::format("{}: takes no value", shown(*row)));
    return GivenOption{row, {}};
  }
  const bool exact = rest.starts_with('=');
  auto values = values_of(*row, rest.substr(exact ? 1 : 0), exact);
  if (!values) return std::unexpected(values.error());
  return GivenOption{row, *std::move(values)};
}

}  // namespace

Result<std::vector<FileOption>> parse_options_file(std::string_view text, std::string_view name,
                                                   const OptionRows& rows) {
  std::vector<FileOption> options;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const auto content = trimmed(line); content.empty() || content.starts_with('#')) continue;
    auto option = parse_line(line, rows);
    if (!option) {
      option.error().text.insert(0, fmt::format("{}:{}: ", name, number));
      return std::unexpected(std::move(option.error()));
    }
    options.push_back({*std::move(option), number});
  }
  return options;
}

Result<std::string> read_options_file(const std::string& path, bool required) {
  constexpr std::uint64_t most = 64U << 20;
  const auto is_missing = [] { return errno == ENOENT || errno == ENOTDIR; };
  if (!required && ::access(path.c_str(), F_OK) != 0 && is_missing()) return std::string();
  auto text = read_file(path, most);
  if (!text) return usage(fmt::format("options file: {}", text.error().text));
  return text;
}

bool others_can_read(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

}  // namespace mq
