#include "rr/round_trips.hpp"

#include <doctest/doctest.h>

namespace mq {
namespace {

using namespace std::chrono_literals;
using Arrival = RoundTrips::Arrival;

constexpr Time start{};

}  // namespace

TEST_CASE("what comes back is told from what does not, what comes twice, and what nobody sent") {
  RoundTrips trips;
  for (const auto since : {1ms, 2ms, 3ms}) trips.sent(start + since);
  CHECK(trips.next() == 4);
  CHECK_FALSE(trips.all_back());
  CHECK(trips.back(1, start + 5ms).arrival == Arrival::first);
  CHECK(trips.back(1, start + 6ms).arrival == Arrival::again);
  CHECK(trips.back(3, start + 4ms).microseconds == 1000);
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{4}, ~std::uint64_t{0}})
    CHECK(trips.back(number, start + 7ms).arrival == Arrival::unasked);
  CHECK(trips.sent() == 3);
  CHECK(trips.came() == 2);
  CHECK(trips.doubled() == 1);
  CHECK(trips.times().min() == 1000);
  CHECK(trips.times().max() == 4000);
  CHECK(trips.lost(start + 11ms, 10ms) == 0);
  CHECK(trips.lost(start + 12ms, 10ms) == 1);
  CHECK(trips.back(2, start + 20s).arrival == Arrival::first);
  CHECK(trips.lost(start + 30s, 10ms) == 0);
  CHECK(trips.all_back());
}

TEST_CASE("a turn without a connection has a number, but nothing that could be lost") {
  RoundTrips trips;
  trips.not_sent();
  trips.sent(start);
  trips.not_sent();
  CHECK(trips.turns() == 3);
  CHECK(trips.sent() == 1);
  CHECK(trips.unsent() == 2);
  CHECK(trips.back(1, start).arrival == Arrival::unasked);
  CHECK(trips.back(2, start + 1ms).arrival == Arrival::first);
  CHECK(trips.all_back());
  CHECK(trips.lost(start + 1h, 1s) == 0);
}

TEST_CASE("the sums stay right when more are under way than are remembered") {
  RoundTrips trips(4);
  for (int i = 0; i < 3; ++i) trips.sent(start);  // 1 to 3
  trips.not_sent();                               // 4
  CHECK(trips.back(2, start + 1ms).arrival == Arrival::first);
  for (int i = 0; i < 4; ++i) trips.sent(start + 10s);  // 5 to 8: 1 to 4 are forgotten
  CHECK(trips.lost(start + 10s, 1s) == 2);
  CHECK(trips.back(1, start + 10s).arrival == Arrival::late);
  CHECK(trips.back(2, start + 10s).arrival == Arrival::late);
  CHECK(trips.late() == 2);
  CHECK(trips.lost(start + 10s, 1s) == 2);
  for (std::uint64_t number = 5; number < 9; ++number)
    CHECK(trips.back(number, start + 11s).arrival == Arrival::first);
  CHECK(trips.lost(start + 20s, 1s) == 2);
  CHECK(trips.sent() == 7);
  CHECK(trips.came() == 5);
  CHECK(trips.came() + trips.lost(start + 20s, 1s) == trips.sent());
  CHECK(trips.next() == 9);
}

}  // namespace mq
