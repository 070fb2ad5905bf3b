// A message on its way along a route.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/packet.hpp"

namespace mq {

// Views; how long they live is said where one is given or taken.
struct Parcel {
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::string_view topic;
  Properties properties;
  Bytes payload;
  std::int64_t arrived = 0;  // milliseconds since 1970

  std::size_t size() const { return topic.size() + properties.block().size() + payload.size(); }
};

}  // namespace mq
