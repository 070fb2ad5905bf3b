#include "load/sequence.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

using namespace mq;

TEST_CASE("a sequence tells what is missing, doubled and late, as a set of all numbers does") {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    // Numbers in order, then some dropped, doubled, moved.
    std::vector<std::uint64_t> stream;
    const std::uint64_t size = 1 + random() % 300;
    for (std::uint64_t i = 0; i < size; ++i) {
      if (random() % 10 == 0) continue;
      stream.push_back(i);
      if (random() % 10 == 0) stream.insert(stream.begin() + static_cast<long>(random() % stream.size()), i);
      if (random() % 10 == 0) std::swap(stream[random() % stream.size()], stream.back());
    }
    Sequence sequence;
    std::set<std::uint64_t> seen;
    for (const std::uint64_t number : stream) {
      const bool fresh = seen.empty() || number > *seen.rbegin();
      const auto expected = seen.contains(number) ? Sequence::Arrival::duplicate
                            : fresh               ? Sequence::Arrival::fresh
                                                  : Sequence::Arrival::late;
      REQUIRE(sequence.take(number) == expected);
      seen.insert(number);
    }
    std::set<std::uint64_t> missing;
    for (const auto& [first, last] : sequence.missing())
      for (std::uint64_t i = first; i <= last; ++i) missing.insert(i);
    const std::uint64_t end = seen.empty() ? 0 : *seen.rbegin() + 1;
    CHECK(sequence.next() == end);
    CHECK(missing.size() + seen.size() == end);
    CHECK(std::ranges::none_of(missing, [&](std::uint64_t number) { return seen.contains(number); }));
  }
}

TEST_CASE("ten thousand numbers that come in two halves are all late and none is doubled") {
  Sequence sequence;
  for (std::uint64_t i = 0; i < 5000; ++i) REQUIRE(sequence.take(2 * i + 1) == Sequence::Arrival::fresh);
  for (std::uint64_t i = 0; i < 5000; ++i) REQUIRE(sequence.take(2 * i) == Sequence::Arrival::late);
  CHECK(sequence.missing().empty());
  CHECK(sequence.known_from() == 0);
  CHECK(sequence.take(4711) == Sequence::Arrival::duplicate);
}

TEST_CASE("gaps are bounded: of what had to be forgotten it is not known what it is, and nothing grows") {
  Sequence sequence;
  for (std::uint64_t i = 0; i < 100'000; ++i) REQUIRE(sequence.take(2 * i + 1) == Sequence::Arrival::fresh);
  CHECK(sequence.missing().size() <= NumberRanges::most);
  CHECK(sequence.known_from() > 0);
  CHECK(sequence.take(0) == Sequence::Arrival::unknown);
  CHECK(sequence.take(199'998) == Sequence::Arrival::late);
  CHECK(sequence.take(199'998) == Sequence::Arrival::duplicate);
}

TEST_CASE("a subscriber finds each of its streams again") {
  std::mt19937 random(3);
  for (const std::uint32_t streams : {1U, 2U, 3U, 5U, 1000U}) {
    SequenceTable table;
    std::map<std::uint32_t, std::uint64_t> sent;
    for (int i = 0; i < 5000; ++i) {
      const auto stream = static_cast<std::uint32_t>(random() % streams) * 7919;
      CHECK(table.of(stream).take(sent[stream]++) == Sequence::Arrival::fresh);
    }
    std::size_t visited = 0;
    table.visit([&](std::uint32_t stream, const Sequence& sequence) {
      ++visited;
      CHECK(sequence.next() == sent[stream]);
      CHECK(table.find(stream) == &sequence);
      CHECK(sequence.missing().empty());
    });
    CHECK(visited == sent.size());
    CHECK(table.find(1) == nullptr);
  }
}
