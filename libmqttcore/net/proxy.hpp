// The agreement with a proxy that what follows goes to a host of our choice, whose name the proxy looks up:
// SOCKS5 (RFC 1928, RFC 1929) or HTTP CONNECT (RFC 9110, 9.3.6) with basic authentication.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/handshake.hpp"
#include "net/loop.hpp"

namespace mq {

struct ProxyOptions {
  enum class Kind { socks5, http };
  Kind kind = Kind::socks5;
  std::string host{};
  std::uint16_t port = 0;
  std::optional<std::string> user_name{}, password{};

  std::string text() const;  // "socks5://host:port": without credentials
};

// Gives back a transport at whose other end `host` and `port` are. A refusal is of kind connect and says
// which proxy refused what and why; `permanent` when the proxy wants other credentials or forbids the
// connection. Bytes that the peer sent right behind the proxy's answer are not lost.
std::unique_ptr<Handshake> begin_proxy(Loop& loop, std::unique_ptr<Transport> below,
                                       const ProxyOptions& proxy, const std::string& host, std::uint16_t port,
                                       Opened opened);

}  // namespace mq
