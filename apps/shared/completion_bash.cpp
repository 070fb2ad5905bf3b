#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "shared/completion.hpp"
#include "shared/property_option.hpp"

namespace mq {
namespace {

std::string function_name(const Program& program) {
  std::string name = "_" + page_of(program);
  std::ranges::replace(name, '-', '_');
  return name;
}

// "-h|--host"
std::string pattern(const OptionRow& row) {
  std::string names = row.letter == '\0' ? std::string() : fmt::format("-{}|", row.letter);
  names.append("--").append(row.name);
  for (const std::string_view alias : words(row.aliases)) names.append("|--").append(alias);
  return names;
}

// The words of compgen that produce what fits; empty when there is nothing to offer.
std::string action(const OptionRow& row) {
  if (!row.choices.empty()) return fmt::format("-W '{}'", row.choices);
  switch (row.completion) {
    case Completion::file:
      return "-f";
    case Completion::directory:
      return "-d";
    case Completion::host:
      return "-A hostname";
    case Completion::none:
    case Completion::topic:
    case Completion::property:
      return {};
  }
  return {};
}

std::string property_case(const OptionRow& row) {
  std::string out = "  if [[ ${before} == -D || ${before} == --property ]]; then\n    case ${prev} in\n";
  for (const std::string_view command : words(row.choices)) {
    out.append(fmt::format("      {}) mapfile -t COMPREPLY < <(compgen -W '{}' -- \"${{cur}}\") ;;\n",
                           command, fmt::join(property_names(property_packet(command)), " ")));
  }
  return out.append("      *) ;;\n    esac\n    return\n  fi\n");
}

// A command that stands first has a function of its own; until then it is one of the words.
void add_commands(std::string& out, const Program& program, std::string& names) {
  if (program.commands.empty()) return;
  std::string cases;
  std::string offered;
  for (const Program* command : program.commands) {
    cases.append(fmt::format("      {})\n        {}\n        return\n        ;;\n", command->command,
                             function_name(*command)));
    offered.append(offered.empty() ? "" : " ").append(command->command);
  }
  out.append("  if ((COMP_CWORD > 1)); then\n    case ${COMP_WORDS[1]} in\n")
      .append(cases)
      .append("      *) ;;\n    esac\n  fi\n  local commands=\n")
      .append(fmt::format("  if ((COMP_CWORD == 1)); then commands='{} '; fi\n", offered));
  names = "${commands}";
}

std::string function_of(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("{}() {{\n", function_name(program));
  std::string commands;
  add_commands(out, program, commands);
  // The shell makes words of their own of '=' and what stands behind it.
  out.append(
      "  local cur=${COMP_WORDS[COMP_CWORD]}\n"
      "  local at=$((COMP_CWORD - 1))\n"
      "  if [[ ${cur} == '=' ]]; then cur=; elif [[ ${COMP_WORDS[at]} == '=' ]]; then at=$((at - 1)); fi\n");
  const bool properties = std::ranges::find(rows, Completion::property, &OptionRow::completion) != rows.end();
  out.append(properties ? "  local prev=${COMP_WORDS[at]} before=\n"
                          "  if ((at > 0)); then before=${COMP_WORDS[at - 1]}; fi\n"
                        : "  local prev=${COMP_WORDS[at]}\n");
  std::string without;
  std::string names;
  std::string cases;
  for (const OptionRow& row : rows) {
    if (!names.empty()) names.append(" ");
    if (row.letter != '\0') names.append(1, '-').append(1, row.letter).append(1, ' ');
    names.append("--").append(row.name);
    if (is_flag(row)) continue;
    if (row.completion == Completion::property) out.append(property_case(row));
    const std::string words_for = action(row);
    if (words_for.empty()) {
      without.append(without.empty() ? "" : "|").append(pattern(row));
      continue;
    }
    const bool names_files = row.choices.empty() && (words_for == "-f" || words_for == "-d");
    cases.append(fmt::format("    {})\n", pattern(row)));
    if (names_files) cases.append("      compopt -o filenames 2>/dev/null\n");
    cases.append(fmt::format(
        "      mapfile -t COMPREPLY < <(compgen {} -- \"${{cur}}\")\n      return\n      ;;\n", words_for));
  }
  out.append("  case ${prev} in\n").append(cases);
  if (!without.empty()) out.append(fmt::format("    {})\n      return\n      ;;\n", without));
  out.append("    *) ;;\n  esac\n");
  if (program.operands)
    out.append(
        "  if [[ ${cur} != -* ]]; then\n"
        "    compopt -o filenames 2>/dev/null\n"
        "    mapfile -t COMPREPLY < <(compgen -f -- \"${cur}\")\n"
        "    return\n  fi\n");
  out.append(fmt::format("  mapfile -t COMPREPLY < <(compgen -W \"{}{}\" -- \"${{cur}}\")\n}}\n\n", commands,
                         names));
  return out;
}

}  // namespace

std::string bash_completion(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("# bash completion for {}\n\n", program.name);
  for (const Program* command : program.commands) out.append(function_of(*command, command->rows()));
  out.append(function_of(program, rows));
  return out.append(fmt::format("complete -F {} {}\n", function_name(program), program.name));
}

}  // namespace mq
