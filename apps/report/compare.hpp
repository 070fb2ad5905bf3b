// Two sides, of one or more runs each, beside each other: rates, latencies and counts, how much they differ,
// and whether that is more than the runs vary by themselves.
//
// The noise of a figure is what its values over the runs' intervals (in batches, since neighbours resemble
// each other; latencies by their logarithm and weighted by messages) and over the runs of a side tell: half
// the interval that holds the difference of equal sides 95 times in 100. It is never below what histograms
// resolve. Of some thirty figures one or two are beyond their noise by chance: better and worse is said only
// of those that are beyond it when all are looked at together (Benjamini and Hochberg, 5 %), and only where a
// side has more than one run, since runs differ by more than the course of one shows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "load/outcome.hpp"
#include "payload/ink.hpp"
#include "report/metric.hpp"
#include "report/noise.hpp"

namespace mq {

struct Side {
  std::string name;  // as it was given: "a.json,b.json"
  std::vector<LoadOutcome> runs;
};

// Files with commas between them; shards of one run become that run.
Result<Side> read_side(std::string_view files);

struct Difference {
  enum class Verdict : std::uint8_t {
    noise,    // not more than the noise
    perhaps,  // more than it, which may be chance: among many figures, or of single runs
    better,   // more than it
    worse,    //
    changed,  // more than it, for figures that are neither good nor bad
    unknown   // nothing tells how much it varies
  };
  Metric metric;
  std::optional<double> before{}, after{};  // of a side's runs together; counts for each run
  std::optional<Noise> noise{};
  Verdict verdict = Verdict::unknown;
};

struct Comparison {
  std::string before, after;  // the sides' names
  std::vector<std::string> before_runs, after_runs;
  std::vector<Difference> differences;
  std::vector<std::string> notes;  // what makes the sides hard to compare
};

Comparison compare(const Side& before, const Side& after);

// A table for people; one object as JSON, with its newline.
void append_comparison(const Comparison& comparison, Ink& ink);
void append_comparison_json(const Comparison& comparison, Buffer& out);

std::string change_text(const Difference& difference);  // "+5.4 %", "+3"; empty when a side lacks it
std::string noise_text(const Difference& difference);   // "0.8 %"; empty when it is not known
std::string_view verdict_text(Difference::Verdict verdict);

}  // namespace mq
