#include "engine/limit.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mq {
namespace {

// A thread that works for so much of its time has none to spare: what it does later it could not do earlier.
constexpr double busy = 0.9;
// Lateness that a schedule may have at p99 before it counts: what two programs on one core do to each other.
constexpr std::uint64_t little_lag = 5'000;  // microseconds
// Of what a generator can do at best, from which on it is the generator that is measured.
constexpr double near_ceiling = 0.85;
constexpr double much = 0.3;

double busiest_of(const LoadOutcome& outcome) {
  double most = 0;
  for (const ThreadHealth& thread : outcome.threads)
    if (thread.seconds > 0) most = std::max(most, thread.cpu_seconds / thread.seconds);
  return most;
}

bool floods(const Scenario& scenario) {
  return std::ranges::any_of(scenario.populations, [](const Population& population) {
    return (population.publish && population.publish->rate.pace == Pace::flood) ||
           (population.request && population.request->publish.rate.pace == Pace::flood) ||
           (population.churn && population.churn->rate.pace == Pace::flood);
  });
}

}  // namespace

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
