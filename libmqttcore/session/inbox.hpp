// Messages at QoS 1 and 2 that the server has sent and that are not finished: which of them wait for our
// acknowledgement, in the order in which they came [MQTT-4.6.0-2] [MQTT-4.6.0-3], and which QoS 2 identifiers
// must not be delivered again [MQTT-4.3.3-10]. Plain data; an idle inbox owns no memory.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "session/event.hpp"
#include "wire/packet.hpp"

namespace mq {

struct Arrival {
  Ticket ticket = 0;  // 0: a repeat, to be answered again
  PacketId id = 0;
  QoS qos = QoS::at_least_once;
  bool here = true;    // came on this connection: an acknowledgement can be sent
  bool acked = false;  // acknowledge() was called
  ReasonCode reason = ReasonCode::success;
  Buffer properties;  // of the acknowledgement
};

class Inbox {
 public:
  // QoS 2: whether the identifier belongs to a message that was delivered and not yet released by PUBREL.
  bool holds(PacketId id) const;
  void hold(PacketId id);
  bool release(PacketId id);  // false: it was not held

  void arrive(Arrival arrival);
  // A held message came again. One that waits for acknowledge() keeps its ticket and takes its new place; any
  // other is answered again in its turn.
  void arrive_again(PacketId id);
  bool waits(PacketId id) const;  // for acknowledge(), at QoS 2
  // A QoS 1 message, the same as one of an earlier connection that was not answered yet: it keeps its ticket
  // and takes its new place. False: it is a new one; without DUP it always is [MQTT-3.3.1-1].
  bool unanswered_again(PacketId id, bool dup);

  Arrival* find(Ticket ticket);
  // The next acknowledgement that may leave: the oldest of this connection, once it is acknowledged. Its
  // identifier stays held at QoS 2.
  std::optional<Arrival> next_acknowledged();

  // Exchanges of this connection that count against our receive maximum [MQTT-3.3.4-9].
  std::size_t open_exchanges() const { return open_; }

  void connection_lost();  // all that was not answered will come again, and keeps its ticket
  void session_lost() { *this = Inbox{}; }

  // Held identifiers whose messages are finished for the caller: another run of the program must not deliver
  // them again, all others it must.
  std::vector<PacketId> taken() const;

 private:
  // Identifiers come in runs: a bit each, in pages by their high octet, and none where nothing is held.
  struct Page {
    unsigned number = 0;
    std::bitset<256> held;
    std::bitset<256> here;  // came on this connection
  };
  static unsigned page_of(PacketId id) { return id >> 8U; }
  static unsigned bit_of(PacketId id) { return id & 0xFFU; }

  std::vector<Page> held_;
  std::vector<Arrival> arrivals_;
  std::size_t open_ = 0;
  std::size_t absent_ = 0;  // arrivals at QoS 1 that did not come on this connection
};

}  // namespace mq
