// The control packets, one set of structs for MQTT 3.1, 3.1.1 and 5.0 and for both directions. All text and
// bytes are views: a decoded packet lives as long as the bytes that it was decoded from; a packet to be
// encoded as long as what its maker points at. Fields that a version doesn't have keep their defaults (3.x:
// no properties, reason success). Text and binary data have at most 65535 bytes each (5.0: 1.5.4, 1.5.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "wire/packet_type.hpp"
#include "wire/property.hpp"
#include "wire/reason_code.hpp"
#include "wire/version.hpp"

namespace mq {

using PacketId = std::uint16_t;  // 1..65535; 0 where a packet has none

struct Will {  // 5.0: 3.1.2.5, 3.1.3.2 to 3.1.3.4
  std::string_view topic;
  Bytes payload;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  Properties properties;

  bool operator==(const Will&) const = default;
};

struct Connect {  // 5.0: 3.1
  Version version = Version::v5;
  // 3.x: this client passes messages on. Brokers that know the bit (the high one of the protocol level, an
  // extension of theirs) send it nothing of its own back and leave the retain flag as it is.
  bool bridge = false;
  bool clean_start = true;        // clean session in 3.x
  std::uint16_t keep_alive = 60;  // seconds, 0 = off
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name;
  std::optional<Bytes> password;
  Properties properties;

  bool operator==(const Connect&) const = default;
};

struct Connack {  // 5.0: 3.2
  bool session_present = false;
  ReasonCode reason = ReasonCode::success;  // 3.x return codes 1..5 arrive as 0x84, 0x85, 0x88, 0x86, 0x87
  Properties properties;

  bool operator==(const Connack&) const = default;
};

struct Publish {  // 5.0: 3.3
  bool dup = false;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::string_view topic;  // empty only together with a topic alias
  PacketId packet_id = 0;  // 0 exactly when QoS is 0
  Properties properties;
  Bytes payload;

  bool operator==(const Publish&) const = default;
};

struct Ack {  // 5.0: 3.4 to 3.7
  PacketId packet_id = 0;
  ReasonCode reason = ReasonCode::success;
  Properties properties;

  bool operator==(const Ack&) const = default;
};
struct Puback : Ack {
  bool operator==(const Puback&) const = default;
};
struct Pubrec : Ack {
  bool operator==(const Pubrec&) const = default;
};
struct Pubrel : Ack {
  bool operator==(const Pubrel&) const = default;
};
struct Pubcomp : Ack {
  bool operator==(const Pubcomp&) const = default;
};

enum class RetainHandling : std::uint8_t { always = 0, new_only = 1, never = 2 };  // 5.0: 3.8.3.1

struct Subscription {  // 5.0: 3.8.3; below 5.0 filter and QoS alone
  std::string_view filter;
  QoS qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::always;

  bool operator==(const Subscription&) const = default;
};

struct Subscribe {  // 5.0: 3.8
  PacketId packet_id = 0;
  Properties properties;
  std::vector<Subscription> subscriptions;

  bool operator==(const Subscribe&) const = default;
};

struct Suback {  // 5.0: 3.9
  PacketId packet_id = 0;
  Properties properties;
  Bytes codes;  // one octet a filter, each a ReasonCode (3.x: 0, 1, 2 or 0x80, the same octets)

  bool operator==(const Suback&) const = default;
};

struct Unsubscribe {  // 5.0: 3.10
  PacketId packet_id = 0;
  Properties properties;
  std::vector<std::string_view> filters;

  bool operator==(const Unsubscribe&) const = default;
};

struct Unsuback {  // 5.0: 3.11
  PacketId packet_id = 0;
  Properties properties;
  Bytes codes;  // one octet a filter, each a ReasonCode; empty in 3.x

  bool operator==(const Unsuback&) const = default;
};

struct Pingreq {  // 5.0: 3.12
  bool operator==(const Pingreq&) const = default;
};
struct Pingresp {  // 5.0: 3.13
  bool operator==(const Pingresp&) const = default;
};

struct Disconnect {  // 5.0: 3.14
  ReasonCode reason = ReasonCode::success;
  Properties properties;

  bool operator==(const Disconnect&) const = default;
};

struct Auth {  // 5.0: 3.15; not below
  ReasonCode reason = ReasonCode::success;
  Properties properties;

  bool operator==(const Auth&) const = default;
};

using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe, Suback,
                            Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

PacketType type_of(const Packet& packet);

}  // namespace mq
