// A histogram as HdrHistogram's percentile text (.hgrm), which its plotter and many other tools read: the
// value at ever finer percentiles, in milliseconds with three decimals, and a footer. What other
// implementations write of the same values is the same, line by line.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/histogram.hpp"
#include "load/outcome.hpp"

namespace mq {

void append_percentile_text(const Histogram& histogram, Buffer& out);

// The histograms of a run that have values, each with a word for its file's name: "e2e", "e2e-uncorrected".
// Uncorrected ones only where they tell something else.
struct NamedHistogram {
  std::string name;
  const Histogram* histogram;
};
std::vector<NamedHistogram> histograms_of(const LoadOutcome& outcome);

}  // namespace mq
