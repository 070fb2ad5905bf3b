#include "load/series.hpp"

#include <utility>

namespace mq {

void join(const Interval& next, Interval& sum) {
  sum.at = next.at;
  sum.seconds += next.seconds;
  sum.measured = sum.measured && next.measured;
  sum.open = next.open;
  for (std::size_t i = 0; i < count_kinds; ++i) sum.counts[i] += next.counts[i];
  for (std::size_t i = 0; i < message_count_kinds; ++i) sum.messages[i] += next.messages[i];
}

Series::Kept Series::kept(const Histogram& histogram) {
  return {histogram.buckets(), histogram.min(), histogram.max(), histogram.clipped()};
}

void Series::add(const Kept& part, Kept& sum) {
  if (part.buckets.empty()) return;
  if (sum.buckets.empty()) {
    sum = part;
    return;
  }
  auto all = Histogram::restored(sum.buckets, sum.min, sum.max, sum.clipped);
  const auto more = Histogram::restored(part.buckets, part.min, part.max, part.clipped);
  if (!all || !more) return;
  all->add(*more);
  sum = kept(*all);
}

Percentiles Series::percentiles_of(const Kept& histogram) {
  const auto whole = Histogram::restored(histogram.buckets, histogram.min, histogram.max, histogram.clipped);
  return whole ? percentiles(*whole) : Percentiles();
}

void Series::add(const Open& part, Open& sum) {
  if (sum.parts == 0) {
    sum = part;
    sum.parts = 1;
    return;
  }
  join(part.interval, sum.interval);
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    add(part.due[i], sum.due[i]);
    add(part.done[i], sum.done[i]);
  }
  ++sum.parts;
}

void Series::complete(Open& open) {
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    open.interval.due[i] = percentiles_of(open.due[i]);
    open.interval.done[i] = percentiles_of(open.done[i]);
  }
}

// Of a complete interval that is shown, to all levels that it completes an interval of.
void Series::pass_on(Open part) {
  for (std::size_t i = 0;; ++i) {
    if (i == coarser_.size()) coarser_.emplace_back();
    Open& open = coarser_[i].open;
    add(part, open);
    if (open.parts < 2) return;
    complete(open);
    coarser_[i].complete.push_back(open.interval);
    part = std::exchange(open, {});
  }
}

void Series::coarsen(std::vector<Interval>& intervals) {
  Level next = std::move(coarser_.front());
  coarser_.erase(coarser_.begin());
  intervals = std::move(next.complete);
  open_ = std::move(next.open);
  open_.parts *= parts_;
  parts_ *= 2;
}

void Series::add(const Interval& interval, std::span<const Timing, latency_kinds> latencies,
                 std::vector<Interval>& intervals) {
  Open part{.interval = interval, .due = {}, .done = {}, .parts = 1};
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    part.due[i] = kept(latencies[i].due);
    part.done[i] = kept(latencies[i].done);
  }
  if (std::exchange(partial_, false)) intervals.pop_back();
  add(part, open_);
  complete(open_);
  intervals.push_back(open_.interval);
  partial_ = open_.parts < parts_;
  if (partial_) return;
  pass_on(std::exchange(open_, {}));
  if (intervals.size() >= most_) coarsen(intervals);
}

}  // namespace mq
