#include "drop_in/grammar.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "shared/file.hpp"
#include "shared/program.hpp"

namespace mq {
namespace {

constexpr std::uint64_t largest_options_file = 1U << 20;

Result<DropInAsk> read_words(const DropInRows& rows, DropInWords words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--help") return DropInAsk::help;
    if (word == "--version") return DropInAsk::version;
    if (word == "-o") {  // has been looked for before
      ++i;
      continue;
    }
    const auto row = std::ranges::find_if(
        rows, [word](const DropInRow& one) { return word == one.letter || word == one.name; });
    if (word.empty() || row == rows.end()) return complaint(fmt::format("Error: Unknown option '{}'.", word));
    if (row->guard) {
      if (auto right = row->guard(); !right) return std::unexpected(std::move(right.error()));
    }
    if (row->take) {
      auto taken = row->take(words.subspan(i + 1));
      if (!taken) return std::unexpected(std::move(taken.error()));
      i += *taken;
      continue;
    }
    const bool flag = row->value.empty();
    if (!flag && i + 1 == words.size()) return complaint(fmt::format("Error: {}\n", row->lacking));
    if (auto set = row->set(flag ? std::string_view() : words[++i]); !set)
      return std::unexpected(std::move(set.error()));
  }
  return DropInAsk::run;
}

// The value of the one -o that there may be.
Result<std::optional<std::string_view>> options_file_of(DropInWords words) {
  std::optional<std::string_view> file;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != "-o") continue;
    if (file) return complaint("Error: Duplicate -o argument given.\n");
    if (i + 1 == words.size()) return complaint("Error: -o argument given but no options file specified.\n");
    file = words[i + 1];
  }
  return file;
}

std::string default_file(std::string_view program, const Environment& environment) {
  if (const char* folder = environment("XDG_CONFIG_HOME")) return fmt::format("{}/{}", folder, program);
  if (const char* home = environment("HOME")) return fmt::format("{}/.config/{}", home, program);
  return {};
}

// One line: an option and, behind a blank, the rest of the line as its one value.
Result<DropInAsk> read_line(const DropInRows& rows, std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with('#')) return DropInAsk::run;
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (line.empty()) return DropInAsk::run;
  const std::size_t blank = std::min(line.find(' '), line.size());
  const std::string_view words[] = {line.substr(0, blank), line.substr(std::min(blank + 1, line.size()))};
  return read_words(rows, DropInWords(words, words[1].empty() ? 1 : 2));
}

// A file that can't be read is none, as for mosquitto.
Result<DropInAsk> read_options(const DropInRows& rows, const std::string& path) {
  if (path.empty() || ::access(path.c_str(), R_OK) != 0) return DropInAsk::run;
  const auto content = read_file(path, largest_options_file);
  if (!content) return DropInAsk::run;
  std::string_view text = *content;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    auto ask = read_line(rows, text.substr(0, end));
    if (!ask || *ask != DropInAsk::run) return ask;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return DropInAsk::run;
}

std::string help_text(std::string_view program, const DropInRows& rows) {
  std::string text = fmt::format(
      "{0} of mqttkit {1}: takes the options of mosquitto's {0} 2.1.\n\n"
      "Usage: {0} [OPTION [VALUE]...]...\n\n",
      program, toolkit_version());
  for (const DropInRow& row : rows) {
    std::string both(row.letter);
    if (!row.letter.empty() && !row.name.empty()) both += ", ";
    both += row.name;
    if (!row.value.empty()) both.append(" ").append(row.value);
    text += fmt::format(" {} : {}\n", both, row.summary);
  }
  text +=
      " -o file : read options from this file, one a line\n"
      " --help : print this\n --version : print the version\n";
  return text;
}

}  // namespace

Result<DropInAsk> read_drop_in(const DropInRows& rows, std::string_view program,
                               std::span<const char* const> arguments, const Environment& environment) {
  const std::vector<std::string_view> words(arguments.begin(), arguments.end());
  const auto file = options_file_of(words);
  if (!file) return std::unexpected(file.error());
  auto ask = read_options(rows, *file ? std::string(**file) : default_file(program, environment));
  if (!ask || *ask != DropInAsk::run) return ask;
  return read_words(rows, words);
}

int print_drop_in_answer(std::string_view program, const DropInRows& rows, DropInAsk ask) {
  const std::string text = ask == DropInAsk::help ? help_text(program, rows)
                                                  : fmt::format("{} version 2.1 running on mqttkit {}.\n",
                                                                program, toolkit_version());
  (void)!::write(STDOUT_FILENO, text.data(), text.size());
  return 1;
}

int report_usage(std::string_view program, const Error& error) {
  const std::string text = fmt::format("{}\n\nUse '{} --help' to see usage.\n", error.text, program);
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  return 1;
}

long c_number(std::string_view text) { return std::strtol(std::string(text).c_str(), nullptr, 10); }

Result<void> read_qos(std::string_view text, QoS& qos) {
  const long number = c_number(text);
  if (number < 0 || number > 2) return complaint(fmt::format("Error: Invalid QoS given: {}", number));
  qos = static_cast<QoS>(number);
  return {};
}

std::function<Result<void>(std::string_view)> raise(bool& flag) {
  return [&flag](std::string_view) -> Result<void> {
    flag = true;
    return {};
  };
}

std::unexpected<Error> complaint(std::string line) { return fail(ErrorKind::usage, std::move(line)); }

}  // namespace mq
