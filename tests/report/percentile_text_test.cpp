// The histogram and its text against an independent implementation: npm's hdr-histogram-js, as
// scripts/setup --ci installs it.
#include "report/percentile_text.hpp"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <sstream>

#include "peers/process.hpp"
#include "report/outcomes.hpp"

using namespace mq;

namespace {

std::string text_of(const Histogram& histogram) {
  Buffer out;
  append_percentile_text(histogram, out);
  return out;
}

using Values = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // and how often each

Values values(std::uint32_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> shape(6 + seed % 5, 2.5);
  Values made;
  for (std::size_t i = 0; i < count; ++i)
    made.emplace_back(
        std::clamp(static_cast<std::uint64_t>(shape(random)), Histogram::least, Histogram::most),
        1 + random() % 3);
  return made;
}

std::string as_input(const Values& values) {
  std::string text;
  for (const auto& [value, times] : values) text += fmt::format("{} {}\n", value, times);
  return text;
}

Histogram recorded(const Values& values) {
  Histogram histogram;
  for (const auto& [value, times] : values) histogram.record(value, times);
  return histogram;
}

// What compare.js tells of a histogram, made of ours. The other one has percentiles that may be above the
// greatest value, as the highest of its bucket.
std::string told(const Histogram& histogram) {
  std::string text = fmt::format("{} {} {}", histogram.count(), histogram.min(), histogram.max());
  const std::uint64_t last = histogram.buckets().back().highest;
  for (const double percent : {10.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99, 99.999, 100.0}) {
    const std::uint64_t value = histogram.percentile(percent);
    text += fmt::format(" {}", value == histogram.max() ? last : value);
  }
  return text + fmt::format("\n{:.6f} {:.6f}\n", histogram.mean(), histogram.standard_deviation()) +
         text_of(histogram) + "\n";
}

std::string modules() { return std::string(MQTTKIT_SOURCE_DIR) + "/build/npm/node_modules"; }

std::string others(const Values& left, const Values& right) {
  const mq::Outcome outcome =
      run({.command = {"node", MQTTKIT_SOURCE_DIR "/tests/npm/histogram.js", modules()},
           .input = Input::bytes,
           .input_bytes = as_input(left) + "\n" + as_input(right)});
  CHECK(outcome.err.empty());
  return outcome.out;
}

void same_lines(const std::string& ours, const std::string& theirs) {
  std::istringstream left(ours), right(theirs);
  std::string a, b;
  for (int line = 1; std::getline(left, a); ++line) {
    CAPTURE(line);
    REQUIRE(std::getline(right, b));
    REQUIRE(a == b);
  }
  CHECK_FALSE(std::getline(right, b));
}

}  // namespace

TEST_CASE("percentiles, mean, deviation, sums and text are those of hdr-histogram-js") {
  if (!std::filesystem::exists(modules() + "/hdr-histogram-js")) {
    MESSAGE("SKIPPED: no hdr-histogram-js; scripts/setup --ci installs it");
    return;
  }
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    const Values left = values(seed, seed * seed * 700);
    const Values right = values(seed + 100, 1000);
    Histogram sum = recorded(left);
    sum.add(recorded(right));
    CAPTURE(seed);
    same_lines(told(recorded(left)) + told(recorded(right)) + told(sum), others(left, right));
  }
  // The least that there can be, and the greatest value.
  const Values one{{1, 1}};
  const Values few{{1, 1}, {2047, 3}, {2048, 1}, {4095, 2}, {Histogram::most, 1}};
  Histogram sum = recorded(one);
  sum.add(recorded(few));
  same_lines(told(recorded(one)) + told(recorded(few)) + told(sum), others(one, few));
}

TEST_CASE("the text has the columns and the footer that readers look for") {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value * 10);
  const std::string text = text_of(histogram);
  CHECK(
      text.starts_with("       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
                       "       0.010 0.000000000000          1           1.00\n"
                       "       0.100 0.100000000000         10           1.11\n"));
  CHECK(text.contains("       0.500 0.500000000000         50           2.00\n"));
  CHECK(
      text.ends_with("       1.000 1.000000000000        100\n"
                     "#[Mean    =        0.505, StdDeviation   =        0.289]\n"
                     "#[Max     =        1.000, Total count    =          100]\n"
                     "#[Buckets =           22, SubBuckets     =         2048]\n"));
  CHECK(text_of(Histogram()) ==
        "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
        "#[Mean    =        0.000, StdDeviation   =        0.000]\n"
        "#[Max     =        0.000, Total count    =            0]\n"
        "#[Buckets =           22, SubBuckets     =         2048]\n");
}

TEST_CASE("a run has a text for each latency, and for uncorrected ones that differ") {
  const LoadOutcome outcome = testing::outcome();
  std::string names;
  for (const NamedHistogram& one : histograms_of(outcome)) names += one.name + " ";
  CHECK(names == "connect subscribe ack ack-uncorrected e2e e2e-uncorrected lag ");
}
