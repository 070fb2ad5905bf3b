// Amounts as people write them.
#include "bench/quantities.hpp"

#include <doctest/doctest.h>

#include <cmath>

namespace mq {
namespace {

using namespace std::chrono_literals;

TEST_CASE("rates") {
  CHECK(parse_per_second("100") == 100);
  CHECK(parse_per_second("0.5/s") == 0.5);
  CHECK(std::abs(*parse_per_second("30/m") - 0.5) < 1e-12);
  CHECK(std::abs(*parse_per_second("36/h") - 0.01) < 1e-12);
  CHECK(parse_per_second("2.5k") == 2500);
  CHECK(parse_per_second("1M/s") == 1e6);
  CHECK(parse_per_second("1e3") == 1000);
  for (const char* text : {"", "0", "-1", "x", "/s", "1/d", "nan", "inf", "1e10", "k"})
    CHECK_FALSE(parse_per_second(text));
}

TEST_CASE("lengths of time") {
  CHECK(parse_length("10") == Duration(10s));
  CHECK(parse_length("0") == Duration(0s));
  CHECK(parse_length("0.25s") == Duration(250ms));
  CHECK(parse_length("250ms") == Duration(250ms));
  CHECK(parse_length("100us") == Duration(100us));
  CHECK(parse_length("5m") == Duration(5min));
  CHECK(parse_length("1.5h") == Duration(90min));
  CHECK(parse_length("7d") == Duration(168h));
  for (const char* text : {"", "-1", "x", "s", "nan", "1e99", "5 m", "1w"}) CHECK_FALSE(parse_length(text));
}

TEST_CASE("sizes") {
  using enum SizePlan::Kind;
  const auto fixed_size = parse_sizes("1k");
  REQUIRE(fixed_size);
  CHECK(fixed_size->kind == fixed);
  CHECK(fixed_size->least == 1024);
  CHECK(fixed_size->most == 1024);
  const auto between = parse_sizes("100-4k");
  CHECK(between->kind == uniform);
  CHECK(between->least == 100);
  CHECK(between->most == 4096);
  const auto bell = parse_sizes("normal:1k,200");
  CHECK(bell->kind == normal);
  CHECK(bell->mean == 1024);
  CHECK(bell->deviation == 200);
  CHECK(bell->least == 32);
  CHECK(bell->most == 2224);
  const auto cut = parse_sizes("normal:1k,200,500-1500");
  CHECK(cut->least == 500);
  CHECK(cut->most == 1500);
  const auto falling = parse_sizes("exponential:300");
  CHECK(falling->kind == exponential);
  CHECK(falling->mean == 300);
  CHECK(falling->most == 4800);
  CHECK(parse_sizes("exponential:300,64-1k")->most == 1024);
  CHECK(parse_sizes("0"));
  for (const char* text : {"", "x", "-5", "5-", "9-5", "256M", "normal:", "normal:5", "normal:0,1",
                           "exponential:", "normal:5,6,7", "exponential:5,9-8", "flat:5"})
    CHECK_FALSE(parse_sizes(text));
}

TEST_CASE("shards, moments and names of runs") {
  const auto shard = parse_shard("3/4");
  REQUIRE(shard);
  CHECK(shard->index == 3);
  CHECK(shard->count == 4);
  for (const char* text : {"", "4/4", "1", "1/0", "/4", "1/", "a/b", "-1/4"}) CHECK_FALSE(parse_shard(text));
  CHECK(*parse_moment("2030-01-31T12:00:00Z") == *parse_moment("1896091200"));
  CHECK(*parse_moment("2030-01-31T13:00:00+01:00") == *parse_moment("1896091200.0"));
  for (const char* text : {"", "noon", "12:00", "-5", "1e20"}) CHECK_FALSE(parse_moment(text));
  CHECK(run_number("1a2B") == 0x1A2B);
  CHECK(run_number("ffffffff") == 0xFFFFFFFF);
  CHECK(run_number("trial one") != run_number("trial two"));
  CHECK(run_number("trial one") == run_number("trial one"));
  CHECK(run_number("123456789") != 0x12345678);
}

}  // namespace
}  // namespace mq
