#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "shared/completion.hpp"
#include "shared/property_option.hpp"

namespace mq {
namespace {

std::string bash_function(const Program& program) {
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

std::string compgen(std::string_view words) {
  return fmt::format("mapfile -t COMPREPLY < <(compgen {} -- \"${{cur}}\")", words);
}

// The function of the whole program by which it is asked itself: with what, and with the command.
std::string ask(const Program& program, std::string_view what) {
  return fmt::format("{}_live {}{}{}",
                     bash_function({.name = program.name, .summary = {}, .synopsis = {}, .prose = {}}), what,
                     program.command.empty() ? "" : " ", program.command);
}

// What offers a row's values, a command of bash's on each line; empty when there is nothing to offer.
std::vector<std::string> offers(const Program& program, const OptionRow& row, bool live) {
  const std::string names_files = "compopt -o filenames 2>/dev/null";
  if (!row.choices.empty()) return {compgen(fmt::format("-W '{}'", row.choices))};
  switch (row.completion) {
    case Completion::file:
      if (row.suffix.empty()) return {names_files, compgen("-f")};
      // Any file where none is of the kind.
      return {names_files, compgen(fmt::format("-f -X '!*{}'", row.suffix)),
              "if ((${#COMPREPLY[@]} == 0)); then " + compgen("-f") + "; return; fi",
              "mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- \"${cur}\")"};
    case Completion::directory:
      return {names_files, compgen("-d")};
    case Completion::host:
      return {compgen("-A hostname")};
    case Completion::topic:
      return live ? std::vector{ask(program, "topics")} : std::vector<std::string>();
    case Completion::profile:
      return {ask(program, "profiles")};
    case Completion::none:
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
                             bash_function(*command)));
    offered.append(offered.empty() ? "" : " ").append(command->command);
  }
  out.append("  if ((COMP_CWORD > 1)); then\n    case ${COMP_WORDS[1]} in\n")
      .append(cases)
      .append("      *) ;;\n    esac\n  fi\n  local commands=\n")
      .append(fmt::format("  if ((COMP_CWORD == 1)); then commands='{} '; fi\n", offered));
  names = "${commands}";
}

// bash makes words of their own of '=', ':' and '@' and of what stands around them: `at` goes to where the
// word begins, and an option that has its value behind '=' is what stands in front of it.
constexpr std::string_view find_words =
    "  local cur=${COMP_WORDS[COMP_CWORD]} at=${COMP_CWORD}\n"
    "  if [[ ${cur} == '=' ]]; then cur=; fi\n"
    "  while ((at > 1)) && [[ ${COMP_WORDS[at]} =~ ^[:=@]+$ || ${COMP_WORDS[at - 1]} =~ ^[:=@]+$ ]]; do\n"
    "    at=$((at - 1))\n"
    "  done\n"
    "  if [[ ${at} -eq ${COMP_CWORD} || ${COMP_WORDS[at]} != --* || ${COMP_WORDS[at + 1]} != '=' ]]; then\n"
    "    at=$((at - 1))\n"
    "  fi\n";

std::string function_of(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("{}() {{\n", bash_function(program));
  std::string commands;
  add_commands(out, program, commands);
  out.append(find_words);
  const bool properties = std::ranges::find(rows, Completion::property, &OptionRow::completion) != rows.end();
  out.append(properties ? "  local prev=${COMP_WORDS[at]} before=\n"
                          "  if ((at > 0)); then before=${COMP_WORDS[at - 1]}; fi\n"
                        : "  local prev=${COMP_WORDS[at]}\n");
  const bool live = has_live_topics(rows);
  std::string without;
  std::string names;
  std::string cases;
  for (const OptionRow& row : rows) {
    if (!names.empty()) names.append(" ");
    if (row.letter != '\0') names.append(1, '-').append(1, row.letter).append(1, ' ');
    names.append("--").append(row.name);
    if (is_flag(row)) continue;
    if (row.completion == Completion::property) out.append(property_case(row));
    const std::vector<std::string> lines = offers(program, row, live);
    if (lines.empty()) {
      without.append(without.empty() ? "" : "|").append(pattern(row));
      continue;
    }
    cases.append(fmt::format("    {})\n      {}\n      return\n      ;;\n", pattern(row),
                             fmt::join(lines, "\n      ")));
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

// A level that has more below it is no end of a word. Nobody hears that a program is missing, or that printf
// misses its reader.
std::string live_function(const Program& program) {
  return fmt::format(
      "{0}_live() {{\n"
      "  mapfile -t COMPREPLY < <({{ printf '%s\\0' \"${{COMP_LINE:0:COMP_POINT}}\" "
      "\"${{COMP_WORDBREAKS}}\" |\n"
      "    command {1} \"${{@:2}}\" --complete bash \"$1\"; }} 2>/dev/null)\n"
      "  if [[ ${{#COMPREPLY[@]}} -eq 1 && ${{COMPREPLY[0]}} == */ ]]; then compopt -o nospace 2>/dev/null; "
      "fi\n"
      "}}\n\n",
      bash_function(program), program.name);
}

}  // namespace

std::string bash_completion(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("# bash completion for {}\n\n", program.name);
  out.append(live_function(program));
  for (const Program* command : program.commands) out.append(function_of(*command, command->rows()));
  out.append(function_of(program, rows));
  return out.append(fmt::format("complete -F {} {}\n", bash_function(program), program.name));
}

}  // namespace mq
