// What the server allows on one connection, as its CONNACK says (5.0: 3.2.2.3), or MQTT's own bounds where it
// says nothing.
#pragma once

#include <cstdint>

#include "base/error.hpp"
#include "wire/packet.hpp"

namespace mq {

struct Limits {
  std::uint16_t receive_maximum = 65535;           // publishes at QoS 1 and 2 that are not acknowledged
  std::uint32_t maximum_packet_size = 0xFFFFFFFF;  // in bytes, the fixed header included
  std::uint16_t topic_alias_maximum = 0;           // 0: none
  QoS maximum_qos = QoS::exactly_once;
  bool retain = true;
  bool wildcards = true;
  bool shared = true;
  bool subscription_identifiers = true;

  static Limits of(const Connack& connack);

  // Kind denied, with the reason code that the server would give.
  Result<void> check_publish(QoS qos, bool retain, std::uint64_t packet_size) const;
  Result<void> check_subscription(const Subscription& subscription) const;
};

}  // namespace mq
