#include "shared/topic_lint.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace mq {
namespace {

std::string names(Habits habits) {
  static constexpr std::string_view all[] = {"slash",  "level", "space",  "control",
                                             "dollar", "time",  "version"};
  std::string text;
  for (const Habit habit : listed(habits)) text.append(all[static_cast<std::size_t>(habit)]).append(" ");
  return text;
}

TEST_CASE("topics that are rarely meant") {
  CHECK(names(lint_topic("plant/1/temp")) == "");
  CHECK(names(lint_topic("温度/кухня/°C/🌡️")) == "");
  CHECK(names(lint_topic("a$/b_c-d.e")) == "");
  CHECK(names(lint_topic("/a")) == "slash ");
  CHECK(names(lint_topic("/")) == "slash ");
  CHECK(names(lint_topic("//")) == "slash level ");
  CHECK(names(lint_topic("a/")) == "level ");
  CHECK(names(lint_topic("a//b")) == "level ");
  CHECK(names(lint_topic("a b")) == "space ");
  CHECK(names(lint_topic("a\u00A0b")) == "space ");
  CHECK(names(lint_topic("a\u2003b")) == "space ");
  CHECK(names(lint_topic("a\u3000b")) == "space ");
  CHECK(names(lint_topic("a\tb")) == "control ");
  CHECK(names(lint_topic("a\x7F")) == "control ");
  CHECK(names(lint_topic("a\u0085")) == "control ");
  CHECK(names(lint_topic("$SYS/x")) == "dollar ");
  CHECK(names(lint_topic("/ /\x01")) == "slash space control ");
  CHECK(names(lint_topic("\xE3")) == "");
}

TEST_CASE("JSON that does not say when it was made, nor which form it has") {
  CHECK(names(lint_payload(R"({"time":1,"version":2})")) == "");
  CHECK(names(lint_payload(R"({"@timestamp":"x","$schema":"y"})")) == "");
  CHECK(names(lint_payload(R"({"createdAt":"x","schemaVersion":1})")) == "");
  CHECK(names(lint_payload(R"({"ts":1,"v":1})")) == "");
  CHECK(names(lint_payload(R"({"temp":21})")) == "time version ");
  CHECK(names(lint_payload(R"( {"ts":1} )")) == "version ");
  CHECK(names(lint_payload(R"({"v":1,"inner":{"ts":1}})")) == "time ");
  for (const char* other : {"", "21.5", "[]", "\"x\"", "{", "hello", "{\"a\":}"})
    CHECK(lint_payload(other) == 0);
}

TEST_CASE("each habit has words") {
  for (std::size_t i = 0; i < habit_count; ++i) {
    CHECK_FALSE(in_words(static_cast<Habit>(i)).empty());
    CHECK_FALSE(reason_of(static_cast<Habit>(i)).empty());
  }
}

}  // namespace
}  // namespace mq
