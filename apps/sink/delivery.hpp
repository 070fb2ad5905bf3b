// Messages on their way to one subscriber: at once where its connection and window allow, else in its
// session's line. Acknowledgements, resending after a reconnect, replays of what is retained, and the faults
// that a test has ordered.
#pragma once

#include <cstdint>
#include <string_view>

#include "sink/counts.hpp"
#include "sink/faults.hpp"
#include "sink/flow.hpp"
#include "sink/message.hpp"
#include "sink/poller.hpp"
#include "sink/retained.hpp"
#include "sink/session.hpp"

namespace mq::sink {

// A message under way: the packet as it came, and its stored form once somebody must wait for it.
struct Passing {
  const Publish& packet;
  Time expires = Time::max();
  MessagePtr stored{};
  bool aged = false;  // it was stored for a while before
};

// How a subscriber gets it.
struct Grant {
  QoS qos = QoS::at_most_once;
  bool retain = false;
  Bytes identifiers{};  // of its subscriptions, as properties
};

void append_identifier(std::uint32_t identifier, Buffer& properties);

class Delivery {
 public:
  Delivery(Flow& flow, Poller& poller, MessageStock& stock, const Sessions& sessions,
           const Retained& retained, const SinkFaults& faults, SinkCounts& counts)
      : flow_(flow),
        poller_(poller),
        stock_(stock),
        sessions_(sessions),
        retained_(retained),
        faults_(faults),
        counts_(counts) {}

  void deliver(Session& session, Passing& passing, const Grant& grant) {
    if (faults_.fate) {
      deliver_as_fated(session, passing, grant);
    } else {
      give(session, passing, grant);
    }
  }

  // The retained messages that the filter takes in; goes on in pump().
  void replay(Session& session, Replay replay);

  // A client is back: everything that it has not acknowledged goes out again, in the old order.
  void resume(Session& session);
  // Sends what waits, as far as the window and the connection allow.
  void pump(Session& session);

  void on_puback(Session& session, PacketId id);
  void on_pubrec(Session& session, PacketId id, ReasonCode reason);
  void on_pubcomp(Session& session, PacketId id);

 private:
  void deliver_as_fated(Session& session, Passing& passing, const Grant& grant);
  void give_later(Session& session, Waiting waiting, Duration time);
  void count_down(Session& session);

  void give(Session& session, Passing& passing, const Grant& grant);
  void give(Session& session, Waiting waiting);
  Waiting to_wait(Passing& passing, const Grant& grant);
  void queue(Session& session, Waiting waiting);
  bool can_send(const Session& session) const;
  void send(Session& session, Departure packet, MessagePtr message);
  void send(Session& session, const Waiting& waiting);
  void send_again(Session& session, PacketId id, Outbound& outbound);
  bool fits(const Session& session, const Departure& packet);
  bool replay_next(Session& session);
  void finish(Session& session, PacketId id, const Outbound& outbound);

  Flow& flow_;
  Poller& poller_;
  MessageStock& stock_;
  const Sessions& sessions_;
  const Retained& retained_;
  const SinkFaults& faults_;
  SinkCounts& counts_;
};

}  // namespace mq::sink
