#include "load/outcome.hpp"

#include <algorithm>

namespace mq {

Percentiles percentiles(const Histogram& histogram) {
  return {.count = histogram.count(),
          .p50 = histogram.percentile(50),
          .p90 = histogram.percentile(90),
          .p99 = histogram.percentile(99),
          .p999 = histogram.percentile(99.9),
          .max = histogram.max()};
}

void account(LoadOutcome& outcome) {
  Tally& tally = outcome.tally;
  // What was not acknowledged may have arrived or not; messages without a stamp can't be told apart.
  outcome.accounted = tally.all(MessageCount::unacknowledged) == 0 &&
                      (tally.all(MessageCount::received) > 0 || tally[Count::unstamped] == 0);
  for (int qos = 0; qos < 3; ++qos) {
    const std::uint64_t expected = tally.at(qos, MessageCount::expected);
    const std::uint64_t received = tally.at(qos, MessageCount::received);
    tally.at(qos, MessageCount::lost) = expected > received ? expected - received : 0;
    outcome.accounted = outcome.accounted && received <= expected;
  }
  if (outcome.complete) return;
  // What a process that was lost has received nobody knows.
  outcome.accounted = false;
  for (int qos = 0; qos < 3; ++qos) tally.at(qos, MessageCount::lost) = 0;
}

Subject subject_of(const Tally& tally) {
  if (tally.all(MessageCount::sent) > 0) return Subject::sent;
  if (tally.all(MessageCount::received) > 0) return Subject::received;
  if (tally[Count::answers] > 0) return Subject::answers;
  if (tally[Count::unstamped] > 0) return Subject::foreign;
  return tally[Count::connects] > 0 ? Subject::connections : Subject::sent;
}

std::uint64_t measured(const LoadOutcome& outcome, Count kind) {
  const std::uint64_t all = outcome.tally[kind];
  return all - std::min(all, outcome.outside[kind]);
}

std::uint64_t measured(const LoadOutcome& outcome, MessageCount kind, int qos) {
  std::uint64_t sum = 0;
  for (int i = 0; i <= 2; ++i) {
    if (qos >= 0 && qos != i) continue;
    const std::uint64_t all = outcome.tally.at(i, kind);
    sum += all - std::min(all, outcome.outside.at(i, kind));
  }
  return sum;
}

std::uint64_t measured(const LoadOutcome& outcome, Subject subject) {
  switch (subject) {
    case Subject::sent:
      return measured(outcome, MessageCount::sent);
    case Subject::received:
      return measured(outcome, MessageCount::received);
    case Subject::answers:
      return measured(outcome, Count::answers);
    case Subject::connections:
      return measured(outcome, Count::connected);
    case Subject::foreign:
      return measured(outcome, Count::unstamped);
  }
  return 0;
}

}  // namespace mq
