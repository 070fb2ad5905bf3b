#include "shared/topic_map.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mq {
namespace {

std::string mapped(const std::vector<std::string_view>& rules, std::string_view topic) {
  TopicMap map;
  for (const std::string_view rule : rules) REQUIRE(map.add(rule));
  Buffer made = "left over";
  return std::string(map.apply(topic, made));
}

TEST_CASE("wildcards carry what they took in") {
  CHECK(mapped({"old/#=new/#"}, "old/a/b") == "new/a/b");
  CHECK(mapped({"old/#=new/#"}, "old") == "new");
  CHECK(mapped({"old/#=new/#"}, "old/") == "new/");
  CHECK(mapped({"#=copy/#"}, "a//b") == "copy/a//b");
  CHECK(mapped({"old/#=#"}, "old/a") == "a");
  CHECK(mapped({"+/dev/+=dev/+/of/+"}, "plant/dev/7") == "dev/plant/of/7");
  CHECK(mapped({"a/+/#=b/+/c/#"}, "a/x/y/z") == "b/x/c/y/z");
  CHECK(mapped({"a/+/#=b/+/c/#"}, "a/x") == "b/x/c");
}

TEST_CASE("a topic without wildcards gathers, and equals signs may stand on the right") {
  CHECK(mapped({"sensors/#=all"}, "sensors/1/t") == "all");
  CHECK(mapped({"a=b=c"}, "a") == "b=c");
}

TEST_CASE("the first rule that matches decides, and what none matches stays") {
  CHECK(mapped({"a/1=x", "a/#=y/#"}, "a/1") == "x");
  CHECK(mapped({"a/1=x", "a/#=y/#"}, "a/2") == "y/2");
  CHECK(mapped({"a/#=y/#"}, "b") == "b");
  CHECK(mapped({"#=y/#"}, "$SYS/x") == "$SYS/x");
  CHECK(mapped({}, "b") == "b");
}

TEST_CASE("rules that make no sense") {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"old/#", "'old/#' holds no '='"},
      {"", "'' holds no '='"},
      {"=new", "topic filter is empty"},
      {"old=", "topic filter is empty"},
      {"old#=new", "topic filter 'old#' needs '#' as a level of its own"},
      {"old/#=new#", "topic filter 'new#' needs '#' as a level of its own"},
      {"old=new/#", "'old' and 'new/#' have different wildcards"},
      {"old/+=new/#", "'old/+' and 'new/#' have different wildcards"},
      {"+/+=+", "'+/+' and '+' have different wildcards"},
      {"$share/g/a=b", "'$share/g/a' is a shared subscription, no topic"},
  };
  for (const auto& [rule, text] : table) {
    CAPTURE(rule);
    TopicMap map;
    const auto added = map.add(rule);
    REQUIRE_FALSE(added);
    CHECK(added.error().kind == ErrorKind::usage);
    CHECK(added.error().text == text);
  }
}

}  // namespace
}  // namespace mq
