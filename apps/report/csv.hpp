// A run over time as CSV: a row for each interval, for spreadsheets and plots. The header has the figures'
// names with their units; what was never seen in the run has no column. Counts are those of the interval.
#pragma once

#include "base/bytes.hpp"
#include "load/outcome.hpp"

namespace mq {

void append_csv(const LoadOutcome& outcome, Buffer& out);

}  // namespace mq
