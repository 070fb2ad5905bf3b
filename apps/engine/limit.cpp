#include "engine/limit.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mq {
namespace {

// A thread that works for so much of its time has none to spare: what it does later it could not do earlier.
constexpr double busy = 0.9;
// Of what a generator can do at best, from which on it is the generator that is measured.
constexpr double near_ceiling = 0.85;
constexpr double much = 0.3;
// Who has no processor for so much of its time reads answers late, too.
constexpr double half = 0.5;
// Of the connects asked for: what is missing at the edges of a short run.
constexpr double nearly_all = 0.95;

double lag_ms(std::uint64_t lag) { return static_cast<double>(lag) / 1000; }

bool is_little(std::uint64_t lag) { return std::chrono::microseconds(lag) <= little_lag; }

// What the threads had to do, and whether they could.
struct Work {
  double busiest = 0;  // shares of its time: of the thread that worked most
  double waited = 0;   // of that which waited most for a processor
  bool is_busy = false;
  std::string text;

  bool starved() const { return waited >= half; }
};

Work work_of(const LoadOutcome& outcome) {
  constexpr double worth_telling = 0.05;
  Work work;
  for (const ThreadHealth& thread : outcome.threads) {
    if (thread.seconds <= 0) continue;
    work.busiest = std::max(work.busiest, thread.cpu_seconds / thread.seconds);
    work.waited = std::max(work.waited, thread.waited_seconds / thread.seconds);
    work.is_busy = work.is_busy || (thread.cpu_seconds + thread.waited_seconds >= busy * thread.seconds);
  }
  work.text = fmt::format("the busiest thread worked {:.0f} % of the time", work.busiest * 100);
  if (work.waited >= worth_telling)
    work.text += fmt::format(", and one waited {:.0f} % for a processor", std::min(work.waited, 1.0) * 100);
  return work;
}

// Of something that came late, or of less than what was asked for: it is the server's only if it was that
// what was late waited for.
Limit late_limit(const Work& work, const Delays& delays, const std::string& figures) {
  if (work.is_busy || work.starved()) return {.bound = Bound::generator, .why = figures};
  if (delays.held == 0 || 2 * delays.held < delays.late)
    return {.bound = Bound::generator,
            .why = figures + ": what was late did not wait for the server, but for this machine"};
  return {.bound = Bound::server,
          .why = fmt::format("{}, and {:.0f} % of what was late waited for the server", figures,
                             100 * static_cast<double>(delays.held) / static_cast<double>(delays.late))};
}

std::string_view unit_of(Subject subject) {
  switch (subject) {
    case Subject::answers:
      return "answers";
    case Subject::connections:
      return "connections";
    default:
      return "messages";
  }
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

Limit limit_of_connecting(const LoadOutcome& outcome, const Scenario& scenario, const Work& work,
                          const Delays& delays) {
  const ConnectsAsked asked = connects_asked(scenario);
  const double reached = static_cast<double>(measured(outcome, Count::connects)) / outcome.seconds;
  if (asked.per_second <= 0) {
    const std::string figures = fmt::format("{:.0f} connects/s, and {}", reached, work.text);
    if (work.is_busy || work.starved()) return {.bound = Bound::generator, .why = figures};
    return {.bound = Bound::server, .why = figures + ", and waited for the server's answers the rest"};
  }
  const std::uint64_t lag = outcome.tally[Latency::lag].due.percentile(99);
  const std::string figures =
      fmt::format("{:.6g} of {:.6g} connects/s that were asked for, begun within {:.1f} ms at p99; {}",
                  std::min(reached, asked.per_second), asked.per_second, lag_ms(lag), work.text);
  // How fast they came is not to be told of few: whoever has begun them all in time was not held up.
  if (is_little(lag)) return {.bound = Bound::none, .why = figures};
  if (work.is_busy) return {.bound = Bound::generator, .why = figures};
  if (asked.most_by_stays >= 0 && asked.most_by_stays < asked.per_second)
    return {.bound = Bound::generator,
            .why = fmt::format("{}; clients that stay so long can come {:.4g} times a second", figures,
                               asked.most_by_stays)};
  if (reached >= nearly_all * asked.per_second) return {.bound = Bound::none, .why = figures};
  return late_limit(work, delays, figures);
}

std::optional<Limit> limit_by_ceiling(const LoadOutcome& outcome) {
  if (!outcome.ceiling || !(*outcome.ceiling > 0)) return std::nullopt;
  const Subject subject = subject_of(outcome.tally);
  const double rate = static_cast<double>(measured(outcome, subject)) / outcome.seconds;
  if (rate < near_ceiling * *outcome.ceiling) return std::nullopt;
  return Limit{.bound = Bound::generator,
               .why = fmt::format("{:.0f} {}/s are {:.0f} % of what this generator managed at best", rate,
                                  unit_of(subject), 100 * rate / *outcome.ceiling)};
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

Limit limit_of(const LoadOutcome& outcome, const SocketTimes& sockets, const Delays& delays,
               const LoadPlan& plan) {
  if (!outcome.complete)
    return {.bound = Bound::unknown, .why = "what a lost process has measured is missing"};
  if (outcome.seconds <= 0) return {.bound = Bound::unknown, .why = "nothing was measured"};
  if (auto reached = limit_by_ceiling(outcome)) return *reached;
  const Work work = work_of(outcome);
  const bool connecting = measures_connecting(plan.scenario);
  if (connecting && !outcome.failure) return limit_of_connecting(outcome, plan.scenario, work, delays);
  const std::uint64_t lag = outcome.tally[Latency::lag].due.percentile(99);
  const bool scheduled = outcome.tally[Latency::lag].due.count() > 0;
  const double peer =
      sockets.busy > 0 ? static_cast<double>(sockets.peer_full) / static_cast<double>(sockets.busy) : 0;
  const std::uint64_t unsent = outcome.tally.all(MessageCount::unsent);
  if (unsent * 100 > outcome.tally.all(MessageCount::sent) + outcome.tally[Count::requests] + unsent) {
    const std::string figures =
        fmt::format("{} message{} that should have been sent never {}, and {}", unsent,
                    unsent == 1 ? "" : "s", unsent == 1 ? "was" : "were", work.text);
    // Who has no schedule sent as soon as there was room, and whose server was gone never could.
    if (scheduled && !outcome.failure) return late_limit(work, delays, figures);
    return {.bound = work.is_busy ? Bound::generator : Bound::server, .why = figures};
  }
  // Beyond that, a load that failed is no measure of anything.
  if (outcome.failure) return {.bound = Bound::unknown, .why = "the run failed"};
  std::optional<Limit> late;
  if (scheduled && !floods(plan.scenario)) {
    if (is_little(lag))
      return {
          .bound = Bound::none,
          .why = fmt::format("what was due was sent within {:.1f} ms at p99; {}", lag_ms(lag), work.text)};
    const std::string figures =
        fmt::format("what was due was sent {:.1f} ms late at p99, and {}", lag_ms(lag), work.text);
    late = late_limit(work, delays, figures);
    if (late->bound == Bound::generator) return *late;
  } else if (work.is_busy || work.starved()) {
    return {.bound = Bound::generator, .why = work.text};
  }
  if (sockets.retransmitted > 0 && peer < much && sockets.busy > 0)
    return {.bound = Bound::network,
            .why = fmt::format("{}, and {} segments had to be sent again", work.text, sockets.retransmitted)};
  if (!scheduled && !floods(plan.scenario)) return {.bound = Bound::none, .why = work.text};
  if (late && peer < much) return *late;
  return {.bound = Bound::server,
          .why = peer >= much
                     ? fmt::format("{}, and for {:.0f} % of what it sent the server's window was full",
                                   work.text, 100 * peer)
                     : fmt::format("{}, and waited for the server's answers the rest", work.text)};
}

}  // namespace mq
