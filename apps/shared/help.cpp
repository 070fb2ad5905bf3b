#include "shared/help.hpp"

#include <fmt/core.h>

#include "shared/exit_code.hpp"

namespace mq {
namespace {

constexpr std::size_t width = 80;
constexpr std::size_t margin = 30;  // where the summaries begin

// `text` appended in lines that begin at column `left`, the first of them where `out` stands.
void wrap(std::string& out, std::string_view text, std::size_t left) {
  std::size_t column = left;
  for (const std::string_view word : words(text)) {
    if (column > left && column + 1 + word.size() > width) {
      out.append("\n").append(left, ' ');
      column = left;
    }
    if (column > left) {
      out.push_back(' ');
      ++column;
    }
    out.append(word);
    column += word.size();
  }
  out.push_back('\n');
}

void add_command(std::string& out, const Program& command) {
  out.append(fmt::format("  {:<{}}", command.command, margin - 2));
  wrap(out, command.summary, margin);
}

void add_row(std::string& out, const OptionRow& row) {
  std::string names = row.letter == '\0' ? "      --" : fmt::format("  -{}, --", row.letter);
  names.append(row.name);
  if (!is_flag(row)) names.append(" ").append(row.value);
  out.append(names);
  if (names.size() + 2 > margin) {
    out.append("\n").append(margin, ' ');
  } else {
    out.append(margin - names.size(), ' ');
  }
  std::string summary(row.summary);
  if (!row.default_text.empty()) summary.append(" [").append(row.default_text).append("]");
  wrap(out, summary, margin);
}

}  // namespace

std::string help_text(const Program& program, const OptionRows& rows) {
  std::string out = fmt::format("{} - {}\n\n", called(program), program.summary);
  std::string_view forms = program.synopsis;
  for (std::string_view lead = "Usage: "; !forms.empty(); lead = "       ") {
    const std::size_t end = std::min(forms.find('\n'), forms.size());
    out.append(fmt::format("{}{} {}\n", lead, called(program), forms.substr(0, end)));
    forms.remove_prefix(std::min(end + 1, forms.size()));
  }
  if (!program.commands.empty()) out.append("\nCommands, each with a --help of its own:\n");
  for (const Program* command : program.commands) add_command(out, *command);
  for (const OptionGroup group : option_groups()) {
    bool titled = false;
    for (const OptionRow& row : rows) {
      if (row.group != group) continue;
      if (!titled) out.append(fmt::format("\n{}:\n", title_of(group)));
      titled = true;
      add_row(out, row);
    }
  }
  std::string codes = "Exit status:";
  for (const ExitRow& row : exit_rows()) {
    codes.append(fmt::format("{} {} {}", row.code == 0 ? "" : ",", row.code, row.name));
  }
  out.push_back('\n');
  wrap(out, codes, 0);
  wrap(out, fmt::format("The manual page {}(1) tells the rest; --generate man prints it.", page_of(program)),
       0);
  return out;
}

}  // namespace mq
