#include "shared/parse.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "base/text.hpp"
#include "shared/nearest.hpp"
#include "shared/property_option.hpp"
#include "shared/store.hpp"
#include "shared/url.hpp"

namespace mq {
namespace {

using Arguments = std::span<const char* const>;

// CLI11 keeps what these arguments say once a NUL, which no argument can hold, marks two things:
// - "--message=" is an empty value; CLI11 would take the next argument. It gets a NUL behind it.
// - "-D publish user-property k -v" has one value more than other properties, and it may begin with a dash.
// As there are no
//   positional arguments, a property command followed by "user-property" can't be anything else; NAME and
//   VALUE become one argument, each with a NUL behind it.
// values_of() undoes both. CLI11 takes arguments in reverse order.
std::vector<std::string> prepared(Arguments arguments) {
  std::vector<std::string> reversed;
  reversed.reserve(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string argument(arguments[i]);
    if (argument.starts_with("--") && argument.ends_with('=')) argument.push_back('\0');
    reversed.push_back(std::move(argument));
    const bool pair =
        i + 3 < arguments.size() && takes_pair(arguments[i + 1]) && ends_in_property_command(arguments[i]);
    if (!pair) continue;
    reversed.emplace_back(arguments[i + 1]);
    reversed.push_back(
        std::string(arguments[i + 2]).append(1, '\0').append(arguments[i + 3]).append(1, '\0'));
    i += 3;
  }
  std::ranges::reverse(reversed);
  return reversed;
}

std::vector<std::string> values_of(const std::vector<std::string>& results) {
  std::vector<std::string> values;
  for (std::string_view result : results) {
    if (result.ends_with('\0')) result.remove_suffix(1);
    const std::size_t between = result.find('\0');
    values.emplace_back(result.substr(0, between));
    if (between != result.npos) values.emplace_back(result.substr(between + 1));
  }
  return values;
}

// Whether the row's name can be on the command line: more than that can't be known before the grammar is
// applied. CLI11 compares every new option with all before it, so that only these are shown to it.
bool may_occur(const OptionRow& row, Arguments arguments) {
  for (const std::string_view argument : arguments) {
    if (argument.size() < 2 || argument[0] != '-') continue;
    if (argument[1] != '-') {
      if (row.letter != '\0' && argument.find(row.letter, 1) != argument.npos) return true;
      continue;
    }
    const std::string_view name = argument.substr(2, argument.find('=') - 2);
    if (name == row.name || (!row.aliases.empty() && has_word(row.aliases, name))) return true;
  }
  return false;
}

std::string names_for_cli11(const OptionRow& row) {
  std::string names = std::string("--").append(row.name);
  if (row.letter != '\0') names.append(",-").append(1, row.letter);
  for (const std::string_view alias : words(row.aliases)) names.append(",--").append(alias);
  return names;
}

void add(CLI::App& app, const OptionRow& row, ParsedArguments& parsed) {
  const auto note = [&row, &parsed](const CLI::results_t& results) {
    if (!is_flag(row)) {
      parsed.given.push_back({&row, values_of(results)});
    } else if (results.front() == "true") {
      parsed.given.push_back({&row, {}});
    } else if (!parsed.fault) {
      parsed.fault = usage(fmt::format("{}: takes no value", shown(row))).error();
    }
    return true;
  };
  // No value is ever split: neither at commas nor as "[a,b]", which CLI11 does where extra values are
  // allowed.
  app.add_option(names_for_cli11(row), note)
      ->type_size(static_cast<int>(value_count(row)))
      ->expected(is_flag(row) ? 0 : 1)
      ->allow_extra_args(false)
      ->trigger_on_parse();
}

Error missing_value(std::string_view complaint, const OptionRows& rows) {
  const std::string_view name = complaint.substr(0, complaint.find(':'));
  const OptionRow* row = name.size() > 2 ? find_option(rows, name.substr(2)) : nullptr;
  if (row == nullptr) return usage(std::string(complaint)).error();
  return usage(fmt::format("{}: needs {}", shown(*row), row->value)).error();
}

bool was_given(const ParsedArguments& parsed, std::string_view name) {
  return std::ranges::any_of(parsed.given, [name](const GivenOption& one) { return one.row->name == name; });
}

// "-r 100": -r is --retain here, which takes no value, and --rate to whoever has used other load generators.
bool means_rate(std::string_view argument, Arguments arguments, const ParsedArguments& parsed,
                const OptionRows& rows) {
  const OptionRow* rate = find_option(rows, "rate");
  if (rate == nullptr || was_given(parsed, "rate") || !parse_number<double>(argument)) return false;
  const auto at =
      std::ranges::find(arguments, argument, [](const char* one) { return std::string_view(one); });
  return at != arguments.end() && at != arguments.begin() && std::string_view(*(at - 1)) == "-r";
}

// The option whose value an argument has the looks of; empty: it may be anything.
std::string_view looks_like(std::string_view argument) {
  if (argument.contains("://")) return "url";
  if (argument.ends_with(".toml")) return "config";
  const bool host = argument == "localhost" || (argument.contains('.') && !argument.contains('/'));
  return host ? "host" : "";
}

// What no option took: a name that doesn't exist or a value without an option. There are no positional
// arguments.
Error leftover(std::string_view argument, bool after_end_mark, Arguments arguments,
               const ParsedArguments& parsed, const OptionRows& rows) {
  if (!after_end_mark && argument.size() > 1 && argument.starts_with('-'))
    return unknown_option(argument, rows);
  Error error = usage(fmt::format("unexpected argument {}", quoted_without_secret(argument))).error();
  if (argument == "help") {
    error.hint = "did you mean --help?";
    return error;
  }
  if (means_rate(argument, arguments, parsed, rows)) {
    error.hint = fmt::format("did you mean --rate {}? -r is --retain", quoted(argument));
    return error;
  }
  for (const std::string_view name :
       {looks_like(argument), std::string_view("topic"), std::string_view("message")}) {
    const OptionRow* row = find_option(rows, name);
    if (row == nullptr || was_given(parsed, name)) continue;
    error.hint = fmt::format("did you mean -{} {}?", row->letter, quoted_without_secret(argument));
    return error;
  }
  error.hint = "every value stands behind the option that it belongs to";
  return error;
}

}  // namespace

Error unknown_option(std::string_view typed, const OptionRows& rows) {
  // Without what may be a value, and with that a password: "--pasword=sesame", "-Xsesame".
  std::string_view shown_part = typed.substr(0, typed.find_first_of("=:"));
  if (!shown_part.starts_with("--") && shown_part.starts_with('-')) shown_part = shown_part.substr(0, 2);
  Error error = usage(fmt::format("unknown option {}", quoted(shown_part))).error();
  std::string_view name = typed.substr(0, typed.find('='));
  name.remove_prefix(std::min(name.find_first_not_of('-'), name.size()));
  std::vector<std::string_view> known;
  for (const OptionRow& row : rows) {
    known.push_back(row.name);
    for (const std::string_view alias : words(row.aliases)) known.push_back(alias);
  }
  if (const std::string_view near = nearest(name, known); !near.empty()) {
    error.hint = fmt::format("did you mean --{}?", near);
  } else {
    error.hint = "--help lists all options";
  }
  return error;
}

ParsedArguments parse_arguments(Arguments arguments, const OptionRows& rows, bool operands) {
  ParsedArguments parsed;
  try {
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    for (const OptionRow& row : rows) {
      if (may_occur(row, arguments)) add(app, row, parsed);
    }
    app.parse(prepared(arguments));
    bool after_end_mark = false;
    for (const std::string& argument : app.remaining()) {
      if (!after_end_mark && argument == "--") {
        after_end_mark = true;
        continue;
      }
      if (parsed.fault) break;
      std::string value = values_of({argument}).front();
      if (operands && (after_end_mark || !value.starts_with('-') || value == "-")) {
        parsed.operands.push_back(std::move(value));
        continue;
      }
      parsed.fault = leftover(value, after_end_mark, arguments, parsed, rows);
      if (after_end_mark || !value.starts_with('-')) parsed.stray = std::move(value);
      break;
    }
  } catch (const CLI::ArgumentMismatch& complaint) {
    parsed.fault = missing_value(complaint.what(), rows);
  } catch (const std::exception& complaint) {
    parsed.fault = usage(complaint.what()).error();
  }
  return parsed;
}

}  // namespace mq
