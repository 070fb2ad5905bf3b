// mqtt://[user[:password]@]host[:port][/topic] and unix:///path: a server, and what else a URL can say, in
// one word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace mq {

struct Url {
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 1883;
  std::string unix_path;  // not empty: a Unix socket; host and port say nothing
  std::optional<std::string> user_name;
  std::optional<std::string> password;
  std::optional<std::string> topic;  // not checked: it may be a name or a filter
};

// %XX is decoded in every part but the host; '+', '#' and '?' stand for themselves. Kind usage.
Result<Url> parse_url(std::string_view text);

// Whether text can be a host name or a numeric address at all. Kind usage.
Result<void> check_host(std::string_view host);

}  // namespace mq
