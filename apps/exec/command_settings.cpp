#include "exec/command_settings.hpp"

#include <fmt/core.h>

#include <cstdlib>
#include <utility>

#include "exec/command.hpp"
#include "shared/store.hpp"

namespace mq {

void command_rows(OptionRows& rows, CommandSettings& settings, OptionGroup group, const CommandTexts& texts) {
  rows.push_back({.name = "exec",
                  .value = "COMMAND",
                  .group = group,
                  .summary = texts.summary,
                  .detail = texts.detail,
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (values[0].empty()) return usage("the command is empty");
                    settings.exec = values[0];
                    return {};
                  }});
  rows.push_back({.name = "shell",
                  .group = group,
                  .summary = "have sh run the command of --exec",
                  .detail = "Give the command of --exec to sh -c, with all that a shell does.",
                  .set = store_flag(settings.shell)});
  rows.push_back({.name = "jobs",
                  .value = "N",
                  .group = group,
                  .default_text = "1",
                  .summary = "commands of --exec at once",
                  .detail = texts.jobs_detail,
                  .set = store_number<std::uint32_t>(settings.jobs, 1, 1000)});
}

Result<void> check_command_asked(const CommandSettings& settings) {
  if (!settings.exec.empty()) return {};
  if (settings.shell) return usage("--shell means nothing without --exec");
  return settings.jobs == 1 ? Result<void>() : usage("--jobs means nothing without --exec");
}

Result<void> finish_words(CommandSettings& settings) {
  if (settings.shell) {
    settings.command = {"/bin/sh", "-c", settings.exec};
    return {};
  }
  auto words = split_words(settings.exec);
  if (!words) return usage(fmt::format("--exec: {}", words.error().text));
  settings.command = std::move(*words);
  return {};
}

Result<void> check_command(const CommandSettings& settings, const Log& log) {
  if (settings.command.empty()) return {};
  if (const auto c = shell_character(settings.exec); c && !settings.shell)
    log.warn(fmt::format(
        "no shell looks at --exec: '{}' goes to the command as it stands; --shell hands it to sh", *c));
  return check_program(settings.command.front(), std::getenv("PATH"));
}

}  // namespace mq
