#include "shared/quantities.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace mq {

using namespace std::chrono_literals;

TEST_CASE("seconds may have fractions") {
  CHECK(parse_seconds("0") == Duration::zero());
  CHECK(parse_seconds("2") == 2s);
  CHECK(parse_seconds("0.25") == 250ms);
  CHECK(parse_seconds(".5") == 500ms);
  CHECK(parse_seconds("1e-3") == 1ms);
  CHECK(parse_seconds("86400") == 24h);
}

TEST_CASE("what is no number of seconds is refused") {
  for (const char* text :
       {"", " ", "-1", "1s", "1 ", " 1", "+1", "x", "nan", "inf", "-inf", "1e300", "0x10", "1,5"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_seconds(text));
  }
}

TEST_CASE("sizes may have a suffix") {
  CHECK(parse_size("0") == 0U);
  CHECK(parse_size("4096") == 4096U);
  CHECK(parse_size("64k") == 65536U);
  CHECK(parse_size("64K") == 65536U);
  CHECK(parse_size("8M") == 8388608U);
  CHECK(parse_size("1g") == 1073741824U);
  CHECK(parse_size("18446744073709551615") == ~0ULL);
  CHECK(parse_size("17179869183G") == 17179869183ULL << 30);
}

TEST_CASE("what is no size is refused") {
  for (const char* text :
       {"", "k", "-1", "1.5M", "1 M", "8MB", "8T", "18446744073709551616", "17179869184G"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_size(text));
  }
}

}  // namespace mq
