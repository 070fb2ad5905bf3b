#include "net/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "net/testing.hpp"

using namespace mq;
using mq::testing::GuardedLoop;
using When = Descriptor::When;

TEST_CASE("a descriptor that is cancelled and asked anew forgets the call that was under way") {
  GuardedLoop loop;
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  Descriptor reading(loop, ends[0]);
  const Descriptor writing(loop, ends[1]);
  bool called = false;
  SUBCASE("cancelled") {
    reading.readable([&] { called = true; }, When::now);
    reading.cancel();
    reading.readable([&] { called = true; });
  }
  SUBCASE("replaced") {
    reading.readable([&] { called = true; }, When::now);
    reading.readable([&] { called = true; });
  }
  loop.post([&] { loop.post([&] { loop.stop(); }); });
  loop.run();
  CHECK_FALSE(called);  // nothing is there to read
}

TEST_CASE("a descriptor is closed by close, by destruction and by what is moved onto it") {
  GuardedLoop loop;
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const auto is_open = [](int number) { return ::fcntl(number, F_GETFD) != -1; };
  {
    Descriptor first(loop, ends[0]);
    Descriptor second(loop, ends[1]);
    first.readable([] { FAIL_CHECK("closed"); });
    SUBCASE("destroyed") {}
    SUBCASE("closed") {
      first.close();
      CHECK(first.number() == -1);
      CHECK_FALSE(is_open(ends[0]));
      first.readable([] { FAIL_CHECK("closed"); }, When::now);
    }
    SUBCASE("moved onto") {
      first = std::move(second);
      CHECK(first.number() == ends[1]);
      CHECK_FALSE(is_open(ends[0]));
      CHECK(is_open(ends[1]));
    }
  }
  CHECK_FALSE(is_open(ends[0]));
  CHECK_FALSE(is_open(ends[1]));
  loop.post([&] { loop.stop(); });
  loop.run();
}
