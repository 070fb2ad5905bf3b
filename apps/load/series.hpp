// A run over time in bounded memory: while it is short every interval stands by itself; when there are too
// many, neighbours become one, of twice the length. Counts add up exactly, and percentiles are those of the
// added histograms: what longer intervals will need is gathered beside the shorter ones from the beginning.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "load/outcome.hpp"

namespace mq {

// One interval and the next one as a single interval, but for their percentiles.
void join(const Interval& next, Interval& sum);

class Series {
 public:
  // Two hours of seconds.
  static constexpr std::size_t usual_most = 7200;

  // `most`: even.
  explicit Series(std::size_t most = usual_most) : most_(most) {}

  // The next interval of the run, whose percentiles are filled in from `latencies`, goes into `intervals`,
  // which only this changes. The last one there may be shorter than those before it, until the next come.
  void add(const Interval& interval, std::span<const Timing, latency_kinds> latencies,
           std::vector<Interval>& intervals);

 private:
  // A histogram in little memory.
  struct Kept {
    std::vector<Histogram::Bucket> buckets;
    std::uint64_t min = 0, max = 0, clipped = 0;
  };
  // An interval that is not complete.
  struct Open {
    Interval interval;
    std::array<Kept, latency_kinds> due, done;
    std::size_t parts = 0;
  };
  // Intervals of twice the length of those of the level before.
  struct Level {
    std::vector<Interval> complete;
    Open open;
  };

  static void add(const Open& part, Open& sum);
  static Kept kept(const Histogram& histogram);
  static void add(const Kept& part, Kept& sum);
  static Percentiles percentiles_of(const Kept& histogram);
  static void complete(Open& open);
  void pass_on(Open part);
  void coarsen(std::vector<Interval>& intervals);

  std::size_t most_;
  std::size_t parts_ = 1;  // that make one of the intervals that are shown
  bool partial_ = false;   // the last one that is shown is open_
  Open open_;
  std::vector<Level> coarser_;
};

}  // namespace mq
