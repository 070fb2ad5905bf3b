#include "shared/store.hpp"
#include "sub/options.hpp"

namespace mq {

void command_options(OptionRows& rows, SubSettings& settings) {
  command_rows(
      rows, settings, OptionGroup::output,
      {.summary = "run a command for each message",
       .detail = "Run this command for each message instead of showing it, the payload on its standard "
                 "input and the rest in its environment. It is split into words as a shell does, "
                 "quotes included, but no shell runs. See COMMANDS.",
       .jobs_detail = "Run up to so many commands at once, 1 to 1000; never two for one topic."});
}

Result<void> finish_command(SubSettings& settings) {
  if (settings.exec.empty()) return check_command_asked(settings);
  if (settings.format || !settings.jq.empty() || settings.output == SubSettings::Output::json)
    return usage("--exec goes with none of -F, --jq and --output", "with --exec messages are not shown");
  if (settings.verbose || settings.no_newline || settings.delimiter != '\n' || settings.pretty)
    return usage("--exec goes with none of -v, -N, -0, --delimiter and --pretty",
                 "with --exec messages are not shown");
  return finish_words(settings);
}

}  // namespace mq
