#include <fmt/core.h>

#include "shared/common_options.hpp"
#include "shared/store.hpp"

namespace mq {

void general_options(OptionRows& rows, General& general, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::general;
  rows.push_back({.letter = 'd',
                  .name = "debug",
                  .group = group,
                  .summary = "show every packet on standard error",
                  .detail = "Show every packet that is sent or received, one a line, on standard error.",
                  .set = store_flag(settings.debug)});
  rows.push_back({.name = "quiet",
                  .group = group,
                  .summary = "no text of errors or warnings",
                  .detail = "Write no errors and no warnings; the exit status tells all the same.",
                  .set = store_flag(settings.log.quiet)});
  rows.push_back({.name = "log-format",
                  .value = "FORMAT",
                  .group = group,
                  .default_text = "text",
                  .choices = "text json",
                  .summary = "how to write errors and notices: text or json",
                  .detail =
                      "How errors, warnings and notices of lost and regained connections are written to "
                      "standard error: as text, or as JSON, one object a line.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (!has_word("text json", values[0]))
                      return usage(fmt::format("{} is neither text nor json", quoted(values[0])));
                    settings.log.json = values[0] == "json";
                    return {};
                  }});
  rows.push_back({.name = "profile",
                  .value = "NAME",
                  .group = group,
                  .completion = Completion::profile,
                  .command_line_only = true,
                  .summary = "read options from the profile NAME",
                  .detail =
                      "Read options from $XDG_CONFIG_HOME/mqttkit/NAME.conf (~/.config by default), one a "
                      "line as in an options file. Without it default.conf is read, if there is one. A "
                      "profile that holds a password must be readable by nobody else.",
                  .set = [&general](OptionValues values) -> Result<void> {
                    if (values[0].empty() || values[0].starts_with('.') || values[0].contains('/'))
                      return usage(fmt::format("{} is no name of a profile", quoted(values[0])));
                    general.profile = std::string(values[0]);
                    return {};
                  }});
  rows.push_back({.letter = 'o',
                  .name = "options-file",
                  .value = "FILE",
                  .group = group,
                  .completion = Completion::file,
                  .command_line_only = true,
                  .summary = "read options from FILE, not from the default file",
                  .detail = "Read options from this file instead of the default one, which see under FILES.",
                  .set = store_path(general.options_file)});
  rows.push_back(
      {.name = "generate",
       .value = "WHAT",
       .group = group,
       .choices = "man bash zsh fish",
       .command_line_only = true,
       .summary = "print the man page or a shell's completion",
       .detail = "Print this manual page (man) or the completion for a shell (bash, zsh, fish) on standard "
                 "output.",
       .set = [&general](OptionValues values) -> Result<void> {
         if (!has_word("man bash zsh fish", values[0])) {
           return usage(fmt::format("{} is none of man, bash, zsh, fish", quoted(values[0])));
         }
         general.generate = std::string(values[0]);
         return {};
       }});
  rows.push_back({.name = "help",
                  .group = group,
                  .command_line_only = true,
                  .summary = "print this help",
                  .detail = "Print a summary of the options on standard output.",
                  .set = store_flag(general.help)});
  rows.push_back({.name = "version",
                  .group = group,
                  .command_line_only = true,
                  .summary = "print the version",
                  .detail = "Print the program's name and version on standard output.",
                  .set = store_flag(general.version)});
}

}  // namespace mq
