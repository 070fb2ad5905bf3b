// What a bridge has done on the wire, from the records of the cables between it and its brokers: which
// handshakes each side has begun for which message. So a test can tell a message that the bridge has doubled
// or kept back from one that a broker has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "peers/cable.hpp"
#include "wire/packet.hpp"

namespace mq {

// What went one way, of one QoS. A message is named "TOPIC PAYLOAD".
struct Passage {
  // Handshakes: sent again before its PUBREL under the same identifier, a message is the same one.
  std::map<std::string, std::size_t> begun;
  std::set<std::string> taken;     // PUBACK or PUBREC came for it
  std::vector<std::string> order;  // of the first PUBLISH of each
  // Of the first PUBREL of each, which is when mosquitto gives a message on.
  std::vector<std::string> released;
  // CONNACKs, after the first, of a server that had lost the session; and what that made begin anew.
  std::size_t sessions_lost = 0;
  std::map<std::string, std::size_t> anew;
};

// All connections of `cable` are of one client, which speaks `version`; `sender` is the side that publishes.
Passage passage_of(const Cable& cable, Version version, Sender sender, QoS qos);

struct CarryVerdict {
  std::size_t kept_back = 0;  // given to the bridge, and not taken by the destination
  std::size_t doubled = 0;    // more handshakes to the destination than from the source
  std::size_t reordered = 0;  // of one topic, in another order than they had come in
};
// At QoS 1 nothing counts as doubled.
CarryVerdict judge_carry(const Passage& given, const Passage& passed, QoS qos);

// The cables of a bridge between two brokers. Order is judged here: mosquitto 2.0.11 lets
// what comes while a client's session is resumed overtake what it has kept for that client.
struct BridgeCables {
  BridgeCables(std::uint16_t a, std::uint16_t b, Version spoken = Version::v5)
      : to_a(a), to_b(b), version(spoken) {}
  CarryVerdict judge(QoS qos) const;

  Cable to_a, to_b;
  Version version;
};

// Handshakes beyond the first of each message.
std::size_t again_in(const Passage& passage);

// Handshakes that a broker has begun for messages that it already had got through, by what came to it and
// what it gave on.
std::size_t doubled_by_broker(const Passage& came, const Passage& gave);

// Topics whose messages a broker gave on in another order than they came to it.
std::size_t reordered_by_broker(const Passage& came, const Passage& gave, QoS qos);

}  // namespace mq
