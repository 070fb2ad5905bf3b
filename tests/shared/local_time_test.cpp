#include "shared/local_time.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "shared/time_zone.hpp"

namespace mq {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using Moment = LocalTime::Moment;

std::string rfc3339(const char* zone, Moment moment) {
  const test::TimeZone here(zone);
  LocalTime time;
  time.set(moment);
  return std::string(time.rfc3339());
}

TEST_CASE("timestamps have microseconds and a zone with a colon") {
  const Moment moment{seconds(1795330078) + nanoseconds(597706999)};
  CHECK(rfc3339("UTC", moment) == "2026-11-22T06:47:58.597706+00:00");
  CHECK(rfc3339("IST-5:30", moment) == "2026-11-22T12:17:58.597706+05:30");
  CHECK(rfc3339("NST3:30", moment) == "2026-11-22T03:17:58.597706-03:30");
  CHECK(rfc3339("UTC", Moment{nanoseconds(-1)}) == "1969-12-31T23:59:59.999999+00:00");
}

TEST_CASE("a change of the zone's offset shows in the second that it happens") {
  const test::TimeZone zone("CET-1CEST,M3.5.0,M10.5.0/3");
  LocalTime time;
  const std::size_t hour = time.add("%H %Z");
  const Moment summer_ends{seconds(1792890000)};  // 2026-10-25T01:00:00Z
  time.set(summer_ends - nanoseconds(1));
  CHECK(time.rfc3339() == "2026-10-25T02:59:59.999999+02:00");
  CHECK(time.text(hour) == "02 CEST");
  time.set(summer_ends);
  CHECK(time.rfc3339() == "2026-10-25T02:00:00.000000+01:00");
  CHECK(time.text(hour) == "02 CET");
}

TEST_CASE("digits with zeros in front") {
  std::string out;
  append_digits(0, 1, out);
  append_digits(42, 1, out);
  append_digits(42, 5, out);
  append_digits(18446744073709551615U, 3, out);
  CHECK(out == "0420004218446744073709551615");
}

}  // namespace
}  // namespace mq
