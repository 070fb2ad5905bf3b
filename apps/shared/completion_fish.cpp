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

std::string function_name(const Program& program, std::string_view what) {
  std::string name = fmt::format("__{}_{}", page_of(program), what);
  std::ranges::replace(name, '-', '_');
  return name;
}

constexpr std::string_view sets = "sets";      // the property of the command that is its argument
constexpr std::string_view begins = "begins";  // with one of the commands that are its arguments

// By the function by which the program is asked itself: for what, and with the command.
std::string ask(const Program& program, std::string_view what) {
  return fmt::format(
      " -x -a '({} {}{}{})'",
      function_name({.name = program.name, .summary = {}, .synopsis = {}, .prose = {}}, "live"), what,
      program.command.empty() ? "" : " ", program.command);
}

std::string values(const Program& program, const OptionRow& row, bool live) {
  if (is_flag(row)) return {};
  if (!row.choices.empty()) return fmt::format(" -x -a {}", quote(row.choices));
  switch (row.completion) {
    case Completion::file:
      if (!row.suffix.empty()) return fmt::format(" -x -a '(__fish_complete_suffix {})'", row.suffix);
      return " -r -F";
    case Completion::directory:
      return " -x -a '(__fish_complete_directories)'";
    case Completion::host:
      return " -x -a '(__fish_print_hostnames)'";
    case Completion::topic:
      return live ? ask(program, "topics") : " -x";
    case Completion::profile:
      return ask(program, "profiles");
    case Completion::none:
    case Completion::property:
      return " -x";
  }
  return {};
}

// When the rows of `program` are offered; empty: always.
std::string condition(const Program& whole, const Program& program) {
  if (whole.commands.empty()) return {};
  const std::string name = function_name(whole, begins);
  if (!program.command.empty()) return fmt::format("{} {}", name, program.command);
  std::string text = "not " + name;
  for (const Program* command : whole.commands) text.append(" ").append(command->command);
  return text;
}

void add_options(std::string& out, const Program& whole, const Program& program, const OptionRows& rows) {
  const auto property = std::ranges::find(rows, Completion::property, &OptionRow::completion);
  if (property != rows.end()) {
    out.append(
        fmt::format("function {}\n    set -l words (commandline -opc)\n", function_name(program, sets)));
    out.append(
        "    test (count $words) -gt 2; and test \"$words[-1]\" = $argv[1]; "
        "and contains -- $words[-2] -D --property\nend\n\n");
  }
  const std::string when = condition(whole, program);
  if (program.operands) out.append(fmt::format("complete -c {} -n '{}' -F\n", program.name, when));
  const bool live = has_live_topics(rows);
  for (const OptionRow& row : rows) {
    out.append(fmt::format("complete -c {}", program.name));
    if (!when.empty()) out.append(fmt::format(" -n '{}'", when));
    if (row.letter != '\0') out.append(fmt::format(" -s {}", row.letter));
    out.append(fmt::format(" -l {}{} -d {}\n", row.name, values(program, row, live), quote(row.summary)));
  }
  if (property == rows.end()) return;
  for (const std::string_view command : words(property->choices)) {
    out.append(fmt::format("complete -c {} -n '{}{}{} {}' -a '{}'\n", program.name, when,
                           when.empty() ? "" : "; and ", function_name(program, sets), command,
                           fmt::join(property_names(property_packet(command)), " ")));
  }
}

}  // namespace

std::string fish_completion(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("# fish completion for {0}\n\ncomplete -c {0} -f\n", program.name);
  // A quote may be open in the word that is typed. It stands in quotes because an empty word counts too.
  out.append(
      fmt::format("function {}\n"
                  "    set -l raw \"$(commandline -ct)\"\n"
                  "    set -l word (string unescape -- $raw; or string unescape -- $raw\\'; or string "
                  "unescape -- $raw\\\")\n"
                  "    printf '%s\\0' (commandline -opc) \"$word\" |\n"
                  "        command {} $argv[2..-1] --complete fish $argv[1] 2>/dev/null\n"
                  "end\n\n",
                  function_name(program, "live"), program.name));
  if (!program.commands.empty())
    out.append(
        fmt::format("function {}\n    set -l words (commandline -opc)\n"
                    "    test (count $words) -gt 1; and contains -- $words[2] $argv\nend\n\n",
                    function_name(program, begins)));
  for (const Program* command : program.commands)
    out.append(fmt::format("complete -c {} -n __fish_is_first_token -a {} -d {}\n", program.name,
                           command->command, quote(command->summary)));
  add_options(out, program, program, rows);
  for (const Program* command : program.commands) add_options(out, program, *command, command->rows());
  return out;
}

}  // namespace mq
