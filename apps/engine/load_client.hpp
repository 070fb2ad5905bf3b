// One client of a load: a connection and what it has to do on it. Plain state; its troop acts on it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/connection.hpp"
#include "engine/open_requests.hpp"
#include "load/arrivals.hpp"
#include "load/sequence.hpp"

namespace mq {

struct Squad;

// What a client that publishes or asks has under way.
struct Sending {
  std::optional<Arrivals> arrivals;  // none: as fast as can be
  std::optional<Time> due;           // the next one's
  std::uint64_t next = 0;            // number of the next message
  bool over = false;                 // nothing comes any more
  bool queued = false;               // it stands in the agenda
  bool blocked = false;              // one is due and has no room
  OpenRequests open;                 // by ticket; of requests by number + 1
  std::uint64_t oldest = 0;          // request that may still be open
};

struct Receiving {
  SequenceTable sequences;
  std::uint64_t received = 0;  // messages, each copy
  std::uint64_t corrupted = 0;
  Time subscribed_at{};
};

struct LoadClient final : Connection {
  LoadClient(Poller& poller, ConnectionOwner& owner, SessionConfig config, Squad& of)
      : Connection(poller, owner, std::move(config)), squad(&of) {}

  enum class State : std::uint8_t { waiting, connecting, subscribing, ready, leaving, gone };

  Squad* squad;
  std::uint32_t number = 0;  // over all populations
  std::uint32_t place = 0;   // in the troop
  State state = State::waiting;
  bool was_ready = false;  // counted as such
  bool finished = false;   // counted as such
  bool wants_to_leave = false;
  Time connect_due{}, connect_begun{}, asked{};          // asked: SUBSCRIBE
  std::optional<Time> armed;                             // what the agenda has as this one's deadline
  std::uint64_t counted_sent = 0, counted_received = 0;  // bytes
  std::unique_ptr<Sending> sending;
  std::unique_ptr<Receiving> receiving;
  std::unique_ptr<Arrivals> coming;  // of those who come and go
  std::uint64_t times = 0;           // connected
  std::uint32_t failures = 0;        // to connect, in a row
};

}  // namespace mq
