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

std::string helper_name(const Program& program) {
  std::string name = fmt::format("_{}_properties", page_of(program));
  std::ranges::replace(name, '-', '_');
  return name;
}

std::string values(const Program& program, const OptionRow& row) {
  if (is_flag(row)) return {};
  if (row.completion == Completion::property) {
    return fmt::format(":command:({}):property:{}:value: ", row.choices, helper_name(program));
  }
  std::string action = " ";
  if (!row.choices.empty()) {
    action = fmt::format("({})", row.choices);
  } else if (row.completion == Completion::file) {
    action = "_files";
  } else if (row.completion == Completion::directory) {
    action = "_directories";
  } else if (row.completion == Completion::host) {
    action = "_hosts";
  }
  return fmt::format(":{}:{}", escaped(lower(row.value)), action);
}

std::string specification(const Program& program, const OptionRow& row) {
  // "--name=" stands for both ways to give one value.
  std::string long_form = std::string("--").append(row.name);
  if (value_count(row) == 1) long_form.append("=");
  const std::string tail = fmt::format("'[{}]{}'", escaped(row.summary), values(program, row));
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
  out.append(fmt::format("{}() {{\n  case ${{words[CURRENT-1]}} in\n", helper_name(program)));
  for (const std::string_view command : words(property->choices)) {
    out.append(fmt::format("    {}) compadd -- {} ;;\n", command,
                           fmt::join(property_names(property_packet(command)), " ")));
  }
  out.append("  esac\n}\n\n");
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
  for (const OptionRow& row : rows) out.append(" \\\n  ").append(specification(program, row));
  if (program.operands) out.append(" \\\n  '*:file:_files'");
  out.append("\n");
}

}  // namespace

std::string zsh_completion(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("#compdef {}\n\n", program.name);
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
