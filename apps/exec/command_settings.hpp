// What the options of a command that runs for messages amount to (--exec, --shell, --jobs), and their rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "shared/log.hpp"
#include "shared/option.hpp"

namespace mq {

struct CommandSettings {
  std::string exec;                  // --exec; empty: none
  bool shell = false;                // --shell: it is for sh
  std::vector<std::string> command;  // its words, found by finish_words()
  std::uint32_t jobs = 1;            // --jobs: commands at once
};

// What a program says of --exec and --jobs; all static.
struct CommandTexts {
  std::string_view summary, detail, jobs_detail;
};

void command_rows(OptionRows& rows, CommandSettings& settings, OptionGroup group, const CommandTexts& texts);

// Options that mean nothing without --exec. Kind usage.
Result<void> check_command_asked(const CommandSettings& settings);
// Finds the words of --exec. Kind usage.
Result<void> finish_words(CommandSettings& settings);
// Whether they can be started; warns of what looks as if it were meant for a shell. Kind usage.
Result<void> check_command(const CommandSettings& settings, const Log& log);

}  // namespace mq
