#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "shared/completion.hpp"
#include "shared/property_option.hpp"

namespace mq {
namespace {

std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out.append("'");
}

std::string function_name(const Program& program) {
  std::string name = fmt::format("__{}_sets", page_of(program));
  std::ranges::replace(name, '-', '_');
  return name;
}

std::string values(const OptionRow& row) {
  if (is_flag(row)) return {};
  if (!row.choices.empty()) return fmt::format(" -x -a {}", quote(row.choices));
  switch (row.completion) {
    case Completion::file:
    case Completion::directory:
      return " -r -F";
    case Completion::host:
      return " -x -a '(__fish_print_hostnames)'";
    case Completion::none:
    case Completion::topic:
    case Completion::property:
      return " -x";
  }
  return {};
}

// When the rows of `program` are offered: as an option of complete.
std::string condition(const Program& whole, const Program& program) {
  if (whole.commands.empty()) return {};
  if (!program.command.empty()) return fmt::format(" -n '__fish_seen_subcommand_from {}'", program.command);
  std::string commands;
  for (const Program* command : whole.commands) commands.append(" ").append(command->command);
  return fmt::format(" -n 'not __fish_seen_subcommand_from{}'", commands);
}

void add_options(std::string& out, const Program& whole, const Program& program, const OptionRows& rows) {
  const auto property = std::ranges::find(rows, Completion::property, &OptionRow::completion);
  if (property != rows.end()) {
    out.append(fmt::format("function {}\n    set -l words (commandline -opc)\n", function_name(program)));
    out.append(
        "    test (count $words) -gt 2; and test \"$words[-1]\" = $argv[1]; "
        "and contains -- $words[-2] -D --property\nend\n\n");
  }
  for (const OptionRow& row : rows) {
    out.append(fmt::format("complete -c {}{}", program.name, condition(whole, program)));
    if (row.letter != '\0') out.append(fmt::format(" -s {}", row.letter));
    out.append(fmt::format(" -l {}{} -d {}\n", row.name, values(row), quote(row.summary)));
  }
  if (property == rows.end()) return;
  for (const std::string_view command : words(property->choices)) {
    out.append(fmt::format("complete -c {} -n '{} {}' -a '{}'\n", program.name, function_name(program),
                           command, fmt::join(property_names(property_packet(command)), " ")));
  }
}

}  // namespace

std::string fish_completion(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("# fish completion for {0}\n\ncomplete -c {0} -f\n", program.name);
  for (const Program* command : program.commands)
    out.append(fmt::format("complete -c {} -n __fish_is_first_token -a {} -d {}\n", program.name,
                           command->command, quote(command->summary)));
  add_options(out, program, program, rows);
  for (const Program* command : program.commands) add_options(out, program, *command, command->rows());
  return out;
}

}  // namespace mq
