// Arbitrary bytes as what report, compare and --baseline read. What is taken for a report can be shown in
// every way, judged, added up and compared; written again it is the same, and is read as the same.
#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/target.hpp"
#include "payload/ink.hpp"
#include "payload/json_text.hpp"
#include "report/compare.hpp"
#include "report/csv.hpp"
#include "report/html.hpp"
#include "report/merge.hpp"
#include "report/open_metrics.hpp"
#include "report/outcome_json.hpp"
#include "report/percentile_text.hpp"
#include "report/text.hpp"
#include "report/threshold.hpp"

namespace {

using namespace mq;

Buffer written(const LoadOutcome& outcome) {
  Buffer text;
  append_outcome(outcome, text);
  return text;
}

void show(const LoadOutcome& outcome) {
  static const std::vector<Threshold> thresholds = [] {
    std::vector<Threshold> made;
    for (const char* text : {"e2e.p99 > 50ms", "lost > 0", "sent_per_s < 1k", "violations > 0"})
      if (auto parsed = parse_threshold(text)) made.push_back(std::move(*parsed));
    require(made.size() >= 2);
    return made;
  }();
  Buffer out;
  Ink ink(out, {.colour = true, .lines = true});
  append_report(outcome, ink);
  const auto verdicts = judge(thresholds, outcome);
  append_verdicts(verdicts, ink);
  append_csv(outcome, out);
  append_page({.outcome = outcome, .earlier = &outcome, .earlier_name = "it", .verdicts = &verdicts}, out);
  append_open_metrics(outcome, 1, out);
  for (const NamedHistogram& each : histograms_of(outcome)) append_percentile_text(*each.histogram, out);
  out += junit_xml(junit_of(verdicts, outcome, nullptr));
  require(out.find('\0') == Buffer::npos);
}

// Against itself: nothing is better, nothing worse.
void compare_with_itself(const LoadOutcome& outcome) {
  const Side side{.name = "side", .runs = {outcome}};
  const Comparison comparison = compare(side, side);
  for (const Difference& difference : comparison.differences)
    require(difference.verdict == Difference::Verdict::noise ||
            difference.verdict == Difference::Verdict::unknown);
  Buffer out;
  Ink ink(out, {.colour = false, .lines = true});
  append_comparison(comparison, ink);
  out.clear();
  append_comparison_json(comparison, out);
  require(is_json(out));
}

// As both halves of a run.
void merge(LoadOutcome outcome) {
  outcome.shards = {{0, 2}};
  LoadOutcome other = outcome;
  other.shards = {{1, 2}};
  other.started += 1'500'000;
  const auto sum = merge_shards({{"a", std::move(outcome)}, {"b", std::move(other)}});
  require(sum.has_value());
  const Buffer text = written(*sum);
  require(is_json(text));
  show(*sum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto outcome = parse_outcome({reinterpret_cast<const char*>(data), size});
  if (!outcome) {
    require(outcome.error().kind == ErrorKind::payload && !outcome.error().text.empty() &&
            outcome.error().text.size() < 2000);
    return 0;
  }
  const Buffer text = written(*outcome);
  const auto again = parse_outcome(text);
  require(again && written(*again) == text);
  show(*outcome);
  compare_with_itself(*outcome);
  merge(*outcome);
  return 0;
}
