// The commands of mqtt-bench once they know what they are to do. Each returns the exit code.
#pragma once

#include "bench/settings.hpp"

namespace mq {

int run_bench(BenchSettings& settings);
int run_calibrate(BenchSettings& settings);  // the scenario's ceiling, against the in-process sink
int run_compare(CompareSettings& settings);
int run_report(MergeSettings& settings);
int run_sink(SinkSettings& settings);

}  // namespace mq
