// Where the outcome of a run goes: the report on standard output, and the files that were asked for.
#pragma once

#include <vector>

#include "bench/settings.hpp"
#include "load/outcome.hpp"
#include "report/threshold.hpp"
#include "shared/log.hpp"

namespace mq {

// To standard output; that nobody reads it any more is no error. Kind io.
Result<void> write_out(Bytes text);

// The conditions of --fail-if. Kind usage.
Result<std::vector<Threshold>> thresholds_of(const ReportSettings& settings);
// The earlier run of --baseline. Kinds usage, io and payload.
Result<std::optional<LoadOutcome>> baseline_of(const ReportSettings& settings);

// Writes all of it; returns the exit code that the outcome is worth: 0, 9 for a broken threshold, or that of
// what could not be written, which is told.
int put_out(const LoadOutcome& outcome, const std::optional<LoadOutcome>& baseline,
            const std::vector<Threshold>& thresholds, const ReportSettings& settings, const Log& log);
// A run that came to no outcome, for --junit.
void put_out_failure(const Error& failure, const std::vector<Threshold>& thresholds,
                     const ReportSettings& settings, const Log& log);

}  // namespace mq
