#include "shared/url.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

Result<std::string> decoded(std::string_view text) {
  if (auto plain = percent_decoded(text)) return *std::move(plain);
  return usage(fmt::format("{} holds a % without two hexadecimal digits", quoted(text)),
               "write %25 for a percent sign itself");
}

Result<void> read_user(Url& url, std::string_view user) {
  const std::size_t colon = user.find(':');
  auto name = decoded(user.substr(0, colon));
  if (!name) return std::unexpected(name.error());
  if (auto checked = check_mqtt_text(*name); !checked) return checked;
  url.user_name = *std::move(name);
  if (colon == user.npos) return {};
  auto password = percent_decoded(user.substr(colon + 1));
  if (!password)
    return usage("the password holds a % without two hexadecimal digits",
                 "write %25 for a percent sign itself");
  url.password = *std::move(password);
  return {};
}

}  // namespace

std::uint16_t usual_port(bool tls, bool web_socket) {
  if (web_socket) return tls ? 443 : 80;
  return tls ? 8883 : 1883;
}

Result<void> read_host_and_port(std::string_view text, std::string& host, std::uint16_t& port,
                                bool& port_given) {
  std::string_view number;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return usage(fmt::format("{} lacks its ]", quoted(text)));
    host = std::string(text.substr(1, end - 1));
    number = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (text.find(':', colon + 1) != text.npos) {
      return usage(fmt::format("{} holds more than one colon", quoted(text)),
                   "an IPv6 address stands in brackets: [::1]:1883");
    }
    host = std::string(text.substr(0, colon));
    number = text.substr(colon);
  }
  if (host.empty()) return usage("there is no host name");
  if (auto checked = check_host(host); !checked) return checked;
  if (number.empty()) return {};
  const auto given = parse_number<std::uint16_t>(number.substr(1));
  if (number[0] != ':' || !given || *given == 0) {
    return usage(
        fmt::format("{} is not a port from 1 to 65535", quoted(number.substr(number[0] == ':' ? 1 : 0))));
  }
  port = *given;
  port_given = true;
  return {};
}

Result<Url> parse_url(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == text.npos) {
    // What may hold a password is not repeated.
    return usage(fmt::format("{} is not a URL", text.contains('@') ? "this" : quoted(text)),
                 "write mqtt://HOST[:PORT][/TOPIC], mqtts://, ws://, wss:// or unix:///PATH");
  }
  const std::string_view scheme = text.substr(0, mark);
  std::string_view rest = text.substr(mark + 3);
  Url url;
  if (scheme == "unix") {
    auto path = decoded(rest);
    if (!path) return std::unexpected(path.error());
    if (path->empty()) return usage("the URL names no socket");
    url.endpoint.unix_path = *std::move(path);
    return url;
  }
  if (scheme != "mqtt" && scheme != "mqtts" && scheme != "ws" && scheme != "wss") {
    return usage(fmt::format("unknown scheme {}", quoted(scheme)),
                 "schemes are mqtt://, mqtts://, ws://, wss:// and unix://");
  }
  url.endpoint.tls = scheme.ends_with('s') && scheme != "ws";
  url.endpoint.web_socket = scheme.starts_with("ws");
  url.endpoint.port = usual_port(url.endpoint.tls, url.endpoint.web_socket);
  const std::size_t slash = rest.find('/');
  // "user:pa/ss@host" would else be told about as a host and a port.
  if (slash != rest.npos && rest.substr(0, slash).find('@') == rest.npos && rest.find(':') < slash &&
      rest.find('@', slash) != rest.npos &&
      !parse_number<std::uint16_t>(rest.substr(rest.find(':') + 1, slash - rest.find(':') - 1)) &&
      !rest.starts_with('['))
    return usage("the user or the password holds a slash", "write %2F for it");
  if (slash != rest.npos && slash + 1 < rest.size()) {
    auto topic = decoded(rest.substr(slash + 1));
    if (!topic) return std::unexpected(topic.error());
    url.topic = *std::move(topic);
  }
  rest = rest.substr(0, slash);
  if (const std::size_t at = rest.rfind('@'); at != rest.npos) {
    if (auto read = read_user(url, rest.substr(0, at)); !read) return std::unexpected(read.error());
    rest.remove_prefix(at + 1);
  }
  if (auto read = read_host_and_port(rest, url.endpoint.host, url.endpoint.port, url.port_given); !read)
    return std::unexpected(read.error());
  return url;
}

std::string quoted_without_secret(std::string_view text) {
  const std::size_t mark = text.find("://");
  const std::size_t begin = mark == text.npos ? 0 : mark + 3;
  const std::size_t end = text.rfind('@');  // a password may hold anything
  if (end == text.npos || end < begin || text.substr(begin, end - begin).find(':') == text.npos)
    return quoted(text);
  return quoted(fmt::format("{}***{}", text.substr(0, begin), text.substr(end)));
}

Result<void> check_host(std::string_view host) {
  if (host.empty()) return usage("the host name is empty");
  if (host.find("://") != host.npos) {
    return usage(fmt::format("{} is not a host name", quoted_without_secret(host)), "a URL goes behind -L");
  }
  const auto is_alien = [](char c) {
    return octet(c) <= ' ' || c == '/' || c == '@' || c == '[' || c == ']';
  };
  if (std::ranges::any_of(host, is_alien))
    return usage(fmt::format("{} is not a host name", quoted_without_secret(host)));
  return {};
}

}  // namespace mq
