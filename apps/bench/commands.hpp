// The program mqtt-bench and its commands, in the order in which help shows them.
#pragma once

#include "base/error.hpp"
#include "bench/settings.hpp"
#include "shared/command_line.hpp"
#include "shared/program.hpp"

namespace mq {

const Program& bench_program();
OptionRows bench_options(General& general, ConnectionSettings& settings);

// The program without a command: help, version, completions. With `answer` set all went well.
Result<ConnectionSettings> parse_bench(int argc, const char* const* argv, const Environment& environment);

}  // namespace mq
