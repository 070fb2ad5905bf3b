// What may be put on top of a connection before the protocol speaks: a proxy's agreement, TLS, a WebSocket.
// Each takes the Transport below it and gives one back that stacks on it; a connection is opened by doing
// them one after the other (opening.hpp).
#pragma once

#include <functional>
#include <memory>

#include "base/error.hpp"
#include "net/transport.hpp"

namespace mq {

// Under way. Its destruction cancels it: the connection below is closed and the handler never called. It may
// be destroyed from within the handler. It sets no deadline of its own.
class Handshake {
 public:
  virtual ~Handshake() = default;
};

// Called once, from the loop: the new transport, or why there is none. Kinds: tls for what is wrong with a
// certificate or between the two sides' settings; connect for what the peer answers; lost when the connection
// ends before an answer.
using Opened = std::move_only_function<void(Result<std::unique_ptr<Transport>>)>;

}  // namespace mq
