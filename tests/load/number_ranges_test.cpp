#include "load/number_ranges.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace mq;

TEST_CASE("ranges of numbers are what a set of all of them is") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 100; ++round) {
    NumberRanges ranges;
    std::set<std::uint64_t> all;
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t first = random() % 300;
      if (random() % 3 == 0) {
        REQUIRE(ranges.take(first) == (all.erase(first) > 0));
        continue;
      }
      const std::uint64_t last = first + random() % 5;
      ranges.add({.first = first, .last = last});
      for (std::uint64_t number = first; number <= last; ++number) all.insert(number);
    }
    std::set<std::uint64_t> told;
    std::uint64_t before = 0;
    for (const auto& [first, last] : ranges.ranges()) {
      REQUIRE(first <= last);
      // Apart from each other.
      if (!told.empty()) REQUIRE(first > before + 1);
      before = last;
      for (std::uint64_t number = first; number <= last; ++number) told.insert(number);
    }
    CHECK(told == all);
    for (std::uint64_t number = 0; number < 310; ++number)
      REQUIRE(ranges.contains(number) == all.contains(number));
    CHECK(ranges.known_from() == 0);
  }
}

TEST_CASE("beyond the bound the lower half is forgotten") {
  NumberRanges ranges;
  for (std::uint64_t i = 0; i <= NumberRanges::most; ++i) ranges.add(2 * i);
  CHECK(ranges.ranges().size() <= NumberRanges::most / 2 + 1);
  CHECK(ranges.known_from() == NumberRanges::most);
  ranges.add(0);
  CHECK_FALSE(ranges.contains(0));
  ranges.add({.first = 0, .last = NumberRanges::most + 1});
  CHECK(ranges.contains(NumberRanges::most + 1));
  CHECK_FALSE(ranges.contains(NumberRanges::most - 1));
}
