// Topics of answers by convention.
#include <doctest/doctest.h>

#include "rr/topic_pattern.hpp"
#include "wire/topic.hpp"

using namespace mq;

TEST_CASE("a pattern fills in topic, client and id, and leaves single braces as they are") {
  const auto filled = [](std::string_view text) {
    const auto pattern = TopicPattern::compile(text);
    REQUIRE(pattern);
    return pattern->fill("svc/time", "cl", "7");
  };
  CHECK(filled("{topic}/answer") == "svc/time/answer");
  CHECK(filled("answers/{client}/{id}") == "answers/cl/7");
  CHECK(filled("{topic}{id}-{id}") == "svc/time7-7");
  CHECK(filled("fixed") == "fixed");
  CHECK(filled("a/{topic") == "a/{topic");
  CHECK(filled("a}/{") == "a}/{");
  CHECK(filled("{{id}}") == "{7}");
}

TEST_CASE("a literal topic stands for itself") {
  const TopicPattern pattern = TopicPattern::literal("a{b}/{id}");
  CHECK(pattern.fill("t", "c", "7") == "a{b}/{id}");
  CHECK(pattern.filter("t", "c") == "a{b}/{id}");
  CHECK_FALSE(pattern.has_id());
}

TEST_CASE("client and id stay within their level") {
  const auto pattern = TopicPattern::compile("answers/{client}/{id}");
  REQUIRE(pattern);
  CHECK(pattern->fill("t", "a/b+", "#c") == "answers/a_b_/_c");
  CHECK(pattern->filter("t", "a/b+") == "answers/a_b_/+");
}

TEST_CASE("what makes no topic is refused") {
  CHECK_FALSE(TopicPattern::compile(""));
  CHECK_FALSE(TopicPattern::compile("answers/+/{id}"));
  CHECK_FALSE(TopicPattern::compile("answers/#"));
  CHECK_FALSE(TopicPattern::compile("\xFF"));
}

TEST_CASE("[MQTT-4.8.2-1] a pattern whose topics would be shared subscriptions is refused") {
  CHECK(TopicPattern::compile("$share/g/{id}").error().text ==
        "nobody can subscribe to a topic that begins with $share/");
  CHECK(TopicPattern::compile("$shared/g"));
}

TEST_CASE("a name in braces that nothing stands for is refused") {
  for (const auto& [text, name] :
       {std::pair("a/{none}/{id}", "{none}"), {"{Topic}", "{Topic}"}, {"{{ids}}", "{ids}"}, {"a/{}", "{}"}}) {
    const auto pattern = TopicPattern::compile(text);
    REQUIRE_FALSE(pattern);
    CHECK(pattern.error().text ==
          "unknown '" + std::string(name) + "'; {topic}, {client} and {id} are known");
  }
}

TEST_CASE("the filter of a pattern takes in what it fills in") {
  for (const std::string_view text : {"{topic}/answer", "answers/{client}/{id}", "answers/{client}-{id}/x",
                                      "x{topic}y", "answers/{client}", "{id}/{topic}"}) {
    CAPTURE(text);
    const auto pattern = TopicPattern::compile(text);
    REQUIRE(pattern);
    const std::string filter = pattern->filter("svc/cl/+", "cl");
    CHECK(check_topic_filter(filter));
    for (const std::string_view id : {"1", "2"})
      CHECK(matches(filter, pattern->fill("svc/cl/" + std::string(id), "cl", id)));
    CHECK(pattern->has_id() == text.contains("{id}"));
  }
  CHECK(TopicPattern::compile("{topic}/answer")->filter("svc/cl/+", "cl") == "svc/cl/+/answer");
  CHECK(TopicPattern::compile("a/{client}-{id}/x")->filter("t", "cl") == "a/+/x");
}

TEST_CASE("by convention the last two levels of a request's topic say who asks") {
  CHECK(asker_in("svc/time/cl/7").client == "cl");
  CHECK(asker_in("svc/time/cl/7").id == "7");
  CHECK(asker_in("t/c/").id.empty());
  CHECK(asker_in("c/7").client.empty());
  CHECK(asker_in("/7").client.empty());
  CHECK(asker_in("//7").client.empty());
  CHECK(asker_in("//7").id == "7");
  CHECK(asker_in("x").id.empty());

  CHECK(with_askers("svc/time") == "svc/time/+/+");
  CHECK(with_askers("$share/g/svc/+") == "$share/g/svc/+/+/+");
  CHECK(with_askers("svc/#") == "svc/#");
  CHECK(with_askers("#") == "#");
  CHECK(with_askers("$share/g/#") == "$share/g/#");
}
