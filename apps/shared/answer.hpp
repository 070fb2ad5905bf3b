// Prints what was asked of the option machinery (--help, --version, --generate).
#pragma once

#include <string_view>

namespace mq {

// Writes all of it to standard output. Returns the exit code; a reader that has gone (`| head`) is no
// failure.
int print_answer(std::string_view text);

}  // namespace mq
