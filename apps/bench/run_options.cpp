// Scenarios of files, and measuring the tool itself.
#include <fmt/core.h>

#include <utility>

#include "bench/bench_options.hpp"
#include "bench/rows.hpp"
#include "bench/scenario_file.hpp"
#include "prose/mqtt_bench_calibrate.hpp"
#include "prose/mqtt_bench_run.hpp"
#include "shared/nearest.hpp"
#include "shared/store.hpp"

namespace mq {

OptionRows run_options(LoadSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(96);
  settings.bench.connection.client.session.client_id = "bench-{run}-{client}";
  run_rows(rows, settings);
  report_rows(rows, settings.bench.report);
  live_rows(rows, settings.bench.report);
  connection_rows(rows, settings, false, false);
  bench_general_rows(rows, general, settings.bench.connection);
  return rows;
}

Program run_program() {
  return {.name = "mqtt-bench",
          .command = "run",
          .summary = "carry out the scenario that a file describes",
          .synopsis = "[OPTION]... FILE.toml",
          .operands = true,
          .prose = mqtt_bench_run_prose,
          .rows = [] {
            static LoadSettings settings;
            static General general;
            return run_options(settings, general);
          }};
}

Program calibrate_program() {
  Program program = run_program();
  program.command = "calibrate";
  program.summary = "find out how fast the generator itself is here";
  program.synopsis = "SCENARIO [OPTION]...\nFILE.toml [OPTION]...";
  program.prose = mqtt_bench_calibrate_prose;
  return program;
}

Result<BenchSettings> parse_run(int argc, const char* const* argv, const Environment& environment) {
  LoadSettings settings;
  BenchSettings& bench = settings.bench;
  General general;
  const OptionRows rows = run_options(settings, general);
  store_defaults(rows, settings);
  auto done = read_command_line(run_program(), rows, general, bench.connection, arguments_of(argc, argv),
                                environment);
  if (!done) return std::unexpected(std::move(done.error()));
  if (bench.connection.answer) return std::move(bench);
  if (general.operands.size() != 1)
    return usage(general.operands.empty() ? "no scenario to carry out" : "one scenario at a time",
                 "mqtt-bench run FILE.toml");
  const std::string& file = general.operands.front();
  auto root = read_toml(file, "the scenario");
  if (!root) return std::unexpected(std::move(root.error()));
  done = build_run(settings, [&] { return take_scenario(*root, file, settings); });
  if (!done) return std::unexpected(std::move(done.error()));
  return std::move(bench);
}

Result<BenchSettings> parse_calibrate(int argc, const char* const* argv, const Environment& environment) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (const LoadCommand* command = find_load_command(what))
    return parse_load(*command, argc - 1, argv + 1, environment);
  if (!what.starts_with('-') && (what.ends_with(".toml") || what.contains('/')))
    return parse_run(argc, argv, environment);
  // Help, or something wrong.
  BenchSettings bench;
  LoadSettings settings;
  General general;
  const OptionRows rows = run_options(settings, general);
  auto done = read_command_line(calibrate_program(), rows, general, settings.bench.connection,
                                arguments_of(argc, argv), environment);
  if (!done) return std::unexpected(std::move(done.error()));
  if (settings.bench.connection.answer) return std::move(settings.bench);
  std::vector<std::string_view> names;
  for (const LoadCommand& command : load_commands()) names.push_back(command.name);
  const std::string_view near = nearest(what, names);
  if (what.empty() || what.starts_with('-'))
    return usage("no scenario to calibrate with", "such as mqtt-bench calibrate pubsub, or a FILE.toml");
  return usage(fmt::format("there is no scenario {}", quoted(what)),
               near.empty() ? "mqtt-bench --help lists them; a file ends in .toml"
                            : fmt::format("did you mean {}?", near));
}

}  // namespace mq
