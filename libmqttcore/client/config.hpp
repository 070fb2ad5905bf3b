// Where a client connects to and how often it tries again. Plain data; files are named, and read by start().
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "client/authentication.hpp"
#include "net/opening.hpp"
#include "session/config.hpp"

namespace mq {

// A try is a round through all endpoints.
struct RetryPolicy {
  std::uint32_t before_first = 0;  // further tries until the first connection stands
  std::optional<std::uint32_t> after_loss =
      0U;  // tries in a row after an established one was lost; nullopt = for ever
  // A server that was reached but closed without an answer to CONNECT counts as one that was lost.
  bool unanswered_is_loss = false;
  // Errors that another try would hardly mend (refused, not trusted, broken rules) are tried again too.
  bool against_hope = false;
  Duration least = std::chrono::seconds(1);  // first pause; doubles, with jitter, up to `most`
  Duration most = std::chrono::seconds(60);
};

struct ClientConfig {
  std::vector<Endpoint> endpoints{Endpoint{"localhost", 1883, {}}};  // tried in this order; at least one
  OpenOptions open;
  TlsOptions tls;  // of endpoints with TLS, unless open.tls holds what several clients share
  SessionConfig session;
  RetryPolicy retry;
  // Of the session's authentication method; null: data that stays the same is in the session's properties.
  std::shared_ptr<Authentication> authentication;
  std::optional<Duration> reauthenticate_every;
  // Of an accepted connection nothing leaves before let_out() says so: its owner first makes durable what the
  // output rests on.
  bool gated = false;
  // Each of `endpoints` knows the session. Else what was received from one is not looked for at another: for
  // sessions without QoS 2, whose identifiers one server would take for those of another.
  bool shared_sessions = true;
  bool fall_back_to_v311 = false;  // when the server says that it doesn't speak 5.0
  // Also when there are messages to be sent, which lose their properties then.
  bool fall_back_without_properties = false;
  Duration leave_timeout = std::chrono::seconds(5);  // from DISCONNECT to the close, at most
  // Of that, how long the server may take for its half of the close once all of ours is written.
  Duration close_timeout = std::chrono::seconds(5);
};

// Whether what is sent on the way to a connection is for that server's eyes alone: user name, password,
// authentication data, or headers of a WebSocket, which often hold a token.
bool carries_secret(const ClientConfig& config);

}  // namespace mq
