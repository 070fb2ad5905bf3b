// A message at QoS 0 for tests; views only.
#pragma once

#include <string_view>

#include "wire/packet.hpp"

namespace mq::test {

inline Publish message(std::string_view topic, Bytes payload = {}, Properties properties = {}) {
  Publish publish;
  publish.topic = topic;
  publish.payload = payload;
  publish.properties = properties;
  return publish;
}

}  // namespace mq::test
