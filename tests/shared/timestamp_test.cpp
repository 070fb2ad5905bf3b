#include "shared/timestamp.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace mq {

using namespace std::chrono;

TEST_CASE("times with a zone, to the nanosecond") {
  const auto at = [](const char* text) {
    const auto moment = parse_timestamp(text);
    REQUIRE(moment);
    return duration_cast<nanoseconds>(moment->time_since_epoch()).count();
  };
  CHECK(at("1970-01-01T00:00:00Z") == 0);
  CHECK(at("1970-01-01t00:00:01z") == 1'000'000'000);
  CHECK(at("1970-01-01 01:00:00.5+01:00") == 500'000'000);
  CHECK(at("2026-11-22T06:47:58.597706+01:00") == 1795326478597706000);
  CHECK(at("2026-11-22T05:47:58.597706999999Z") == 1795326478597706999);
  CHECK(at("2024-02-29T00:00:00-00:30") == 1709166600000000000);
  CHECK(at("2016-12-31T23:59:60Z") == at("2017-01-01T00:00:00Z"));
}

TEST_CASE("what is no time with a zone") {
  for (const char* text :
       {"", "2026", "2026-11-22", "2026-11-22T06:47:58", "2026-11-22T06:47:58.Z", "2026-11-22T06:47:58.5",
        "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T06:60:00Z",
        "2026-11-22T06:47:61Z", "2026-11-22T06:47:58+0100", "2026-11-22T06:47:58+01:00x",
        "1969-12-31T23:59:59Z", "+026-11-22T06:47:58Z", "2026-11-22T 6:47:58Z", "9999-01-01T00:00:00Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_timestamp(text));
  }
}

}  // namespace mq
