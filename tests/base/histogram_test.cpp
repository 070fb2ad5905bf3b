// Histogram against the sorted values themselves.
#include "base/histogram.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace mq;

namespace {

// From microseconds to minutes, as latencies spread.
std::vector<std::uint64_t> latencies(std::uint32_t seed, std::size_t count) {
  std::mt19937 random(seed);
  std::lognormal_distribution<double> spread(6, 3);
  std::vector<std::uint64_t> values;
  while (values.size() < count)
    values.push_back(
        std::clamp(static_cast<std::uint64_t>(spread(random)), Histogram::least, Histogram::most));
  return values;
}

bool within_a_thousandth(std::uint64_t found, std::uint64_t value) {
  return found >= value && static_cast<double>(found - value) <= static_cast<double>(value) / 1000;
}

}  // namespace

TEST_CASE("percentiles are those of the sorted values, within a thousandth") {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    std::vector<std::uint64_t> values = latencies(seed, 1 + seed * 997);
    Histogram histogram;
    for (const std::uint64_t value : values) histogram.record(value);
    std::ranges::sort(values);
    CHECK(histogram.count() == values.size());
    CHECK(histogram.min() == values.front());
    CHECK(histogram.max() == values.back());
    for (const double percent : {0.0, 1.0, 50.0, 90.0, 99.0, 99.9, 99.999, 100.0}) {
      const auto rank = static_cast<std::size_t>(
          std::max(1.0, std::ceil(percent / 100 * static_cast<double>(values.size()))));
      CAPTURE(percent);
      CHECK(within_a_thousandth(histogram.percentile(percent), values[rank - 1]));
    }
    double sum = 0;
    for (const std::uint64_t value : values) sum += static_cast<double>(value);
    const double mean = sum / static_cast<double>(values.size());
    CHECK(histogram.mean() == doctest::Approx(mean).epsilon(0.001));
    double squares = 0;
    for (const std::uint64_t value : values)
      squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
    CHECK(histogram.standard_deviation() ==
          doctest::Approx(std::sqrt(squares / static_cast<double>(values.size()))).epsilon(0.002));
  }
}

TEST_CASE("a share that is a whole number of values is not rounded up") {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 1000; ++value) histogram.record(value);
  for (std::uint64_t tenths = 1; tenths <= 1000; ++tenths)
    CHECK(histogram.percentile(static_cast<double>(tenths) / 10) == tenths);
}

TEST_CASE("two histograms added are one of all values") {
  Histogram left, right, both;
  for (const std::uint64_t value : latencies(1, 1000)) {
    left.record(value);
    both.record(value);
  }
  for (const std::uint64_t value : latencies(2, 500)) {
    right.record(value, 3);
    both.record(value, 3);
  }
  left.add(right);
  CHECK(left.count() == 2500);
  CHECK(left.min() == both.min());
  CHECK(left.max() == both.max());
  for (const double percent : {10.0, 50.0, 99.0}) CHECK(left.percentile(percent) == both.percentile(percent));
  left.clear();
  CHECK(left.count() == 0);
  CHECK(left.percentile(50) == 0);
}

TEST_CASE("what is outside the range counts as its end, and is counted") {
  Histogram histogram;
  histogram.record(0);
  histogram.record(Histogram::most + 1, 2);
  histogram.record(7, 0);
  CHECK(histogram.count() == 3);
  CHECK(histogram.clipped() == 3);
  CHECK(histogram.min() == Histogram::least);
  CHECK(histogram.max() == Histogram::most);
}

TEST_CASE("buckets follow on each other without a gap: 1 to 2048 alone, then ever wider") {
  Histogram histogram;
  for (std::uint64_t value = 1; value < 10000; ++value) histogram.record(value);
  std::uint64_t before = 0;
  for (const Histogram::Bucket& bucket : histogram.buckets()) {
    CHECK(bucket.times == std::min(bucket.highest, std::uint64_t{9999}) - before);
    before = bucket.highest;
  }
  CHECK(before >= 9999);
  CHECK(histogram.buckets().size() == 2047 + 1024 + 1024 + (10000 - 8192 + 7) / 8);
}

TEST_CASE("a histogram comes back from its buckets as it was, and goes on") {
  for (const std::size_t count : {0U, 1U, 2U, 5000U}) {
    Histogram histogram;
    for (const std::uint64_t value : latencies(3, count)) histogram.record(value);
    if (count > 2) histogram.record(Histogram::most + 1, 7);
    auto back =
        Histogram::restored(histogram.buckets(), histogram.min(), histogram.max(), histogram.clipped());
    REQUIRE(back);
    CHECK(*back == histogram);
    back->record(12345);
    CHECK_FALSE(*back == histogram);
    histogram.record(12345);
    CHECK(*back == histogram);
  }
}

TEST_CASE("buckets that no histogram has are refused") {
  using Buckets = std::vector<Histogram::Bucket>;
  const auto restores = [](const Buckets& buckets, std::uint64_t min, std::uint64_t max,
                           std::uint64_t clipped = 0) {
    return Histogram::restored(buckets, min, max, clipped).has_value();
  };
  constexpr std::uint64_t all = ~std::uint64_t{0};
  CHECK(restores({}, 0, 0));
  CHECK_FALSE(restores({}, 1, 1));
  CHECK(restores({{5, 2}, {2049, 1}}, 5, 2048, 3));
  CHECK_FALSE(restores({{5, 2}, {2049, 1}}, 5, 2048, 4));  // more clipped than recorded
  CHECK_FALSE(restores({{5, 2}, {2048, 1}}, 5, 2048));     // not the highest of its bucket
  CHECK_FALSE(restores({{2049, 1}, {5, 2}}, 5, 2048));     // not in order
  CHECK_FALSE(restores({{5, 2}, {5, 2}}, 5, 5));
  CHECK_FALSE(restores({{5, 0}}, 5, 5));
  CHECK_FALSE(restores({{0, 1}}, 0, 0));
  CHECK_FALSE(restores({{5, 1}}, 4, 5));
  CHECK_FALSE(restores({{5, 1}}, 5, 6));
  CHECK_FALSE(restores({{5, all}, {6, 1}}, 5, 6));
  CHECK_FALSE(restores({{all, 1}}, 5, 5));
  CHECK_FALSE(restores({{2049, 2}}, 2049, 2048));
}
