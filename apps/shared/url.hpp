// SCHEME://[user[:password]@]host[:port][/topic] with mqtt, mqtts, ws or wss, and unix:///path: a server, and
// what else a URL can say, in one word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "net/dial.hpp"

namespace mq {

struct Url {
  Endpoint endpoint;  // an IPv6 address without its brackets
  bool port_given = false;
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  std::optional<std::string> topic;  // not checked: it may be a name or a filter
};

// %XX is decoded in every part but the host; '+', '#' and '?' stand for themselves. Kind usage.
Result<Url> parse_url(std::string_view text);

// The port of a scheme: 1883, 8883, 80 or 443.
std::uint16_t usual_port(bool tls, bool web_socket);

// "HOST", "HOST:PORT" or "[ADDRESS]:PORT" into host and port, which stays when none is named. Kind usage.
Result<void> read_host_and_port(std::string_view text, std::string& host, std::uint16_t& port,
                                bool& port_given);

// As quoted(), with *** in the place of the user name and password of a URL. For errors that show what may be
// one.
std::string quoted_without_secret(std::string_view text);

// Whether text can be a host name or a numeric address at all. Kind usage.
Result<void> check_host(std::string_view host);

}  // namespace mq
