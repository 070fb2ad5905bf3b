// Which charts a page has, and what is in them.
#pragma once

#include <optional>
#include <vector>

#include "load/outcome.hpp"
#include "report/chart.hpp"

namespace mq {

// Over time, then by value; with an earlier run's curves in them when there is one.
std::vector<Chart> charts_of(const LoadOutcome& outcome, const LoadOutcome* earlier);

}  // namespace mq
