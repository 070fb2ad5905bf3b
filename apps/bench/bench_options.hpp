// mqtt-bench's command line, for each of its commands.
#pragma once

#include <functional>

#include "base/error.hpp"
#include "bench/scenarios.hpp"
#include "bench/settings.hpp"
#include "shared/command_line.hpp"
#include "shared/common_options.hpp"
#include "shared/program.hpp"

namespace mq {

// argv[0] is the command's name. Everything that can be known before a connection is made is checked, files
// excepted. With settings.connection.answer set, nothing else in the settings counts. Kind usage.
Result<BenchSettings> parse_load(const LoadCommand& command, int argc, const char* const* argv,
                                 const Environment& environment);
// The scenario of a file, which it reads.
Result<BenchSettings> parse_run(int argc, const char* const* argv, const Environment& environment);
// A scenario command's name or a file, then that one's options.
Result<BenchSettings> parse_calibrate(int argc, const char* const* argv, const Environment& environment);
Result<CompareSettings> parse_compare(int argc, const char* const* argv, const Environment& environment);
Result<MergeSettings> parse_report(int argc, const char* const* argv, const Environment& environment);
Result<SinkSettings> parse_sink(int argc, const char* const* argv, const Environment& environment);

OptionRows load_options(const LoadCommand& command, LoadSettings& settings, General& general);
OptionRows run_options(LoadSettings& settings, General& general);
OptionRows compare_options(CompareSettings& settings, General& general);
OptionRows report_options(MergeSettings& settings, General& general);
OptionRows sink_options(SinkSettings& settings, General& general);

// What all runs have in common, once the scenario has its populations: numbers of the clients, name of the
// run, and what can't be together. `settings.bench.connection` is finished. Kind usage.
Result<void> finish_run(LoadSettings& settings);

// What `build` makes the scenario of, which is called twice: what it needs decides how the connection is
// finished, and that what the populations' sessions are. Then finish_run().
Result<void> build_run(LoadSettings& settings, const std::function<Result<void>()>& build);

// After prepare(), which reads passwords: all clients have them.
void share_credentials(BenchSettings& settings);

// The Program of a scenario command, without what runs it.
Program load_program(const LoadCommand& command);
Program run_program();
Program calibrate_program();
Program compare_program();
Program report_program();
Program sink_program();

}  // namespace mq
