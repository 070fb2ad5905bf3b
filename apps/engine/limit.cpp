#include "engine/limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace mq {
namespace {

// A thread that works for so much of its time has none to spare: what it does later it could not do earlier.
constexpr double busy = 0.9;
// Lateness that a schedule may have at p99 before it counts: what two programs on one core do to each other.
constexpr std::uint64_t little_lag = 5'000;  // microseconds
// Of what a generator can do at best, from which on it is the generator that is measured.
constexpr double near_ceiling = 0.85;
constexpr double much = 0.3;
// Of the connects asked for: what is missing at the edges of a short run.
constexpr double nearly_all = 0.95;

double busiest_of(const LoadOutcome& outcome) {
  double most = 0;
  for (const ThreadHealth& thread : outcome.threads)
    if (thread.seconds > 0) most = std::max(most, thread.cpu_seconds / thread.seconds);
  return most;
}

bool floods(const Scenario& scenario) {
  return std::ranges::any_of(scenario.populations, [](const Population& population) {
    return (population.publish && population.publish->rate.pace == Pace::flood) ||
           (population.request && population.request->publish.rate.pace == Pace::flood);
  });
}

struct ConnectsAsked {
  double per_second = 0;      // 0: as fast as can be
  double most_by_stays = -1;  // what clients can do that stay so long each time; less than 0: anything
};

ConnectsAsked connects_asked(const Scenario& scenario) {
  ConnectsAsked asked;
  for (const Population& population : scenario.populations) {
    const Rate& rate = population.churn ? population.churn->rate : population.connect;
    if (rate.pace == Pace::flood) return {};
    const auto clients = static_cast<double>(population.clients);
    asked.per_second += rate.in_total ? rate.per_second : rate.per_second * clients;
    if (!population.churn || population.churn->stay <= Duration::zero()) continue;
    const double stays = clients / std::chrono::duration<double>(population.churn->stay).count();
    asked.most_by_stays = std::max(asked.most_by_stays, 0.0) + stays;
  }
  // Of a load on several hosts each has its share.
  asked.per_second /= scenario.shard.count;
  asked.most_by_stays /= scenario.shard.count;
  return asked;
}

Limit limit_of_connecting(const LoadOutcome& outcome, const Scenario& scenario, double load,
                          const std::string& threads) {
  const ConnectsAsked asked = connects_asked(scenario);
  const double reached = static_cast<double>(measured(outcome, Count::connects)) / outcome.seconds;
  if (asked.per_second <= 0) {
    const std::string figures = fmt::format("{:.0f} connects/s, and {}", reached, threads);
    if (load >= busy) return {.bound = Bound::generator, .why = figures};
    return {.bound = Bound::server, .why = figures + ", and waited for the server's answers the rest"};
  }
  const std::uint64_t lag = outcome.tally[Latency::lag].due.percentile(99);
  const std::string figures = fmt::format(
      "{:.6g} of {:.6g} connects/s that were asked for, begun within {:.1f} ms at p99; {}",
      std::min(reached, asked.per_second), asked.per_second, static_cast<double>(lag) / 1000, threads);
  // How fast they came is not to be told of few: whoever has begun them all in time was not held up.
  if (lag <= little_lag) return {.bound = Bound::none, .why = figures};
  if (load >= busy) return {.bound = Bound::generator, .why = figures};
  if (asked.most_by_stays >= 0 && asked.most_by_stays < asked.per_second)
    return {.bound = Bound::generator,
            .why = fmt::format("{}; clients that stay so long can come {:.4g} times a second", figures,
                               asked.most_by_stays)};
  if (reached >= nearly_all * asked.per_second) return {.bound = Bound::none, .why = figures};
  return {.bound = Bound::server, .why = figures + ", and waited for the server's answers the rest"};
}

}  // namespace

bool measures_connecting(const Scenario& scenario) {
  const auto& all = scenario.populations;
  const bool talks = std::ranges::any_of(all, [](const Population& population) {
    return population.publish || population.request || population.respond ||
           (population.subscribe && !population.churn);
  });
  return !talks && !all.empty();
}

Limit limit_of(const LoadOutcome& outcome, const SocketTimes& sockets, const LoadPlan& plan) {
  const double load = busiest_of(outcome);
  const std::uint64_t lag = outcome.tally[Latency::lag].due.percentile(99);
  const auto sent = measured(outcome, MessageCount::sent);
  const double rate = outcome.seconds > 0 ? static_cast<double>(sent) / outcome.seconds : 0;
  const bool scheduled = outcome.tally[Latency::lag].due.count() > 0;
  const double peer =
      sockets.busy > 0 ? static_cast<double>(sockets.peer_full) / static_cast<double>(sockets.busy) : 0;
  if (outcome.seconds <= 0) return {.bound = Bound::unknown, .why = "nothing was measured"};
  const std::string threads = fmt::format("the busiest thread worked {:.0f} % of the time", load * 100);
  if (measures_connecting(plan.scenario)) return limit_of_connecting(outcome, plan.scenario, load, threads);
  if (outcome.ceiling && rate >= near_ceiling * *outcome.ceiling)
    return {.bound = Bound::generator,
            .why = fmt::format("{:.0f} messages/s are {:.0f} % of what this generator managed at best", rate,
                               100 * rate / *outcome.ceiling)};
  const std::uint64_t unsent = outcome.tally.all(MessageCount::unsent);
  if (unsent * 100 > outcome.tally.all(MessageCount::sent) + unsent)
    return {.bound = load >= busy ? Bound::generator : Bound::server,
            .why = fmt::format("{} message{} that should have been sent never {}, and {}", unsent,
                               unsent == 1 ? "" : "s", unsent == 1 ? "was" : "were", threads)};
  if (scheduled && !floods(plan.scenario)) {
    if (lag <= little_lag)
      return {.bound = Bound::none,
              .why = fmt::format("what was due was sent within {:.1f} ms at p99; {}",
                                 static_cast<double>(lag) / 1000, threads)};
    if (load >= busy)
      return {.bound = Bound::generator,
              .why = fmt::format("what was due was sent {:.1f} ms late at p99, and {}",
                                 static_cast<double>(lag) / 1000, threads)};
  } else if (load >= busy) {
    return {.bound = Bound::generator, .why = threads};
  }
  if (sockets.retransmitted > 0 && peer < much && sockets.busy > 0)
    return {.bound = Bound::network,
            .why = fmt::format("{}, and {} segments had to be sent again", threads, sockets.retransmitted)};
  if (!scheduled && !floods(plan.scenario)) return {.bound = Bound::none, .why = threads};
  return {.bound = Bound::server,
          .why = peer >= much
                     ? fmt::format("{}, and for {:.0f} % of what it sent the server's window was full",
                                   threads, 100 * peer)
                     : fmt::format("{}, and waited for the server's answers the rest", threads)};
}

}  // namespace mq
