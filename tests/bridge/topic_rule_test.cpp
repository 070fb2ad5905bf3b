// Rules that take topics and give them new ones: captures, prefixes, and what can't be one.
#include "bridge/topic_rule.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

#include "wire/topic.hpp"

namespace mq {
namespace {

TopicRule rule(std::string_view from, std::string_view to = {}) {
  auto made = TopicRule::parse(from, to);
  if (!made) FAIL(made.error().text);
  return *std::move(made);
}

TopicRule prefixes(std::string_view pattern, std::string_view from, std::string_view to) {
  auto made = TopicRule::prefixes(pattern, from, to);
  if (!made) FAIL(made.error().text);
  return *std::move(made);
}

// "no" when the topic is not one of the rule's.
std::string applied(const TopicRule& rule, std::string_view topic) {
  Buffer made = "left over";
  return rule.apply(topic, made) ? made : "no";
}

}  // namespace

TEST_CASE("wildcards have names, and are put where they are called") {
  const TopicRule site = rule("a/+x/b/#rest", "site7/$x/$rest");
  CHECK(site.filter() == "a/+/b/#");
  CHECK(site.text() == "a/+x/b/#rest -> site7/$x/$rest");
  CHECK(applied(site, "a/1/b/c/d") == "site7/1/c/d");
  CHECK(applied(site, "a/1/b/") == "site7/1/");
  CHECK(applied(site, "a/1/b") == "site7/1");
  CHECK(applied(site, "a//b/c") == "site7//c");
  CHECK(applied(site, "a/1/c") == "no");
  CHECK(applied(rule("+a/+b/+c", "$c/$b/$a/$a"), "1/2/3") == "3/2/1/1");
  CHECK(applied(rule("+floor/+room", "${floor}_${room}"), "2/kitchen") == "2_kitchen");
  CHECK(applied(rule("+floor_1", "$floor_1/x"), "2") == "2/x");
}

TEST_CASE("wildcards without names go by their number") {
  CHECK(applied(rule("+/dev/+/#", "dev/$2/of/$1/$3"), "plant/dev/7/t/1") == "dev/7/of/plant/t/1");
  CHECK(applied(rule("+x/+/#", "$2/$1/$x"), "a/b/c") == "b/a/a");
  CHECK(applied(rule("+", "$1x"), "a") == "ax");
  CHECK(applied(rule("#", "copy/$0"), "a//b") == "copy/a//b");
  CHECK(applied(rule("a/+", "$$SYS/$1"), "a/b") == "$SYS/b");
  CHECK(applied(rule("/+/", "$1"), "/b/") == "b");
  std::string many = "+", all = "$1";
  for (int i = 2; i <= 300; ++i) many += "/+", all = "$" + std::to_string(i) + "/" + all;
  std::string topic = "1", reversed = "1";
  for (int i = 2; i <= 300; ++i) {
    topic += "/" + std::to_string(i);
    reversed = std::to_string(i) + "/" + reversed;
  }
  CHECK(applied(rule(many, all), topic) == reversed);
}

TEST_CASE("a rule without a template leaves topics alone, and one without wildcards gathers") {
  CHECK(applied(rule("a/#"), "a/b") == "a/b");
  CHECK(rule("a/+x").filter() == "a/+");
  CHECK(rule("a/+x").text() == "a/+x");
  CHECK(applied(rule("a/#", "all"), "a/b/c") == "all");
  CHECK(applied(rule("#", "all/$0"), "$SYS/x") == "no");
  CHECK(applied(rule("$SYS/#", "sys/$1"), "$SYS/x") == "sys/x");
}

TEST_CASE("prefixes as mosquitto has them") {
  // With both: what is behind the one goes behind the other.
  CHECK(prefixes("#", "local/", "remote/").filter() == "local/#");
  CHECK(applied(prefixes("#", "local/", "remote/"), "local/a/b") == "remote/a/b");
  CHECK(applied(prefixes("+/t", "a/", "b/"), "a/1/t") == "b/1/t");
  CHECK(prefixes("+/t", "a/", "b/").text() == "a/+/t -> b/+/t");
  // With one: the other side is bare.
  CHECK(applied(prefixes("t/#", "", "plant/"), "t/1") == "plant/t/1");
  CHECK(applied(prefixes("t/#", "plant/", ""), "plant/t/1") == "t/1");
  // The pattern alone: nothing changes.
  CHECK(applied(prefixes("t/#", "", ""), "t/1") == "t/1");
  CHECK(prefixes("t/#", "", "").text() == "t/#");
  // No pattern: one topic to one topic.
  CHECK(prefixes("", "a/b", "c/d").filter() == "a/b");
  CHECK(applied(prefixes("", "a/b", "c/d"), "a/b") == "c/d");
  CHECK(applied(prefixes("", "a/b", "c/d"), "a/b/c") == "no");
  // The level above is one of the filter's topics, but has no such prefix.
  CHECK(applied(prefixes("#", "foo/", ""), "foo") == "no");
  CHECK(applied(prefixes("#", "foo/", ""), "foo/") == "");
}

TEST_CASE("rules that make no sense") {
  struct Row {
    std::string_view from, to, text;
  };
  const auto table = std::to_array<Row>({
      {"", "", "topic filter is empty"},
      {"a+", "", "topic filter 'a+' needs '+' as a level of its own"},
      {"a/#rest/b", "", "topic filter 'a/#/b' goes on behind '#'"},
      {"a/+1x", "", "'+1x' is no wildcard with a name"},
      {"a/+x-y", "", "'+x-y' is no wildcard with a name"},
      {"a/++", "", "'++' is no wildcard with a name"},
      {"+x/+x", "", "two wildcards are called 'x'"},
      {"+x/#x", "$x", "two wildcards are called 'x'"},
      {"$share/g/a", "", "'$share/g/a' is a shared subscription, no topics"},
      {"a/+x", "b/$y", "no wildcard is called 'y'"},
      {"a/+x", "b/$2", "there is no wildcard 2"},
      {"a", "b/$1", "there is no wildcard 1"},
      {"a/+x", "b/$99999999999999999999", "no wildcard is called '99999999999999999999'"},
      {"a/+x", "b/$", "'$' is not followed by a name"},
      {"a/+x", "b/$/c", "'$' is not followed by a name"},
      {"a/+x", "b/${x", "'$' is not followed by a name"},
      {"a/+x", "b/${}", "'$' is not followed by a name"},
      {"a/+x", "b/+", "the new topic would hold a wildcard"},
      {"a/+x", "b/#", "the new topic would hold a wildcard"},
      {"a/+x", "b/\xFF", "'b/\\xff' is not valid UTF-8 (byte 3)"},
      {"a/+x", std::string_view("b\0", 2), "text must not hold U+0000"},
  });
  for (const Row& row : table) {
    CAPTURE(row.from);
    CAPTURE(row.to);
    const auto made = TopicRule::parse(row.from, row.to);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::usage);
    CHECK(made.error().text == row.text);
  }
  CHECK(TopicRule::parse("a/+x", std::string(65536, 'x')).error().text.starts_with("65536 bytes"));
}

TEST_CASE("prefixes that make no sense") {
  struct Row {
    std::string_view pattern, from, to, text;
  };
  const auto table = std::to_array<Row>({
      {"", "", "", "an empty pattern needs both prefixes"},
      {"", "a", "", "an empty pattern needs both prefixes"},
      {"", "", "a", "an empty pattern needs both prefixes"},
      {"#", "a", "", "topic filter 'a#' needs '#' as a level of its own"},
      {"#", "", "a", "topic filter 'a#' needs '#' as a level of its own"},
      {"x", "a/+/", "", "topic name 'a/+/' holds a wildcard, which only a filter may"},
      {"/g/x", "$share", "", "'$share/g/x' is a shared subscription, no topics"},
  });
  for (const Row& row : table) {
    CAPTURE(row.pattern);
    CAPTURE(row.from);
    CAPTURE(row.to);
    const auto made = TopicRule::prefixes(row.pattern, row.from, row.to);
    REQUIRE_FALSE(made);
    CHECK(made.error().text == row.text);
  }
}

TEST_CASE("whether topics stay as they are") {
  for (const TopicRule& same :
       {rule("a/#"), rule("a/#", "$0"), rule("a/#", "a/$1"), rule("a/+x/b", "a/$x/b"), rule("a", "a"),
        rule("+/+", "$1/$2"), prefixes("#", "", ""), prefixes("b", "a/", "a/"), prefixes("", "a", "a")})
    CHECK_MESSAGE(same.keeps_topics(), same.text());
  for (const TopicRule& other :
       {rule("a/#", "b/$1"), rule("+/+", "$2/$1"), rule("+/+", "$1/x"), rule("a/#", "a"), rule("a/#", "a/$0"),
        rule("+/+", "$1/$1"), prefixes("#", "a/", "b/"), prefixes("", "a", "b")})
    CHECK_MESSAGE(!other.keeps_topics(), other.text());
}

TEST_CASE("a filter for what a rule makes") {
  CHECK(rule("a/#").made_filter() == "a/#");
  CHECK(rule("a/#", "$0").made_filter() == "a/#");
  CHECK(rule("a/+x/b/#rest", "site7/$x/$rest").made_filter() == "site7/+/#");
  CHECK(rule("a/#", "b/$1/c").made_filter() == "b/#");
  CHECK(rule("+/+", "x$1/$2y").made_filter() == "+/+");
  CHECK(rule("+", "/$1/").made_filter() == "/+/");
  CHECK(rule("a/+", "copy/$0").made_filter() == "copy/#");
  CHECK(rule("a/#", "all").made_filter() == "all");
  CHECK(prefixes("+/t", "a/", "b/").made_filter() == "b/+/t");
  CHECK(prefixes("", "a", "b").made_filter() == "b");
}

TEST_CASE("a '#' that takes in nothing leaves no level behind, unless something else stands in it") {
  const auto made = [](const char* to) {
    const TopicRule made_by = rule("a/+x/#rest", to);
    Buffer topic;
    REQUIRE(made_by.apply("a/1", topic));
    CHECK(matches(made_by.made_filter(), topic));
    return topic;
  };
  CHECK(made("b/$rest") == "b");
  CHECK(made("b/$rest/c") == "b/c");
  CHECK(made("b/${rest}c") == "b/c");
  CHECK(made("b/$rest$x") == "b/1");
}

TEST_CASE("which topic comes out empty") {
  CHECK(rule("site/#rest", "$rest").emptied() == "site/");
  CHECK(rule("+x/b", "$x").emptied() == "/b");
  CHECK(prefixes("#", "site/", "").emptied() == "site/");
  CHECK_FALSE(rule("#", "$1").emptied());
  CHECK_FALSE(rule("+", "$1").emptied());
  CHECK_FALSE(rule("a/#", "b/$1").emptied());
  CHECK_FALSE(rule("a/#").emptied());
}

}  // namespace mq
