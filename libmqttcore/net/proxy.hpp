// The agreement with a proxy that what follows goes to a host of our choice, whose name the proxy looks up:
// SOCKS5 (RFC 1928, RFC 1929) or HTTP CONNECT (RFC 9110, 9.3.6) with basic authentication; and what a user
// says of proxies in one word, as curl reads it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/handshake.hpp"
#include "net/loop.hpp"

namespace mq {

struct ProxyOptions {
  enum class Kind { socks5, http };
  Kind kind = Kind::socks5;
  std::string host{};  // an IPv6 address without its brackets
  std::uint16_t port = 0;
  std::optional<std::string> user_name{}, password{};

  std::string text() const;  // "socks5://host:port": without credentials
};

// [socks5://|socks5h://|http://][user[:password]@]host[:port][/]: http unless it says otherwise, port 1080
// for SOCKS5 and 8080 for HTTP; %XX in user and password is decoded. Kind usage, and never with the password.
Result<ProxyOptions> parse_proxy(std::string_view url);

// What NO_PROXY says of a host: names separated by commas or spaces, each with everything below it
// ("example.com" is the same as ".example.com"); addresses and blocks of them ("10.0.0.0/8"); "*" for all.
// Each may end in ":port" and then counts for that port alone.
bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port);

// Gives back a transport at whose other end `host` and `port` are; its peer() is still the proxy. A refusal
// is of kind connect and says which proxy refused what and why; `permanent` when the proxy wants other
// credentials or will never make the connection. Kind usage: a host name or credentials that the proxy's
// language can't express. Bytes that the peer sent right behind the proxy's answer are not lost.
std::unique_ptr<Handshake> begin_proxy(Loop& loop, std::unique_ptr<Transport> below,
                                       const ProxyOptions& proxy, const std::string& host, std::uint16_t port,
                                       Opened opened);

}  // namespace mq
