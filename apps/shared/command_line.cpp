#include "shared/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "shared/completion.hpp"
#include "shared/help.hpp"
#include "shared/man.hpp"
#include "shared/options_file.hpp"
#include "shared/parse.hpp"

namespace mq {
namespace {

using Arguments = std::span<const char* const>;

// Empty counts as not set, for variables too: shells make no difference between them that people would see.
std::string variable(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string() : std::string(value);
}

// $XDG_CONFIG_HOME/NAME or ~/.config/NAME; empty when neither directory is known.
std::string default_options_file(const Program& program, const Environment& environment) {
  std::string path = variable(environment, "XDG_CONFIG_HOME");
  if (path.empty()) {
    path = variable(environment, "HOME");
    if (path.empty()) return path;
    path.append("/.config");
  }
  return path.append("/").append(program.name);
}

// Stores one option. `origin` goes before the text of an error.
Result<void> store(const GivenOption& given, std::string_view origin, ConnectionSettings& settings) {
  const std::vector<std::string_view> values(given.values.begin(), given.values.end());
  auto stored = given.row->set(values);
  if (!stored) {
    Error error = std::move(stored.error());
    error.kind = ErrorKind::usage;
    error.text = fmt::format("{}{}: {}", origin, shown(*given.row), error.text);
    return std::unexpected(std::move(error));
  }
  if (given.row->v5_only && !settings.needs_v5) settings.needs_v5 = shown(*given.row);
  return {};
}

Result<void> store_file(const OptionRows& rows, const std::string& path, bool required,
                        ConnectionSettings& settings) {
  const auto text = read_options_file(path, required);
  if (!text) return std::unexpected(text.error());
  const auto options = parse_options_file(*text, path, rows);
  if (!options) return std::unexpected(options.error());
  for (const FileOption& one : *options) {
    if (auto stored = store(one.option, fmt::format("{}:{}: ", path, one.line), settings); !stored)
      return stored;
  }
  return {};
}

Result<void> store_environment(const OptionRows& rows, const Environment& environment,
                               ConnectionSettings& settings) {
  for (const OptionRow& row : rows) {
    if (row.environment.empty()) continue;
    const std::string value = variable(environment, row.environment.data());
    if (value.empty()) continue;
    if (auto stored = store({&row, {value}}, fmt::format("{}: ", row.environment), settings); !stored)
      return stored;
  }
  return {};
}

Result<void> store_given(const std::vector<GivenOption>& given, bool command_line_only,
                         ConnectionSettings& settings) {
  for (const GivenOption& one : given) {
    if (one.row->command_line_only != command_line_only) continue;
    if (auto stored = store(one, "", settings); !stored) return stored;
  }
  return {};
}

std::optional<std::string> answer(const Program& program, const OptionRows& rows, const General& general) {
  if (general.help) return help_text(program, rows);
  if (general.version) return fmt::format("{} (mqttkit) {}\n", program.name, toolkit_version());
  if (general.generate == "man") return man_page(program, rows);
  if (general.generate == "bash") return bash_completion(program, rows);
  if (general.generate == "zsh") return zsh_completion(program, rows);
  if (general.generate == "fish") return fish_completion(program, rows);
  return std::nullopt;
}

}  // namespace

Result<void> read_command_line(const Program& program, const OptionRows& rows, General& general,
                               ConnectionSettings& settings, Arguments arguments,
                               const Environment& environment) {
  ParsedArguments parsed = parse_arguments(arguments, rows);
  auto asked = store_given(parsed.given, true, settings);
  // Whoever asks for help gets it, whatever else is wrong.
  settings.answer = answer(program, rows, general);
  if (settings.answer) return {};
  if (parsed.fault) return std::unexpected(*std::move(parsed.fault));
  if (!asked) return asked;

  const bool required = !general.options_file.empty();
  const std::string path = required ? general.options_file : default_options_file(program, environment);
  if (!path.empty()) {
    if (auto stored = store_file(rows, path, required, settings); !stored) return stored;
  }
  if (auto stored = store_environment(rows, environment, settings); !stored) return stored;
  return store_given(parsed.given, false, settings);
}

Arguments arguments_of(int argc, const char* const* argv) {
  return argc < 1 ? Arguments{} : Arguments{argv + 1, static_cast<std::size_t>(argc - 1)};
}

bool quiet_asked(Arguments arguments) {
  return std::ranges::any_of(arguments, [](std::string_view argument) { return argument == "--quiet"; });
}

}  // namespace mq
