#include "bench/commands.hpp"

#include <fmt/core.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "bench/bench.hpp"
#include "bench/bench_options.hpp"
#include "bench/check.hpp"
#include "bench/rows.hpp"
#include "prose/mqtt_bench.hpp"
#include "shared/client_program.hpp"
#include "shared/help.hpp"
#include "shared/store.hpp"
#include "shared/url.hpp"

namespace mq {
namespace {

const char* variable(const char* name) { return std::getenv(name); }

// From the command line to the command, in the one way that all of them go.
template <class Settings>
int run_parsed(Result<Settings> settings, int argc, char** argv, int (*run)(Settings&)) {
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  const std::span<char*> arguments{argv, static_cast<std::size_t>(argc)};
  if (const auto ended = prepare(settings->connection, arguments)) return *ended;
  return run(*settings);
}

int run_checked(BenchSettings& settings, int (*run)(BenchSettings&)) {
  share_credentials(settings);
  if (auto checked = check_scenario(settings.scenario, settings.connection.log); !checked)
    return settings.connection.log.report(checked.error());
  return run(settings);
}

int bench(BenchSettings& settings) { return run_checked(settings, run_bench); }
int calibrate(BenchSettings& settings) { return run_checked(settings, run_calibrate); }

template <std::size_t Number>
Program load_command() {
  const LoadCommand& command = load_commands()[Number];
  Program program = load_program(command);
  program.rows = [] {
    static LoadSettings settings;
    static General general;
    return load_options(load_commands()[Number], settings, general);
  };
  program.run = [](int argc, char** argv) {
    return run_parsed(parse_load(load_commands()[Number], argc, argv, variable), argc, argv, bench);
  };
  return program;
}

Program with(Program program, int (*run)(int argc, char** argv)) {
  program.run = run;
  return program;
}

std::span<const Program> all_commands() {
  static const std::array commands{
      load_command<0>(),
      load_command<1>(),
      load_command<2>(),
      load_command<3>(),
      load_command<4>(),
      load_command<5>(),
      load_command<6>(),
      load_command<7>(),
      load_command<8>(),
      load_command<9>(),
      with(run_program(),
           [](int argc, char** argv) {
             return run_parsed(parse_run(argc, argv, variable), argc, argv, bench);
           }),
      with(calibrate_program(),
           [](int argc, char** argv) {
             return run_parsed(parse_calibrate(argc, argv, variable), argc, argv, calibrate);
           }),
      with(report_program(),
           [](int argc, char** argv) {
             return run_parsed(parse_report(argc, argv, variable), argc, argv, run_report);
           }),
      with(compare_program(),
           [](int argc, char** argv) {
             return run_parsed(parse_compare(argc, argv, variable), argc, argv, run_compare);
           }),
      with(sink_program(), [](int argc, char** argv) {
        return run_parsed(parse_sink(argc, argv, variable), argc, argv, run_sink);
      })};
  return commands;
}

}  // namespace

const Program& bench_program() {
  static const std::vector<const Program*> commands = [] {
    std::vector<const Program*> all;
    for (const Program& command : all_commands()) all.push_back(&command);
    return all;
  }();
  static const Program program{.name = "mqtt-bench",
                               .summary = "put load on an MQTT server and measure it",
                               .synopsis = "COMMAND [OPTION]...",
                               .prose = mqtt_bench_prose,
                               .commands = commands};
  return program;
}

OptionRows bench_options(General& general, ConnectionSettings& settings) {
  OptionRows all, rows;
  general_options(all, general, settings);
  for (OptionRow& row : all)
    if (has_word("generate help version", row.name)) rows.push_back(std::move(row));
  return rows;
}

Result<ConnectionSettings> parse_bench(int argc, const char* const* argv, const Environment& environment) {
  Result<ConnectionSettings> settings;
  General general;
  const OptionRows rows = bench_options(general, *settings);
  const Program& program = bench_program();
  const auto arguments = arguments_of(argc, argv);
  if (arguments.empty()) {
    settings->answer = help_text(program, rows);
    return settings;
  }
  auto done = read_command_line(program, rows, general, *settings, arguments, environment);
  const std::string_view first = arguments.front();
  if (!done && !first.starts_with('-') && done.error().hint.empty() == false &&
      !done.error().hint.starts_with("did you mean mqtt-bench"))
    done = usage(fmt::format("unknown command {}", quoted_without_secret(first)),
                 "mqtt-bench --help lists all commands");
  if (done && !settings->answer) done = usage("no command", "mqtt-bench --help lists all commands");
  if (!done) return std::unexpected(std::move(done.error()));
  return settings;
}

}  // namespace mq
