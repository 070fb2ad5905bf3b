// From argv to stored settings: default < options file < environment < command line. The rows do the storing;
// this file brings them what they are given, in that order, and answers what is asked of the option machinery
// itself.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/error.hpp"
#include "shared/common_options.hpp"
#include "shared/option.hpp"
#include "shared/program.hpp"

namespace mq {

// The value of an environment variable, or nullptr; std::getenv is one.
using Environment = std::function<const char*(const char* name)>;

// `arguments` without the program's name. Reads the options file, nothing else. Sets settings.answer for
// --help, --version and
// --generate, in which case nothing further was looked at. Kind usage.
Result<void> read_command_line(const Program& program, const OptionRows& rows, General& general,
                               ConnectionSettings& settings, std::span<const char* const> arguments,
                               const Environment& environment);

// argv without the program's name.
std::span<const char* const> arguments_of(int argc, const char* const* argv);

// Whether --quiet is on the command line: for the one case in which it can't be known properly, an error in
// the command line.
bool quiet_asked(std::span<const char* const> arguments);

}  // namespace mq
