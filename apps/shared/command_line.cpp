#include "shared/command_line.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "shared/completion.hpp"
#include "shared/help.hpp"
#include "shared/man.hpp"
#include "shared/options_file.hpp"
#include "shared/parse.hpp"
#include "shared/secrets.hpp"
#include "shared/shell_question.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

using Arguments = std::span<const char* const>;

// Empty counts as not set, for variables too: shells make no difference between them that people would see.
std::string variable(const Environment& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string() : std::string(value);
}

// $XDG_CONFIG_HOME or ~/.config; empty when neither is known.
std::string configuration_folder(const Environment& environment) {
  std::string path = variable(environment, "XDG_CONFIG_HOME");
  if (!path.empty()) return path;
  path = variable(environment, "HOME");
  return path.empty() ? path : path.append("/.config");
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
  if (given.row->needs_tls) {
    settings.tls = true;
    // What stands in files and the environment for all servers may go unused with one of them.
    if (origin.empty() && !settings.needs_tls) settings.needs_tls = shown(*given.row);
  }
  return {};
}

// Whether a file shows others what they must not see: a password, alone or in a URL.
bool holds_secret(const std::vector<FileOption>& options) {
  return std::ranges::any_of(options, [](const FileOption& one) {
    const auto& values = one.option.values;
    return !values.empty() && !secret_part(*one.option.row, values).empty();
  });
}

Result<void> store_file(const OptionRows& rows, const std::string& path, bool required,
                        ConnectionSettings& settings) {
  ++settings.source;
  const auto text = read_options_file(path, required);
  if (!text) return std::unexpected(text.error());
  const auto options = parse_options_file(*text, path, rows);
  if (!options) return std::unexpected(options.error());
  if (holds_secret(*options) && others_can_read(path)) {
    return fail(ErrorKind::usage, fmt::format("{} holds a password and others can read it", path), 0,
                fmt::format("chmod 600 {}", path));
  }
  for (const FileOption& one : *options) {
    if (auto stored = store(one.option, fmt::format("{}:{}: ", path, one.line), settings); !stored)
      return stored;
  }
  return {};
}

// The profile, then the program's own file.
Result<void> store_files(const Program& program, const OptionRows& rows, const General& general,
                         const Environment& environment, ConnectionSettings& settings) {
  const std::string folder = configuration_folder(environment);
  const bool profile_asked = !general.profile.empty();
  if (profile_asked && folder.empty())
    return fail(ErrorKind::usage, "--profile: neither XDG_CONFIG_HOME nor HOME is set");
  // What all programs begin with is about servers.
  if (!folder.empty() && (profile_asked || find_option(rows, "host") != nullptr)) {
    const std::string path =
        fmt::format("{}/mqttkit/{}.conf", folder, profile_asked ? general.profile : "default");
    if (auto stored = store_file(rows, path, profile_asked, settings); !stored) return stored;
  }
  if (!general.options_file.empty()) return store_file(rows, general.options_file, true, settings);
  return folder.empty() ? Result<void>()
                        : store_file(rows, fmt::format("{}/{}", folder, page_of(program)), false, settings);
}

Result<void> store_environment(const OptionRows& rows, const Environment& environment,
                               ConnectionSettings& settings) {
  ++settings.source;
  for (const OptionRow& row : rows) {
    for (const std::string_view name : words(row.environment)) {
      const std::string value = variable(environment, std::string(name).c_str());
      if (value.empty()) continue;
      if (auto stored = store({&row, {value}}, fmt::format("{}: ", name), settings); !stored) return stored;
      break;
    }
  }
  return {};
}

void note_secret(const GivenOption& given, ConnectionSettings& settings) {
  const std::string_view secret = secret_part(*given.row, given.values);
  if (secret.empty()) return;
  for (const std::string& value : given.values) {
    if (secret.data() < value.data() || secret.data() >= value.data() + value.size()) continue;
    settings.shown_secrets.push_back(
        {value, static_cast<std::size_t>(secret.data() - value.data()), secret.size()});
  }
}

Result<void> store_given(const std::vector<GivenOption>& given, bool command_line_only,
                         ConnectionSettings& settings) {
  ++settings.source;
  for (const GivenOption& one : given) {
    if (one.row->command_line_only != command_line_only) continue;
    if (!one.values.empty()) note_secret(one, settings);
    if (auto stored = store(one, "", settings); !stored) return stored;
  }
  return {};
}

std::optional<std::string> answer(const Program& program, const OptionRows& rows, const General& general) {
  if (general.help) return help_text(program, rows);
  if (general.version) return fmt::format("{} (mqttkit) {}\n", program.name, toolkit_version());
  if (general.generate == "man") return man_page(program, rows);
  if (!program.command.empty()) return std::nullopt;
  if (general.generate == "bash") return bash_completion(program, rows);
  if (general.generate == "zsh") return zsh_completion(program, rows);
  if (general.generate == "fish") return fish_completion(program, rows);
  return std::nullopt;
}

// What the words amount to as far as they go: of what is not finished or wrong nothing is said.
void take_question(const Program& program, const OptionRows& rows, General& general,
                   ConnectionSettings& settings, ShellQuestion question, const Environment& environment) {
  settings.answer.emplace();
  if (question.what == ShellQuestion::What::nothing) return;
  if (question.what == ShellQuestion::What::profiles) {
    const std::string folder = configuration_folder(environment);
    if (!folder.empty()) settings.answer = shell_answer(question, profiles_in(folder + "/mqttkit"));
    return;
  }
  std::vector<const char*> words;
  for (const std::string& word : question.words) words.push_back(word.c_str());
  const ParsedArguments parsed = parse_arguments(words, rows, program.operands);
  for (const GivenOption& one : parsed.given)
    if (one.row->command_line_only && !store(one, "", settings)) return;
  std::error_code ignored;  // a pipe would be waited for
  if (!general.options_file.empty() && !std::filesystem::is_regular_file(general.options_file, ignored))
    return;
  if (!store_files(program, rows, general, environment, settings) ||
      !store_environment(rows, environment, settings))
    return;
  ++settings.source;
  for (const GivenOption& one : parsed.given) {
    if (one.row->command_line_only) continue;
    const bool about_server = one.row->group == OptionGroup::connection || one.row->group == OptionGroup::tls;
    if (!store(one, "", settings) && about_server) return;  // another server than the one that is meant
  }
  settings.question = std::move(question);
}

// What is wrong with the command line, where it may be a command.
Error fault_of(const Program& program, Arguments arguments, ParsedArguments parsed) {
  if (parsed.stray) {
    const bool first = *parsed.stray == arguments[0];
    if (auto error = misplaced_command(program, *parsed.stray, first)) return *std::move(error);
  }
  return *std::move(parsed.fault);
}

}  // namespace

Result<void> read_command_line(const Program& program, const OptionRows& rows, General& general,
                               ConnectionSettings& settings, Arguments arguments,
                               const Environment& environment) {
  if (is_shell_question(arguments)) {
    take_question(program, rows, general, settings,
                  read_shell_question(arguments, program.command.empty() ? 1 : 2,
                                      variable(environment, "MQTTKIT_COMPLETE_TOPICS")),
                  environment);
    return {};
  }
  ParsedArguments parsed = parse_arguments(arguments, rows, program.operands);
  auto asked = store_given(parsed.given, true, settings);
  // Whoever asks for help gets it, whatever else is wrong.
  settings.answer = answer(program, rows, general);
  if (settings.answer) return {};
  if (!program.command.empty() && !general.generate.empty())
    return usage(fmt::format("--generate {}: completions are those of the whole program", general.generate),
                 fmt::format("{} --generate {}", program.name, general.generate));
  if (parsed.fault) return std::unexpected(fault_of(program, arguments, std::move(parsed)));
  if (!asked) return asked;
  general.operands = std::move(parsed.operands);

  if (auto stored = store_files(program, rows, general, environment, settings); !stored) return stored;
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
