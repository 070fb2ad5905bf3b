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

}  // namespace mq
