// What a run is failed for: --fail-if 'e2e.p99 > 50ms'. A condition names a figure (metric.hpp), compares it
// and fails the run when it holds; and also when the figure is not known, since nothing would then have been
// shown. Durations need their unit, numbers may have k, M or G (powers of 1000).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "load/outcome.hpp"
#include "payload/ink.hpp"
#include "report/metric.hpp"
#include "shared/junit.hpp"

namespace mq {

struct Threshold {
  enum class Compare : std::uint8_t { less, at_most, more, at_least, equal, unequal };
  std::string text;  // as it was written
  Metric metric;
  Compare compare = Compare::more;
  double limit = 0;  // in the metric's unit; of times microseconds
};

// Kind usage, with a hint.
Result<Threshold> parse_threshold(std::string_view text);

struct Verdict {
  std::string condition;        // as it was written
  std::optional<double> value;  // nullopt: not known
  bool broken = false;          // the run fails
  std::string sentence;         // "e2e.p99 is 61.2 ms", "e2e.p99 was not measured"
};
std::vector<Verdict> judge(const std::vector<Threshold>& thresholds, const LoadOutcome& outcome);

// A line for each: "failed   e2e.p99 > 50ms: it is 61.2 ms".
void append_verdicts(const std::vector<Verdict>& verdicts, Ink& ink);

// Kind threshold, in one sentence, when any is broken.
Result<void> result_of(const std::vector<Verdict>& verdicts);

// One case for each; without any, one that says how the run ended. `failure`: nullptr unless the run itself
// failed: then nothing could be found out.
JunitSuite junit_of(const std::vector<Verdict>& verdicts, const LoadOutcome& outcome, const Error* failure);

}  // namespace mq
