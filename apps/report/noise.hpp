// How much a figure varies by itself, so that a difference of two runs can be told from chance: half the
// width of the interval that holds the difference of two equal sides 95 times out of 100.
#pragma once

#include <optional>
#include <vector>

#include "load/outcome.hpp"
#include "report/metric.hpp"

namespace mq {

struct Noise {
  double half_width = 0;      // in the metric's unit
  double chance = 1;          // that two equal sides differ by at least as much as these
  bool between_runs = false;  // reckoned from runs that were repeated, not only from the course of each
};

// From the metric's values in the intervals of each run, and from how the runs of a side differ; `before` and
// `after` are its values for the sides. nullopt when nothing tells: too few intervals and runs, or, of single
// runs, fewer than three values beyond the percentile.
std::optional<Noise> noise_of_series(const Metric& metric, double before, double after,
                                     const std::vector<LoadOutcome>& before_runs,
                                     const std::vector<LoadOutcome>& after_runs);

// Of events that are counted, a count for each run: rare and independent ones, or as uneven as the runs show.
Noise noise_of_counts(const std::vector<double>& before, const std::vector<double>& after);

}  // namespace mq
