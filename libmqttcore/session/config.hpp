// What a session is to be: everything that CONNECT says and the bounds that it keeps. Plain data that owns
// its strings. One set of fields for MQTT 3.1, 3.1.1 and 5.0; what a version can't say is refused by check()
// instead of being left out silently.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "wire/property.hpp"
#include "wire/version.hpp"

namespace mq {

struct WillConfig {  // 5.0: 3.1.2.5
  std::string topic;
  Buffer payload;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  PropertyList properties;
};

struct SessionConfig {
  Version version = Version::v5;
  bool bridge = false;    // Connect::bridge
  std::string client_id;  // empty: the server assigns one (5.0: 3.1.3.1), which one of 3.1 does not
  bool clean_start = true;
  std::uint16_t keep_alive = 60;  // seconds, 0 = off
  std::optional<std::string> user_name;
  std::optional<Buffer> password;
  std::optional<WillConfig> will;
  // Of CONNECT: session expiry, receive maximum, maximum packet size, topic alias maximum, authentication,
  // user properties, ...
  PropertyList properties;

  // The caller goes on with a session of an earlier run, of which nothing was in flight: Session Present 1 is
  // then right at the first connection too. restore() implies it. [MQTT-3.2.2-4]
  bool continues_session = false;

  // More than our receive maximum at once ends the connection [MQTT-3.3.4-9]. A caller that bears it may let
  // it pass: some servers send too much after a connection was lost.
  bool enforce_receive_maximum = true;
  // A message that goes to a server which takes no such QoS, or retains nothing, goes with what that takes.
  // Else it is given up. At a server that takes QoS 0 alone it is given up in any case.
  bool lowers = false;
  bool manual_acknowledgement = false;
  // Session::changes() tells what another run of the program would have to know.
  bool keeps_changes = false;
  // What was not acknowledged when the server lost the session is published again as new messages; else it is
  // Dropped, kind lost, and the caller decides.
  bool publish_again = true;
  // Bounds of what is published at QoS 1 and 2 and not yet acknowledged; the server's Receive Maximum may be
  // lower.
  std::uint16_t max_in_flight = 20;
  std::uint64_t max_in_flight_bytes = 8U << 20;
  // Taken for the server's Receive Maximum below 5.0, where a server can't announce one: brokers do cut off a
  // client that has too much in flight.
  std::uint16_t receive_maximum_below_v5 = 65535;
  // Topic aliases that the session gives by itself, at most as many and as the server allows; 0 = none.
  std::uint16_t automatic_topic_aliases = 0;
  // Output that the connection has not yet taken, in bytes, above which the session takes no input and no QoS
  // 0 publish.
  std::size_t max_output = 256U << 10;
  // How long the server may take for CONNACK.
  Duration connack_timeout = std::chrono::seconds(30);
};

// Everything that can be known before a connection is made, by encoding the CONNECT: kind usage.
Result<void> check(const SessionConfig& config);

}  // namespace mq
