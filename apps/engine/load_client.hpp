// One client of a load: a connection and what it has to do on it. Plain state; its troop acts on it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/connection.hpp"
#include "engine/open_requests.hpp"
#include "engine/stream_facts.hpp"
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
  bool settled = false;              // what was never sent is counted
  bool queued = false;               // it stands in the agenda
  bool blocked = false;              // one is due and has no room
  Time held_until{};                 // when there was room again, or a connection
  OpenRequests open;                 // by ticket; of requests by number + 1
  std::uint64_t oldest = 0;          // request that may still be open
  Time progress{};                   // the last acknowledgement
  std::uint64_t bytes_then = 0;      // that were sent when progress was last looked for
  // Tickets that follow each other, and the number of the first one's message. At QoS 0 none.
  struct Stretch {
    Ticket ticket = 0;
    std::uint64_t number = 0;
  };
  std::vector<Stretch> stretches;
  Ticket offset = ~Ticket{0};  // of the last stretch: ticket less number
  std::unique_ptr<Exceptions> exceptions;

  void note_ticket(Ticket ticket) {
    if (ticket - next == offset) [[likely]]
      return;
    offset = ticket - next;
    if (open.size() == 0) stretches.clear();
    stretches.push_back({ticket, next});
  }
  std::uint64_t number_of(Ticket ticket) const {
    std::size_t at = stretches.size() - 1;
    while (at > 0 && stretches[at].ticket > ticket) --at;
    return stretches[at].number + (ticket - stretches[at].ticket);
  }
  Exceptions& made_exceptions() {
    if (!exceptions) exceptions = std::make_unique<Exceptions>();
    return *exceptions;
  }
};

// The times when a server had no session for a subscriber: what was sent meanwhile is promised to nobody.
struct Lapses {
  std::map<std::uint32_t, std::uint64_t> open;  // streams that are silent since, and from which number on
  std::map<std::uint32_t, NumberRanges> past;
};

// Copies at QoS 2 beyond the first; whether they break a promise shows at the end.
struct Copies {
  static constexpr std::size_t most = 4096;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> first;  // stream and number
  std::uint64_t more = 0;                                      // beyond `most`
};

struct Receiving {
  SequenceTable sequences;
  std::uint64_t received = 0;  // messages, each copy
  std::uint64_t corrupted = 0;
  Time subscribed_at{};
  int granted = -1;   // the lowest QoS of its subscriptions; -1: not all were granted
  bool away = false;  // its connection was lost
  std::unique_ptr<Lapses> lapses;
  std::unique_ptr<Copies> copies;
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
  bool spent = false;      // counted as such
  bool wants_to_leave = false;
  bool fell = false;                             // its connection failed while it was needed, and is not back
  bool was_held = false;                         // it could not connect when that was due
  Time connect_due{}, connect_begun{}, asked{};  // asked: SUBSCRIBE
  std::optional<Time> armed;                     // what the agenda has as this one's deadline
  std::uint64_t counted_sent = 0, counted_received = 0;  // bytes
  std::unique_ptr<Sending> sending;
  std::unique_ptr<Receiving> receiving;
  std::unique_ptr<Arrivals> coming;  // of those who come and go
  std::uint64_t times = 0;           // connected
  std::uint64_t attempts = 0;        // to connect
  std::uint32_t failures = 0;        // to connect, in a row
};

}  // namespace mq
