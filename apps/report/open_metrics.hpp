// What a run has shown so far as OpenMetrics 1.0 text, which Prometheus and others read while it goes on.
// Names begin with mqttkit_bench_; units are seconds and bytes. Latencies are histograms with coarse buckets,
// and summaries with exact quantiles.
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "load/outcome.hpp"

namespace mq {

inline constexpr std::string_view open_metrics_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

// `open`: connections at this moment.
void append_open_metrics(const LoadOutcome& outcome, std::uint64_t open, Buffer& out);

}  // namespace mq
