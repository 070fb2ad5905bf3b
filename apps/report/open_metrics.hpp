// What a run has shown so far as OpenMetrics 1.0 text, which Prometheus and others read while it goes on.
// Names begin with mqttkit_bench_; units are seconds and bytes. Latencies are histograms with coarse buckets,
// and summaries with exact quantiles.
#pragma once

#include "base/bytes.hpp"
#include "load/outcome.hpp"
#include "shared/exposition.hpp"

namespace mq {

// `open`: connections at this moment.
void append_open_metrics(const LoadOutcome& outcome, std::uint64_t open, Buffer& out);

}  // namespace mq
