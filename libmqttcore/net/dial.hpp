// Opens a Transport to an endpoint: resolves the name, tries its addresses side by side (RFC 8305: both
// families in turn, a quarter of a second apart, sooner after a refusal), and says in words why none of them
// answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "net/loop.hpp"
#include "net/transport.hpp"

namespace mq {

struct Endpoint {
  std::string host{};  // a name, an IPv4 or IPv6 address without brackets (a %zone may follow)
  std::uint16_t port = 0;
  std::string unix_path{};  // not empty: a Unix socket, host and port are not looked at; a leading '@' is the
                            // abstract namespace

  // What is spoken there, and how it is found; Opening looks at them, Dial does not.
  bool tls = false;
  bool web_socket = false;
  bool srv = false;  // host and port come from the SRV records of the domain `host`

  // "localhost:1883", "[::1]:1883", "/run/broker.sock"
  std::string text() const;
};

// Numeric addresses of a host name, best first. Called in a thread of its own that nobody waits for, so it
// may go on after everything here has ended.
using Resolver = std::function<Result<std::vector<std::string>>(const std::string& host)>;

enum class Family { any, v4, v6 };

struct DialOptions {
  std::string bind_address{};                   // local address, numeric; empty = the system chooses
  Duration timeout = std::chrono::seconds(30);  // name look-up and all attempts together
  Family family = Family::any;                  // the others are not asked for and not tried
  bool no_delay = true;
  // How long sent bytes may stay unacknowledged before the connection counts as dead (TCP_USER_TIMEOUT);
  // 0 = the system's way.
  std::chrono::milliseconds user_timeout{0};
  // TCP keep-alive: after so long without a byte the kernel asks whether the peer is still there, three times
  // in about the same time again, and then the connection is lost. Absent = it never asks.
  std::optional<std::chrono::seconds> keep_alive{};
  Resolver resolver{};  // empty = the system's
};

// An attempt under way. Its destruction cancels it at once, even while a name server is silent, and the
// handler is never called.
class Dial {
 public:
  using Handler = std::move_only_function<void(Result<std::unique_ptr<Transport>>)>;

  // The error is of kind usage (a bind address or socket path that can't be), resolve (no such host: trying
  // again won't help), connect (everything else that may pass, a silent name server among it) or timeout.
  // "localhost" and numeric addresses are resolved here (RFC 6761), all other names by the resolver.
  Dial(Loop& loop, Endpoint endpoint, DialOptions options, Handler handler);
  ~Dial();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace mq
