// What we have sent, or are about to send, and the server has not yet answered for good: publishes at QoS 1
// and 2, SUBSCRIBE, UNSUBSCRIBE. Gives each its packet identifier [MQTT-2.2.1-3] and keeps the encoded
// PUBLISH, always with its full topic, for sending again. Knows nothing of limits or of time. Plain data; an
// idle outbox owns no memory.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "session/event.hpp"
#include "wire/packet.hpp"

namespace mq {

enum class OutStage : std::uint8_t {
  free,
  queued,  // not sent on this connection
  awaiting_puback,
  awaiting_pubrec,
  awaiting_pubcomp,
  awaiting_suback,
  awaiting_unsuback,
  held,  // only the identifier is left, which the server may still hold
};

struct Outgoing {
  OutStage stage = OutStage::free;
  QoS qos = QoS::at_most_once;
  bool sent_before = false;  // on an earlier connection: to be sent with DUP
  bool expires = false;      // its PUBLISH has a message expiry interval
  bool held = false;         // sent at QoS 2, and will not be ended as that: see Outbox::close()
  PacketId id = 0;
  std::uint16_t filters = 0;  // of a SUBSCRIBE or UNSUBSCRIBE
  Ticket ticket = 0;
  std::uint64_t order = 0;  // of sending; for PUBREL, of the PUBREC's arrival
  Time since{};             // when it was published
  Buffer packet;            // the PUBLISH in full; empty once PUBREC has come
};

class Outbox {
 public:
  // A new entry with an identifier that no open entry has, or nullptr when all 65535 are taken. References
  // stay valid until the next open().
  Outgoing* open(Ticket ticket, OutStage stage);
  // The same under a given identifier, which no open entry has.
  Outgoing& open(Ticket ticket, OutStage stage, PacketId id);
  Outgoing* find(PacketId id);
  bool taken(PacketId id) const;  // by an open entry, or held
  // Gives an open publish another identifier, as the new message that it becomes when the session was lost.
  Outgoing& renew(Outgoing& entry);
  // Its identifier is free again; but one that is `held` stays taken until session_lost(): the server, which
  // may have seen it, would take the next QoS 2 message under it for a repeat [MQTT-4.3.3-10], and that were
  // lost.
  void close(Outgoing& entry);
  void session_lost();
  std::vector<PacketId> held() const;  // ascending

  // For bytes(): to be called once entry.packet is filled; afterwards its size stays until drop_packet() or
  // close().
  void packet_kept(const Outgoing& entry) { bytes_ += entry.packet.size(); }
  void drop_packet(Outgoing& entry);

  // Open entries in sending order.
  std::vector<PacketId> in_order() const;

  std::uint64_t next_order() { return ++last_order_; }
  std::size_t publishes() const { return publishes_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  Outgoing& slot(PacketId id) { return slots_[id & (slots_.size() - 1)]; }
  PacketId free_id();
  void grow();

  // An identifier lives in the slot of its low bits, so that finding one is an index. The size is a power of
  // two.
  std::vector<Outgoing> slots_;
  std::size_t used_ = 0;
  std::size_t publishes_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t last_order_ = 0;
  PacketId last_id_ = 0;
};

}  // namespace mq
