#include "wire/topic.hpp"

#include <doctest/doctest.h>

#include <string>

namespace mq {
namespace {

using namespace std::string_view_literals;

bool refused_name(std::string_view topic) {
  const auto checked = check_topic_name(topic);
  if (checked) return false;
  CHECK_EQ(checked.error().kind, ErrorKind::usage);
  CHECK_EQ(checked.error().reason, 0x90);
  return true;
}

bool refused_filter(std::string_view filter) {
  const auto checked = check_topic_filter(filter);
  if (checked) return false;
  CHECK_EQ(checked.error().kind, ErrorKind::usage);
  CHECK_EQ(checked.error().reason, 0x8F);
  return true;
}

TEST_CASE(
    "[MQTT-4.7.0-1][MQTT-3.3.2-2][MQTT311-4.7.1-1][MQTT311-3.3.2-2] wildcards belong into filters only") {
  for (const std::string_view topic :
       {"+", "#", "a/+", "a/#", "a+", "#a", "a long topic with one at its end +"}) {
    CAPTURE(topic);
    CHECK(refused_name(topic));
  }
  for (const std::string_view filter : {"+", "#", "a/+", "a/#", "+/+/#", "/+", "/#", "+/"}) {
    CAPTURE(filter);
    CHECK_FALSE(refused_filter(filter));
  }
  CHECK_EQ(check_topic_name("a/#").error().text,
           "topic name 'a/#' holds a wildcard, which only a filter may");
}

TEST_CASE("[MQTT-4.7.1-1][MQTT311-4.7.1-2] '#' is a level of its own, and the last") {
  for (const std::string_view filter : {"a#", "a/#/b", "#/a", "##", "a/b#", "#/", "a/#b", "+#", "#+"}) {
    CAPTURE(filter);
    CHECK(refused_filter(filter));
  }
  for (const std::string_view filter : {"#", "a/#", "/#", "a//#"}) {
    CAPTURE(filter);
    CHECK_FALSE(refused_filter(filter));
  }
}

TEST_CASE("[MQTT-4.7.1-2][MQTT311-4.7.1-3] '+' fills a level of its own") {
  for (const std::string_view filter : {"a+", "+a/b", "++", "a/b+", "a/+b/c"}) {
    CAPTURE(filter);
    CHECK(refused_filter(filter));
  }
  for (const std::string_view filter : {"+", "+/b", "a/+/c", "a/+", "+/+", "/+/"}) {
    CAPTURE(filter);
    CHECK_FALSE(refused_filter(filter));
  }
}

TEST_CASE("[MQTT-4.7.3-1][MQTT311-4.7.3-1] names and filters have at least one character") {
  CHECK(refused_name(""));
  CHECK(refused_filter(""));
  CHECK_FALSE(refused_name("/"));
  CHECK_FALSE(refused_filter(" "));
  CHECK_EQ(check_topic_name("").error().text, "topic name is empty");
}

TEST_CASE("[MQTT-4.7.3-2][MQTT311-4.7.3-2] names and filters hold no U+0000") {
  CHECK(refused_name("a\0b"sv));
  CHECK(refused_name("\0"sv));
  CHECK(refused_filter("abcdefghijkl/\0"sv));
}

TEST_CASE("[MQTT-4.7.3-3][MQTT311-4.7.3-3] names and filters take at most 65535 bytes") {
  const std::string longest(65'535, 'x');
  CHECK_FALSE(refused_name(longest));
  CHECK_FALSE(refused_filter(longest));
  const std::string longer(65'536, 'x');
  CHECK(refused_name(longer));
  CHECK(refused_filter(longer));
}

TEST_CASE("[MQTT-1.5.4-1][MQTT311-1.5.3-1] names and filters are UTF-8") {
  for (const std::string_view text : {"\xed\xa0\x80", "abcdefgh\xc0\x80", "a\xff", "\xe6\xb8"}) {
    CHECK(refused_name(text));
    CHECK(refused_filter(text));
  }
  CHECK_FALSE(refused_name("größe/温度/🌡"));
  CHECK_FALSE(refused_filter("größe/+/🌡/#"));
}

TEST_CASE("[MQTT-4.8.2-1][MQTT-4.8.2-2] shared filters: a share name without wildcards, and a filter") {
  for (const std::string_view filter : {"$share//t", "$share/", "$share/g", "$share/g/", "$share/g+/t",
                                        "$share/#/t", "$share/+/t", "$share/g/a#", "$share/g/#/a"}) {
    CAPTURE(filter);
    CHECK(refused_filter(filter));
  }
  for (const std::string_view filter :
       {"$share/g/t", "$share/g/#", "$share/g//", "$share/g/+/t", "$share", "$shared/#"}) {
    CAPTURE(filter);
    CHECK_FALSE(refused_filter(filter));
  }
  CHECK(is_shared("$share/g/t"));
  CHECK_FALSE(is_shared("$share"));
  CHECK_FALSE(is_shared("$SHARE/g/t"));
  CHECK_EQ(plain_filter("$share/g/a/+/b"), "a/+/b");
  CHECK_EQ(plain_filter("$share/g//"), "/");
  CHECK_EQ(plain_filter("$share/g"), "");
  CHECK_EQ(plain_filter("a/b"), "a/b");
}

TEST_CASE("has_wildcard finds one anywhere") {
  CHECK(has_wildcard("a/+"));
  CHECK(has_wildcard("#"));
  CHECK_FALSE(has_wildcard("a/b"));
}

TEST_CASE("[MQTT-4.7.3-4][MQTT311-4.7.3-4] matching is octet for octet") {
  struct Example {
    std::string_view filter, topic;
    bool matches;
  };
  constexpr Example examples[] = {
      {"a/b", "a/b", true},     {"a/b", "a/B", false},     {"a/b", "a/b/", false},    {"a/b/", "a/b", false},
      {"a", "a/b", false},      {"a/b", "a", false},       {"+", "a", true},          {"+", "/a", false},
      {"+/+", "/a", true},      {"/+", "/a", true},        {"a/+", "a/", true},       {"a/+", "a", false},
      {"a/+/c", "a/b/c", true}, {"a/+/c", "a/b/d", false}, {"a/+/c", "a//c", true},   {"#", "a/b/c", true},
      {"#", "/", true},         {"a/#", "a", true},        {"a/#", "a/", true},       {"a/#", "a/b/c", true},
      {"a/#", "ab", false},     {"a/#", "ab/c", false},    {"+/#", "a", true},        {"a/+/#", "a", false},
      {"a/+/#", "a/b", true},   {"grö/ß", "grö/ß", true},  {"e\xcc\x81", "é", false}, {"a b", "a b", true},
  };
  for (const Example& example : examples) {
    CAPTURE(example.filter);
    CAPTURE(example.topic);
    CHECK_EQ(matches(example.filter, example.topic), example.matches);
  }
}

TEST_CASE("[MQTT-4.7.2-1][MQTT311-4.7.2-1] leading wildcards pass over topics that begin with '$'") {
  CHECK_FALSE(matches("#", "$SYS/a"));
  CHECK_FALSE(matches("+/a", "$SYS/a"));
  CHECK(matches("$SYS/#", "$SYS/a"));
  CHECK(matches("$SYS/+", "$SYS/a"));
  CHECK(matches("a/#", "a/$b"));
  CHECK(matches("a/+", "a/$b"));
}

}  // namespace
}  // namespace mq
