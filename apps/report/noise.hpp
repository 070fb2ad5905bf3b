// How much a figure varies by itself, so that a difference of two runs can be told from chance: half the
// width of the interval that holds the difference of two equal sides 95 times out of 100.
#pragma once

#include <optional>
#include <vector>

#include "load/outcome.hpp"
#include "report/metric.hpp"

namespace mq {

// From the metric's values in the intervals of each run, and between runs; in the metric's unit at `value`.
// nullopt when nothing tells: too few intervals and runs, or fewer than three values beyond the percentile.
std::optional<double> noise_of_series(const Metric& metric, double value,
                                      const std::vector<LoadOutcome>& before,
                                      const std::vector<LoadOutcome>& after);

// Of events that are rare and independent, given as means over so many runs.
double noise_of_counts(double before, std::size_t before_runs, double after, std::size_t after_runs);

// Student's t for 95 % on both sides.
double students_factor(std::size_t degrees);

}  // namespace mq
