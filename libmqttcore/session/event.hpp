// What a session reports, one at a time (Session::next_event). Views in an event point into the session's
// input and live until the next call of next_event() or received().
#pragma once

#include <cstdint>
#include <variant>

#include "base/error.hpp"
#include "wire/packet.hpp"

namespace mq {

// Names one publish, subscribe or unsubscribe of ours, or one message that waits for acknowledge(). Never
// reused, never 0.
using Ticket = std::uint64_t;

// CONNACK with success. What was published earlier and not acknowledged is already on its way again.
struct Connected {
  Connack connack;
  // Publishes that went out again as new messages because the server had lost the session: each may arrive
  // twice.
  std::uint32_t possible_doubles = 0;
};

// CONNACK with a failure: the transport is to be closed.
struct Refused {
  Connack connack;
};

// AUTH from the server: continue_authentication asks for authenticate(), success ends a reauthenticate().
struct Challenged {
  Auth auth;
};

// A message for us, its topic alias resolved.
struct Message {
  Publish publish;
  Ticket ticket = 0;  // for acknowledge(); 0 when there is nothing to acknowledge by hand
};

// A publish of ours at QoS 1 or 2 has ended: PUBACK, PUBCOMP or a failing PUBREC.
struct Published {
  Ticket ticket = 0;
  ReasonCode reason = ReasonCode::success;
  Properties properties;
};

// A publish of ours was given up: it expired before it was ever sent, or the new connection's limits forbid
// it.
struct Dropped {
  Ticket ticket = 0;
  Error error;
};

struct Subscribed {
  Ticket ticket = 0;
  Suback suback;
};

struct Unsubscribed {
  Ticket ticket = 0;
  Unsuback unsuback;
};

// DISCONNECT from the server: the transport is to be closed.
struct ServerDisconnected {
  Disconnect disconnect;
};

// We end the connection: the server broke the rules, or stayed silent too long. The output may hold a
// DISCONNECT that says so; once it is written the transport is to be closed.
struct Broken {
  Error error;
};

using Event = std::variant<Message, Published, Connected, Refused, Challenged, Dropped, Subscribed,
                           Unsubscribed, ServerDisconnected, Broken>;

}  // namespace mq
