// From an endpoint to a Transport that is ready for the protocol: SRV records, the proxy, TCP, TLS,
// WebSocket, one after the other, all within one time limit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/dial.hpp"
#include "net/handshake.hpp"
#include "net/proxy.hpp"
#include "net/srv.hpp"
#include "net/tls.hpp"
#include "net/web_socket.hpp"

namespace mq {

struct OpenOptions {
  DialOptions dial{};                 // its timeout is the whole opening's
  std::shared_ptr<TlsContext> tls{};  // for endpoints with tls
  WebSocketOptions web_socket{};
  SrvResolver srv_resolver{};  // empty = the system's
  std::optional<ProxyOptions> proxy{};
  std::string no_proxy{};  // hosts that are reached without it (bypasses_proxy)
  std::optional<Endpoint>
      connect_to{};  // where to connect instead; names are looked for as if it were not so
};

// An attempt under way; its destruction cancels it, and the handler is never called. The error is one of
// Dial's or of a Handshake, but never of kind lost: what ends before it is open could not be opened.
class Opening {
 public:
  Opening(Loop& loop, Endpoint endpoint, OpenOptions options, Opened opened);
  ~Opening();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mq
