#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "shared/completion.hpp"
#include "shared/property_option.hpp"

namespace mq {
namespace {

// Text inside single quotes and, there, inside the brackets or between the colons of a specification of
// _arguments.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out.append("'\\''");
      continue;
    }
    if (c == '[' || c == ']' || c == ':' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

std::string helper_name(std::string_view page, std::string_view what) {
  std::string name = fmt::format("_{}_{}", page, what);
  std::ranges::replace(name, '-', '_');
  return name;
}

// The function by which the program is asked itself: for what, and with the command.
std::string ask(const Program& program, std::string_view what) {
  return fmt::format("{} {}{}{}", helper_name(program.name, "live"), what, program.command.empty() ? "" : " ",
                     program.command);
}

std::string action_of(const Program& program, const OptionRow& row, bool live) {
  if (!row.choices.empty()) return fmt::format("({})", row.choices);
  switch (row.completion) {
    case Completion::file:
      return row.suffix.empty() ? "_files" : fmt::format("_files -g \"*{}\"", row.suffix);
    case Completion::directory:
      return "_directories";
    case Completion::host:
      return "_hosts";
    case Completion::topic:
      return live ? " " + ask(program, "topics") : " ";
    case Completion::profile:
      return " " + ask(program, "profiles");
    case Completion::none:
    case Completion::property:
      return " ";
  }
  return " ";
}

std::string values(const Program& program, const OptionRow& row, bool live) {
  if (is_flag(row)) return {};
  if (row.completion == Completion::property)
    return fmt::format(":command:({}):property:{}:value: ", row.choices,
                       helper_name(page_of(program), "properties"));
  return fmt::format(":{}:{}", escaped(lower(row.value)), action_of(program, row, live));
}

std::string specification(const Program& program, const OptionRow& row, bool live) {
  // "--name=" stands for both ways to give one value.
  std::string long_form = std::string("--").append(row.name);
  if (value_count(row) == 1) long_form.append("=");
  const std::string tail = fmt::format("'[{}]{}'", escaped(row.summary), values(program, row, live));
  if (row.letter == '\0') {
    return fmt::format("'{}{}'{}", row.repeats ? "*" : "", long_form, tail);
  }
  const std::string lead =
      row.repeats ? std::string("'*'") : fmt::format("'(-{0} --{1})'", row.letter, row.name);
  const std::string letter = fmt::format("-{}{}", row.letter, value_count(row) == 1 ? "+" : "");
  return fmt::format("{}{{{},{}}}{}", lead, letter, long_form, tail);
}

void add_helper(std::string& out, const Program& program, const OptionRows& rows) {
  const auto property = std::ranges::find(rows, Completion::property, &OptionRow::completion);
  if (property == rows.end()) return;
  out.append(
      fmt::format("{}() {{\n  case ${{words[CURRENT-1]}} in\n", helper_name(page_of(program), "properties")));
  for (const std::string_view command : words(property->choices)) {
    out.append(fmt::format("    {}) compadd -- {} ;;\n", command,
                           fmt::join(property_names(property_packet(command)), " ")));
  }
  out.append("  esac\n}\n\n");
}

// A level that has more below it is no end of a word. Where there is a command, the program's name is off the
// words.
std::string live_helper(const Program& program) {
  return fmt::format(
      "{0}() {{\n"
      "  local what=$1\n"
      "  local -a found\n"
      "  found=(${{(f)\"$(print -rN -- ${{2:+{1}}} \"${{(@Q)words[1,CURRENT-1]}}\" \"${{(Q)PREFIX}}\" |\n"
      "    command {1} $2 --complete zsh $what 2>/dev/null)\"}})\n"
      "  compadd -S '' -- ${{(M)found:#*/}}\n"
      "  compadd -- ${{found:#*/}}\n"
      "}}\n\n",
      helper_name(program.name, "live"), program.name);
}

void add_arguments(std::string& out, const Program& program, const OptionRows& rows) {
  out.append("_arguments -s -S");
  if (!program.commands.empty()) {
    std::string commands;
    for (const Program* command : program.commands)
      commands.append(fmt::format("{}{}\\:{}", commands.empty() ? "" : " ", command->command,
                                  fmt::format("\"{}\"", escaped(command->summary))));
    out.append(fmt::format(" \\\n  '1::command:(({}))'", commands));
  }
  const bool live = has_live_topics(rows);
  for (const OptionRow& row : rows) out.append(" \\\n  ").append(specification(program, row, live));
  if (program.operands) out.append(" \\\n  '*:file:_files'");
  out.append("\n");
}

}  // namespace

std::string zsh_completion(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("#compdef {}\n\n", program.name);
  out.append(live_helper(program));
  add_helper(out, program, rows);
  for (const Program* command : program.commands) add_helper(out, *command, command->rows());
  for (const Program* command : program.commands) {
    out.append(fmt::format("if [[ $CURRENT -gt 2 && ${{words[2]}} == {} ]]; then\n", command->command));
    out.append("shift words\n(( CURRENT-- ))\n");
    add_arguments(out, *command, command->rows());
    out.append("return\nfi\n");
  }
  add_arguments(out, program, rows);
  return out;
}

}  // namespace mq
