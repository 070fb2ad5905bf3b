#include "shared/man.hpp"

#include <fmt/core.h>

#include "prose/connecting.hpp"
#include "prose/payloads.hpp"
#include "shared/exit_code.hpp"
#include "shared/property_option.hpp"

namespace mq {
namespace {

// Text as roff takes it, on a line that something else begins: a hyphen is what one can type.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out.append("\\e");
    } else if (c == '-') {
      out.append("\\-");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

// Such text in lines of its own, none of which roff could take for a command.
void add_lines(std::string& out, std::string_view text) {
  constexpr std::size_t width = 79;
  std::size_t column = 0;
  for (const std::string_view word : words(text)) {
    if (column > 0 && column + 1 + word.size() > width) {
      out.push_back('\n');
      column = 0;
    }
    if (column > 0) {
      out.push_back(' ');
      ++column;
    } else if (word.starts_with('.') || word.starts_with('\'')) {
      out.append("\\&");
      column = 2;
    }
    out.append(word);
    column += word.size();
  }
  out.push_back('\n');
}

std::string bold(std::string_view text) { return fmt::format("\\fB{}\\fR", roff(text)); }
std::string italic(std::string_view text) { return fmt::format("\\fI{}\\fR", roff(text)); }

std::string heading_of(const OptionRow& row) {
  std::string names = row.letter == '\0' ? std::string() : bold(fmt::format("-{}", row.letter)).append(", ");
  names.append(bold(fmt::format("--{}", row.name)));
  for (const std::string_view alias : words(row.aliases))
    names.append(", ").append(bold(fmt::format("--{}", alias)));
  for (const std::string_view value : words(row.value)) names.append(" ").append(italic(value));
  return names;
}

std::string listed(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) out.append(out.empty() ? "" : ", ").append(bold(name));
  return out;
}

void add_property_names(std::string& out, const OptionRow& row) {
  for (const std::string_view command : words(row.choices)) {
    out.append(".IP\n").append(bold(command)).append(" takes\n");
    add_lines(out, listed(property_names(property_packet(command))).append("."));
  }
}

std::string remarks_of(const OptionRow& row) {
  std::string out;
  if (row.repeats && !row.detail.contains("several times")) out.append(" May be given several times.");
  if (row.v5_only) out.append(" MQTT 5.0 only.");
  if (!row.choices.empty() && row.completion != Completion::property) {
    out.append(fmt::format(" One of {}.", listed(words(row.choices))));
  }
  if (!row.default_text.empty()) out.append(fmt::format(" Default: {}.", bold(row.default_text)));
  return out;
}

std::string options(const OptionRows& rows) {
  std::string out;
  for (const OptionGroup group : option_groups()) {
    bool titled = false;
    for (const OptionRow& row : rows) {
      if (row.group != group) continue;
      if (!titled) out.append(fmt::format(".SS {}\n", title_of(group)));
      titled = true;
      out.append(".TP\n").append(heading_of(row)).append("\n");
      add_lines(out, roff(row.detail).append(remarks_of(row)));
      if (row.completion == Completion::property) add_property_names(out, row);
    }
  }
  return out;
}

std::string commands(const Program& program) {
  std::string out;
  for (const Program* command : program.commands) {
    out.append(fmt::format(".TP\n.B {}\n", roff(called(*command))));
    add_lines(out, fmt::format("{}; see", roff(command->summary)));
    out.append(fmt::format(".BR {} (1).\n", roff(page_of(*command))));
  }
  return out;
}

std::string exit_codes() {
  std::string out;
  for (const ExitRow& row : exit_rows()) {
    out.append(fmt::format(".TP\n.B {}\n", row.code));
    add_lines(out, roff(row.meaning).append("."));
  }
  return out;
}

std::string environment(const OptionRows& rows) {
  std::string out;
  for (const OptionRow& row : rows) {
    for (const std::string_view name : words(row.environment))
      out.append(fmt::format(".TP\n.B {}\nStands for {}.\n", name, bold(fmt::format("--{}", row.name))));
  }
  return out;
}

void replace(std::string& text, std::string_view mark, std::string_view with) {
  for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + with.size())) {
    text.replace(at, mark.size(), with);
  }
}

// A mark stands alone on its line; what replaces it brings its own newlines.
void replace_line(std::string& text, std::string_view mark, std::string_view with) {
  replace(text, std::string(mark).append("\n"), with);
}

}  // namespace

std::string man_page(const Program& program, const OptionRows& rows) {
  std::string page(program.prose);
  replace_line(page, "@COMMANDS@", commands(program));
  replace_line(page, "@OPTIONS@", options(rows));
  replace_line(page, "@EXIT_CODES@", exit_codes());
  replace_line(page, "@CONNECTING@", connecting_prose);
  replace_line(page, "@PAYLOADS@", payloads_prose);
  replace_line(page, "@ENVIRONMENT@", environment(rows));
  replace(page, "@VERSION@", toolkit_version());
  return page;
}

}  // namespace mq
