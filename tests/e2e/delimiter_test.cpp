// What follows a message instead of a newline.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;

namespace {

std::string shown(Arguments options) {
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    peer.send(Publish{.topic = "t", .properties = {}, .payload = "a\nb"});
    peer.send(Publish{.topic = "t", .properties = {}, .payload = ""});
  }});
  options.insert(options.end(), {"-t", "t", "-C", "2"});
  return run(sub(broker.port(), options)).out;
}

}  // namespace

TEST_CASE("a NUL or another byte follows each message") {
  CHECK(shown({"-0"}) == std::string("a\nb\0\0", 5));
  CHECK(shown({"--delimiter", ";"}) == "a\nb;;");
  CHECK(shown({"--delimiter", "\\t", "-v"}) == "t a\nb\tt (null)\t");
  CHECK(shown({"-0", "-F", "%l"}) == std::string("3\0"
                                                 "0\0",
                                                 4));
  CHECK(shown({"--null", "--jq", ".topic"}) == std::string("t\0t\0", 4));
  const std::string json = shown({"-0", "--output", "json"});
  CHECK(count_of(std::string_view("}\0", 2), json) == 2);
  CHECK_FALSE(holds(json, "\n"));
}
