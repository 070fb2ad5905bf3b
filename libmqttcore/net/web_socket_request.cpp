#include "net/web_socket_request.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.hpp"

namespace mq {
namespace {

// RFC 9110, 5.6.2
bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || others.contains(c);
  });
}

// RFC 9110, 5.5: no controls but the tab, so that nobody smuggles another field in.
bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text,
                             [](char c) { return c == '\t' || (octet(c) >= 0x20 && octet(c) != 0x7F); });
}

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// What the handshake itself says, and what would change where the request ends.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 5> ours{"connection", "upgrade", "content-length",
                                                 "transfer-encoding", "te"};
  const std::string plain = lower(name);
  return plain.starts_with("sec-websocket-") || std::ranges::find(ours, plain) != ours.end();
}

// The query may hold a token.
std::string_view path_alone(const WebSocketOptions& options) {
  return std::string_view(options.path).substr(0, options.path.find('?'));
}

}  // namespace

Result<void> check_request(const WebSocketOptions& options, const std::string& host) {
  // RFC 6455, 3: no fragment.
  if (!options.path.starts_with('/') || !is_visible_ascii(options.path) || options.path.contains('#')) {
    return fail(
        ErrorKind::usage, fmt::format("the WebSocket's path can't be {}", quoted(path_alone(options))), 0,
        "it begins with '/' and has neither '#' nor spaces nor other than ASCII characters: write those as "
        "%XX");
  }
  if (!is_token(options.protocol)) {
    return fail(ErrorKind::usage,
                fmt::format("the WebSocket's sub-protocol can't be {}", quoted(options.protocol)));
  }
  if (host.empty() || !is_visible_ascii(host)) {
    return fail(ErrorKind::usage, fmt::format("the WebSocket's host can't be {}", quoted(host)));
  }
  for (const auto& [name, value] : options.headers) {
    if (!is_token(name)) {
      return fail(ErrorKind::usage, fmt::format("{} can't be the name of an HTTP header", quoted(name)));
    }
    if (is_ours(name)) {
      return fail(ErrorKind::usage,
                  fmt::format("the HTTP header {} belongs to the WebSocket handshake itself", quoted(name)));
    }
    if (!is_field_value(value)) {  // which may be a secret
      return fail(ErrorKind::usage,
                  fmt::format("the value of the HTTP header {} holds control characters", quoted(name)));
    }
  }
  return {};
}

Error refusal(const HttpAnswer& answer, const WebSocketOptions& options) {
  const unsigned status = answer.status();
  Error error{ErrorKind::connect, "the WebSocket was refused: " + answer.text()};
  const bool passing = status == 408 || status == 425 || status == 429;
  const bool moved = status == 301 || status == 308;
  error.permanent = moved || (status / 100 == 4 && !passing);
  if (status / 100 == 3) {
    error.hint = "connect to that address, if you trust it: redirects are not followed";
  } else if (status / 100 == 2 || status == 404) {
    error.hint = fmt::format("the server may have its WebSocket under another path than {}",
                             quoted(path_alone(options)));
  }
  return error;
}

}  // namespace mq
