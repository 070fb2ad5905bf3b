#include "e2e/answers.hpp"

#include <doctest/doctest.h>

namespace mq {

void send_answer(Peer& peer, const Publish& request, const Answer& answer) {
  PropertyList properties;
  const auto correlation = request.properties.bytes(PropertyId::correlation_data);
  REQUIRE(correlation);
  REQUIRE(
      properties.add(PropertyId::correlation_data, answer.right_correlation ? *correlation : Bytes("no")));
  const auto topic = request.properties.bytes(PropertyId::response_topic);
  REQUIRE(topic);
  peer.send(Publish{
      .retain = answer.retain, .topic = *topic, .properties = properties.view(), .payload = answer.payload});
}

Reactions answering(std::vector<Answer> answers) {
  return {.publish = [answers = std::move(answers)](Peer& peer, const Publish& request) {
    peer.answer(request);
    for (const Answer& answer : answers) send_answer(peer, request, answer);
  }};
}

}  // namespace mq
