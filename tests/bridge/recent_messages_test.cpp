// What a route remembers of what it has carried, and what it forgets.
#include "bridge/recent_messages.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr Time start{};

}  // namespace

TEST_CASE("a message is held for the length of the window, by its topic and its payload") {
  RecentMessages recent(10s);
  CHECK_FALSE(recent.holds("a", false, "1", start));
  recent.remember("a", false, "1", start);
  CHECK(recent.holds("a", false, "1", start));
  CHECK(recent.holds("a", false, "1", start + 9999ms));
  CHECK_FALSE(recent.holds("a", false, "1", start + 10s));
  CHECK_FALSE(recent.holds("a", false, "2", start));
  CHECK_FALSE(recent.holds("b", false, "1", start));
  CHECK_FALSE(recent.holds("a", true, "1", start));
  // Where the one ends and the other begins is no matter of chance.
  recent.remember("ab", false, "c", start);
  CHECK_FALSE(recent.holds("a", false, "bc", start));
  CHECK_FALSE(recent.holds("a", false, Bytes("\0c", 2), start));
}

TEST_CASE("of a topic's retained messages the last alone is held") {
  RecentMessages recent(10s);
  recent.remember("a", true, "1", start);
  CHECK(recent.holds("a", true, "1", start));
  recent.remember("a", true, "2", start);
  CHECK_FALSE(recent.holds("a", true, "1", start));
  CHECK(recent.holds("a", true, "2", start));
  CHECK(recent.messages() == 1);
  CHECK(recent.bytes() == 2);
  recent.forget_retained("a");
  CHECK_FALSE(recent.holds("a", true, "2", start));
  CHECK(recent.messages() == 0);
  CHECK(recent.bytes() == 0);
}

TEST_CASE("what is over, too many or too large is forgotten, the oldest first") {
  RecentMessages recent(10s);
  recent.remember("a", false, "old", start);
  recent.remember("a", false, "new", start + 10s);
  CHECK(recent.messages() == 1);
  for (std::size_t i = 0; i < RecentMessages::most_messages; ++i)
    recent.remember("n", false, std::to_string(i), start + 10s);
  CHECK(recent.messages() == RecentMessages::most_messages);
  CHECK_FALSE(recent.holds("a", false, "new", start + 10s));
  CHECK(recent.holds("n", false, "0", start + 10s));

  RecentMessages large(10s);
  const std::string third(RecentMessages::most_bytes / 3, 'x');
  for (const char* topic : {"1", "2", "3"}) large.remember(topic, false, third, start);
  CHECK(large.messages() == 2);
  CHECK_FALSE(large.holds("1", false, third, start));
  CHECK(large.holds("3", false, third, start));
  large.remember("4", false, std::string(RecentMessages::most_bytes, 'x'), start);
  CHECK(large.messages() == 0);
  CHECK(large.bytes() == 0);
}

TEST_CASE("what is remembered again is as young as the last") {
  RecentMessages recent(10s);
  recent.remember("a", false, "1", start);
  recent.remember("a", false, "1", start + 8s);
  CHECK(recent.messages() == 1);
  CHECK(recent.bytes() == 2);
  CHECK(recent.holds("a", false, "1", start + 17s));
}

}  // namespace mq
