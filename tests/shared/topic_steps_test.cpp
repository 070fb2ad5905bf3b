#include "shared/topic_steps.hpp"

#include <doctest/doctest.h>

namespace mq {
namespace {

using Texts = std::vector<std::string>;

const std::set<std::string> topics{"a",        "a/b/c",    "a/b/d",       "a/e",      "long/way/down",
                                   "same/1/x", "same/2/x", "$SYS/uptime", "/leading", "end/"};

Texts steps(std::string_view typed) { return topic_steps(topics, typed, 100); }

}  // namespace

TEST_CASE("steps go to the next level at which there is a choice") {
  CHECK(steps("a") == Texts{"a", "a/"});
  CHECK(steps("a/") == Texts{"a/b/", "a/e"});
  CHECK(steps("a/b/") == Texts{"a/b/c", "a/b/d"});
  CHECK(steps("l") == Texts{"long/way/down"});
  CHECK(steps("long/w") == Texts{"long/way/down"});
  CHECK(steps("en") == Texts{"end/"});
  CHECK(steps("end/") == Texts{"end/"});
  CHECK(steps("/") == Texts{"/leading"});
  CHECK(steps("none").empty());
  CHECK(steps("a/b/c/").empty());
}

TEST_CASE("levels that are typed count as those of a filter") {
  CHECK(steps("same/+/") == Texts{"same/+/x"});
  CHECK(steps("+/b/") == Texts{"+/b/c", "+/b/d"});
  CHECK(steps("+/up").empty());
  CHECK(steps("$S") == Texts{"$SYS/uptime"});
  CHECK(steps("$share/group/l") == Texts{"$share/group/long/way/down"});
}

TEST_CASE("no more steps than asked for") { CHECK(topic_steps(topics, "", 2) == Texts{"$SYS/", "/"}); }

TEST_CASE("the filter takes in what steps need") {
  CHECK(filter_for_steps("") == "#");
  CHECK(filter_for_steps("a") == "#");
  CHECK(filter_for_steps("a/b/c") == "a/b/#");
  CHECK(filter_for_steps("a/+/c") == "a/+/#");
  CHECK(filter_for_steps("$") == "$SYS/#");
  CHECK(filter_for_steps("$SYS/broker/x") == "$SYS/broker/#");
  CHECK(filter_for_steps("$share/group/a/") == "a/#");
  CHECK(filter_for_steps("$share/gro").empty());
  CHECK(filter_for_steps("a/#/").empty());
  CHECK(filter_for_steps("a+/").empty());
}

TEST_CASE("what a terminal would obey or hide is not showable") {
  for (const char* text : {"plain",
                           "k\xC3\xBC"
                           "che",
                           "\xE2\x82\xAC", "$(x) `y`", "\xF0\x9F\x98\x80"})
    CHECK(is_showable(text));
  for (const char* text :
       {"\x1b[2J", "a\nb", "\x7F",
        "\xC2\x9B"
        "2J",
        "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x80\x8B", "\xEF\xBB\xBF", "\xFF", "\xD8\x9C"})
    CHECK_FALSE(is_showable(text));
}

}  // namespace mq
