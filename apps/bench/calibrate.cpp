#include "bench/calibrate.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "bench/bench.hpp"
#include "bench/launch.hpp"
#include "bench/outputs.hpp"
#include "bench/watching.hpp"
#include "engine/limit.hpp"
#include "report/amounts.hpp"
#include "report/rates.hpp"
#include "report/sentences.hpp"
#include "shared/client_program.hpp"
#include "shared/exit_code.hpp"
#include "shared/store.hpp"
#include "sink/sink.hpp"

namespace mq {
namespace {

// Enough to see what a machine can do.
constexpr auto longest = std::chrono::seconds(3);

void flood(Rate& rate) { rate = {.pace = Pace::flood, .per_second = 0, .in_total = false, .burst = 1}; }

bool has_schedule(const Scenario& scenario) {
  return std::ranges::any_of(scenario.populations, [](const Population& population) {
    return (population.publish && population.publish->rate.pace != Pace::flood) ||
           (population.request && population.request->publish.rate.pace != Pace::flood);
  });
}

// A load of which a part failed shows what failed, not what this machine can do.
Result<void> is_sound(const LoadOutcome& outcome, bool flooded) {
  const Tally& tally = outcome.tally;
  const std::uint64_t failed =
      tally[Count::connect_failures] + tally[Count::refused] + tally[Count::connections_lost];
  if (failed == 0 && !outcome.failure && (!flooded || rate_of(outcome) > 0)) return {};
  std::string text = "calibration failed: ";
  if (failed > 0)
    text += fmt::format("{} of {} connections failed or were lost", failed, tally[Count::connects]);
  else
    text += outcome.failure ? outcome.failure->text : "nothing was measured";
  const auto errors = errors_by_count(outcome);
  return fail(ErrorKind::connect, std::move(text), 0,
              errors.empty() ? "" : "most often: " + std::string(errors.front().text));
}

Scenario shortened(Scenario scenario, bool flooded) {
  scenario.warm_up = {};
  scenario.duration = std::min<Duration>(scenario.duration.value_or(longest), longest);
  for (Population& population : scenario.populations) {
    flood(population.connect);
    if (!flooded) continue;
    scenario.stages.clear();
    if (population.publish) flood(population.publish->rate);
    if (population.request) flood(population.request->publish.rate);
    if (population.churn) flood(population.churn->rate);
    // By time alone: a count may be over before anything can be measured.
    if (population.publish) population.publish->count = 0;
    if (population.request) population.request->publish.count = 0;
    if (population.churn) population.churn->count = 0;
    if (population.subscribe) population.subscribe->count = 0;
  }
  return scenario;
}

}  // namespace

Result<void> can_calibrate(const Scenario& scenario) {
  const bool acts = std::ranges::any_of(scenario.populations, [](const Population& population) {
    return population.publish || population.request || population.churn;
  });
  if (acts || measures_connecting(scenario)) return {};
  return usage("there is nothing to calibrate: no client of this load sends, asks, or comes and goes",
               "calibrate what sends to these clients, such as pubsub");
}

double rate_of(const LoadOutcome& outcome) {
  const RateRow& row = main_rate(outcome.tally);
  return rate(outcome, row);
}

Result<LoadOutcome> against_sink(const BenchSettings& settings, bool flooded, RunOwner& owner, int& signal) {
  BenchSettings own = settings;
  own.scenario = shortened(std::move(own.scenario), flooded);
  own.start_at.reset();
  auto sink = Sink::listen({});
  if (!sink) return std::unexpected(std::move(sink.error()));
  Target target{.endpoint = Endpoint{"127.0.0.1", (*sink)->port(), {}}, .address = {}, .proxied = false};
  target.address = *numeric_address("127.0.0.1", (*sink)->port());
  auto outcome =
      launch(own, {.targets = {target}, .sink = sink->get(), .signals = true, .metrics = {}, .ceiling = {}},
             owner, signal);
  if (signal == 0)
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_DFL);  // the next run begins
  if (!outcome || signal != 0) return outcome;
  if (auto sound = is_sound(*outcome, flooded); !sound) return std::unexpected(std::move(sound.error()));
  return outcome;
}

int run_calibrate(BenchSettings& settings) {
  const Log& log = settings.connection.log;
  if (auto can = can_calibrate(settings.scenario); !can) return log.report(can.error());
  Watching owner(settings);
  int signal = 0;
  std::string text;
  if (has_schedule(settings.scenario)) {
    auto scheduled = against_sink(settings, false, owner, signal);
    owner.end();
    if (!scheduled) return log.report(scheduled.error());
    if (signal != 0) return exit_code_of_signal(signal);
    const Latency kind = main_latency(scheduled->tally).value_or(Latency::connect);
    const Histogram& latency = scheduled->tally[kind].due;
    const Histogram& lag = scheduled->tally[Latency::lag].due;
    text += fmt::format("at its rate of {}/s:  schedule lag p50 {}, p99 {}; {} p50 {}, p99 {}\n",
                        grouped(static_cast<std::uint64_t>(rate_of(*scheduled))),
                        time_text(static_cast<double>(lag.percentile(50))),
                        time_text(static_cast<double>(lag.percentile(99))),
                        latency_rows()[static_cast<std::size_t>(kind)].title,
                        time_text(static_cast<double>(latency.percentile(50))),
                        time_text(static_cast<double>(latency.percentile(99))));
  }
  auto flooded = against_sink(settings, true, owner, signal);
  owner.end();
  if (!flooded) return log.report(flooded.error());
  if (signal != 0) return exit_code_of_signal(signal);
  flooded->version = toolkit_version();
  flooded->ceiling = rate_of(*flooded);
  if (settings.report.json || !settings.report.json_file.empty())
    return put_out(*flooded, std::nullopt, {}, settings.report, log);
  const RateRow& row = main_rate(flooded->tally);
  text += fmt::format("as fast as can be:  {} {}/s, the ceiling of this machine with {}\n",
                      grouped(static_cast<std::uint64_t>(rate_of(*flooded))),
                      row.unit == "msg" ? "messages" : row.unit, so_many(flooded->threads.size(), "thread"));
  if (auto written = write_out(text); !written) return log.report(written.error());
  return exit_done;
}

}  // namespace mq
