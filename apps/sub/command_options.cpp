#include <fmt/format.h>

#include "shared/store.hpp"
#include "sub/command.hpp"
#include "sub/options.hpp"

namespace mq {

void command_options(OptionRows& rows, SubSettings& settings) {
  constexpr auto group = OptionGroup::output;
  rows.push_back({.name = "exec",
                  .value = "COMMAND",
                  .group = group,
                  .summary = "run a command for each message",
                  .detail =
                      "Run this command for each message instead of showing it, the payload on its standard "
                      "input and the rest in its environment. It is split into words as a shell does, "
                      "quotes included, but no shell runs. See COMMANDS.",
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
                  .detail = "Run up to so many commands at once, 1 to 1000; never two for one topic.",
                  .set = store_number<std::uint32_t>(settings.jobs, 1, 1000)});
}

Result<void> finish_command(SubSettings& settings) {
  if (settings.exec.empty()) {
    if (settings.shell) return usage("--shell means nothing without --exec");
    return settings.jobs == 1 ? Result<void>() : usage("--jobs means nothing without --exec");
  }
  if (settings.format || !settings.jq.empty() || settings.output == SubSettings::Output::json)
    return usage("--exec goes with none of -F, --jq and --output", "with --exec messages are not shown");
  if (settings.verbose || settings.no_newline || settings.delimiter != '\n' || settings.pretty)
    return usage("--exec goes with none of -v, -N, -0, --delimiter and --pretty",
                 "with --exec messages are not shown");
  if (settings.shell) {
    settings.command = {"/bin/sh", "-c", settings.exec};
    return {};
  }
  auto words = split_words(settings.exec);
  if (!words) return usage(fmt::format("--exec: {}", words.error().text));
  settings.command = std::move(*words);
  return {};
}

}  // namespace mq
