#include "bench/bench_options.hpp"

#include <fmt/core.h>

#include <chrono>
#include <limits>
#include <utility>

#include "bench/quantities.hpp"
#include "bench/rows.hpp"
#include "shared/random.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr unsigned most_rows = 140;

// What the command line can't say of one client must not stand in a URL either.
Result<void> check_urls(const ConnectionSettings& connection) {
  if (!connection.url_topic) return {};
  return usage("a URL with a topic is for one client", "give the topic with -t");
}

// A user property takes 5.0, and so does a request whose payload does not say which one it is.
void need_v5(LoadSettings& settings) {
  ConnectionSettings& connection = settings.bench.connection;
  if (connection.needs_v5) return;
  for (const Population& population : settings.bench.scenario.populations) {
    if (population.publish && population.publish->stamp == StampPlace::user_property)
      connection.needs_v5 = "a stamp in a user property (--stamp property)";
    if (population.request && population.request->publish.stamp != StampPlace::payload)
      connection.needs_v5 = "a request whose payload has no stamp";
  }
}

std::uint32_t chance() { return static_cast<std::uint32_t>(Random().next()); }

Result<void> name_run(LoadSettings& settings) {
  BenchSettings& bench = settings.bench;
  Scenario& scenario = bench.scenario;
  const bool shared = scenario.shard.count > 1;
  if (!settings.run_name.empty()) {
    scenario.run = run_number(settings.run_name);
  } else if (shared && (!bench.report.title.empty() || bench.start_at)) {
    const auto moment = bench.start_at ? bench.start_at->time_since_epoch().count() : 0;
    scenario.run = run_number(fmt::format("{} at {}", bench.report.title, moment));
  } else if (shared || !bench.connection.client.session.clean_start) {
    return usage(
        shared ? "all shards need the same name of the run" : "sessions are found again by the run's name",
        "give --run NAME");
  } else {
    scenario.run = chance();
  }
  return {};
}

Result<void> number_clients(Scenario& scenario) {
  std::uint64_t next = 0;
  for (Population& population : scenario.populations) {
    population.first_client = next;
    next += population.clients;
  }
  if (next > std::numeric_limits<std::uint32_t>::max())
    return usage(fmt::format("{} clients are too many", next));
  for (const Population& population : scenario.populations)
    if (population.clients < scenario.shard.count && scenario.shard.count > 1 &&
        population.clients <= scenario.shard.index && scenario.populations.size() == 1)
      return usage(fmt::format("shard {}/{} of {} clients has none", scenario.shard.index,
                               scenario.shard.count, population.clients));
  return {};
}

Result<void> check_ends(const LoadSettings& settings) {
  const Scenario& scenario = settings.bench.scenario;
  if (scenario.duration && *scenario.duration <= Duration::zero())
    return usage("a duration of 0 measures nothing");
  return {};
}

}  // namespace

void share_credentials(BenchSettings& settings) {
  const SessionConfig& read = settings.connection.client.session;
  for (Population& population : settings.scenario.populations) {
    population.session.user_name = read.user_name;
    population.session.password = read.password;
  }
}

OptionRows load_options(const LoadCommand& command, LoadSettings& settings, General& general) {
  OptionRows rows;
  rows.reserve(most_rows);
  settings.bench.connection.client.session.client_id = "bench-{run}-{client}";
  command.rows(rows, settings);
  run_rows(rows, settings);
  report_rows(rows, settings.bench.report);
  live_rows(rows, settings.bench.report);
  connection_rows(rows, settings, command.publishes, command.subscribes);
  bench_general_rows(rows, general, settings.bench.connection);
  return rows;
}

Result<void> finish_run(LoadSettings& settings) {
  BenchSettings& bench = settings.bench;
  Scenario& scenario = bench.scenario;
  if (auto checked = check_urls(bench.connection); !checked) return checked;
  if (auto numbered = number_clients(scenario); !numbered) return numbered;
  if (auto named = name_run(settings); !named) return named;
  if (auto checked = check_ends(settings); !checked) return checked;
  if (bench.processes > 1 && scenario.shard.count > 1)
    return usage("--processes does not go with --shard",
                 "each process has a shard, or one shard has several threads");
  if (auto checked = check_places(settings.publish_properties, "publish"); !checked) return checked;
  return check_places(settings.subscribe_properties, "subscribe");
}

Result<void> build_run(LoadSettings& settings, const std::function<Result<void>()>& build) {
  Scenario& scenario = settings.bench.scenario;
  if (auto built = build(); !built) return built;
  need_v5(settings);
  if (auto finished = finish(settings.bench.connection); !finished) return finished;
  scenario.populations.clear();
  if (auto built = build(); !built) return built;
  if (auto finished = finish_run(settings); !finished) return finished;
  scenario.warm_up = settings.warm_up;
  if (scenario.duration) *scenario.duration += settings.warm_up;
  return {};
}

Program load_program(const LoadCommand& command) {
  return {.name = "mqtt-bench",
          .command = command.name,
          .summary = command.summary,
          .synopsis = "[OPTION]...",
          .prose = command.prose};
}

Result<BenchSettings> parse_load(const LoadCommand& command, int argc, const char* const* argv,
                                 const Environment& environment) {
  LoadSettings settings;
  BenchSettings& bench = settings.bench;
  General general;
  const OptionRows rows = load_options(command, settings, general);
  store_defaults(rows, settings);
  const Program program = load_program(command);
  auto done =
      read_command_line(program, rows, general, bench.connection, arguments_of(argc, argv), environment);
  if (done && !bench.connection.answer) {
    bench.scenario.name = command.name;
    bench.scenario.drain = settings.drain;
    done = build_run(settings, [&] { return command.build(settings, bench.scenario); });
  }
  if (!done) return std::unexpected(std::move(done.error()));
  return std::move(bench);
}

}  // namespace mq
