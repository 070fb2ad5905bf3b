// Where answers go, and where they must not.
#include "rr/answer_routes.hpp"

#include <doctest/doctest.h>

using namespace mq;
using Kind = AnswerRoutes::Route::Kind;

namespace {

struct Request {
  PropertyList properties;
  Publish publish;

  explicit Request(std::string_view topic, std::string_view response = {})
      : publish{.topic = topic, .properties = {}, .payload = {}} {
    if (!response.empty()) REQUIRE(properties.add(PropertyId::response_topic, response));
    publish.properties = properties.view();
  }
};

TopicPattern pattern_of(std::string_view text) { return TopicPattern::compile(text).value(); }

}  // namespace

TEST_CASE("the answer goes to the response topic of the request, with its correlation data") {
  AnswerRoutes routes({"svc/#"}, {}, std::nullopt);
  Request request("svc/a", "answers/1");
  REQUIRE(request.properties.add(PropertyId::correlation_data, Bytes("\0x", 2)));
  request.publish.properties = request.properties.view();
  const auto route = routes.find(request.publish);
  CHECK(route.kind == Kind::found);
  CHECK(route.topic == "answers/1");
  CHECK(route.correlation == Bytes("\0x", 2));
  CHECK(routes.find(Request("svc/a").publish).kind == Kind::unnamed);
}

TEST_CASE("no answer goes to the server's own topics, or back here") {
  AnswerRoutes routes({"svc/#", "$share/group/pool/+"}, {}, std::nullopt);
  for (const auto& [topic, why] :
       {std::pair("$SYS/x", "the response topic '$SYS/x' is one of the server's own"),
        {"$share/group/pool/1", "the response topic '$share/group/pool/1' is one of the server's own"},
        {"svc/b", "the response topic 'svc/b' would lead back here, by 'svc/#'"},
        {"svc", "the response topic 'svc' would lead back here, by 'svc/#'"},
        {"pool/1", "the response topic 'pool/1' would lead back here, by '$share/group/pool/+'"}}) {
    CAPTURE(topic);
    const auto route = routes.find(Request("svc/a", topic).publish);
    CHECK(route.kind == Kind::refused);
    CHECK(route.why.starts_with(why));
  }
  CHECK(routes.find(Request("svc/a", "pool/1/2").publish).kind == Kind::found);
}

TEST_CASE("only allowed topics get answers, and own ones never") {
  AnswerRoutes routes({"svc"}, {"answers/+", "svc"}, std::nullopt);
  CHECK(routes.find(Request("svc", "answers/1").publish).kind == Kind::found);
  CHECK(routes.find(Request("svc", "answers/1/2").publish).why ==
        "the response topic 'answers/1/2' is not allowed");
  CHECK(routes.find(Request("svc", "svc").publish).kind == Kind::refused);
}

TEST_CASE("an answer is never answered") {
  AnswerRoutes routes({"svc"}, {}, pattern_of("elsewhere"));
  Request answer("svc", "answers/1");
  REQUIRE(answer.properties.add_user("responder", "other"));
  answer.publish.properties = answer.properties.view();
  const auto route = routes.find(answer.publish);
  CHECK(route.kind == Kind::refused);
  CHECK(route.why == "it is an answer itself");
}

TEST_CASE("a pattern stands in where the request names no topic") {
  AnswerRoutes routes({"svc/+/+"}, {}, pattern_of("{topic}/answer"));
  CHECK(routes.find(Request("svc/me/7").publish).topic == "svc/me/7/answer");
  CHECK(routes.find(Request("svc/me/7", "mine").publish).topic == "mine");

  AnswerRoutes named({"#"}, {}, pattern_of("answers/{client}/{id}"));
  CHECK(named.find(Request("a/b/7").publish).kind == Kind::refused);  // '#' takes in all
  AnswerRoutes other({"svc/#"}, {}, pattern_of("answers/{client}/{id}"));
  CHECK(other.find(Request("svc/b/7").publish).topic == "answers/b/7");
  CHECK(other.find(Request("svc").publish).kind == Kind::unnamed);
  CHECK(other.find(Request("svc//7").publish).kind == Kind::unnamed);
}

TEST_CASE("what holds an answer of its own is not answered") {
  AnswerRoutes routes({"a/#"}, {}, pattern_of("b/{topic}"));
  CHECK(routes.find(Request("a/x").publish).topic == "b/a/x");
  CHECK(routes.find(Request("a/b/x").publish).kind == Kind::found);
  CHECK(routes.find(Request("a/xb/a/x").publish).kind == Kind::found);
  for (const char* topic : {"a/b/a/x", "a/c/b/a/x/answer", "a/b/b/a"}) {
    CAPTURE(topic);
    CHECK(routes.find(Request(topic).publish).why == "an answer of ours has come back in it");
    CHECK(routes.find(Request(topic, "mine").publish).kind == Kind::found);
  }
}
