#include "client/backoff.hpp"

#include <doctest/doctest.h>

using namespace mq;
using namespace std::chrono_literals;

TEST_CASE("pauses double up to the longest, spread by a quarter") {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    Backoff backoff(1s, 60s, seed);
    Duration middle = 1s;
    for (int i = 0; i < 12; ++i) {
      const Duration pause = backoff.next();
      CHECK(pause >= middle * 3 / 4);
      CHECK(pause <= std::min<Duration>(middle * 5 / 4, 60s));
      middle = std::min<Duration>(middle * 2, 60s);
    }
    backoff.reset();
    CHECK(backoff.next() <= 1250ms);
  }
}

TEST_CASE("two clients do not pause alike") {
  Backoff one(1s, 60s, 1), other(1s, 60s, 2);
  CHECK(one.next() != other.next());
}
