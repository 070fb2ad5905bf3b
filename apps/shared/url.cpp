#include "shared/url.hpp"

#include <fmt/format.h>

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
  auto password = decoded(user.substr(colon + 1));
  if (!password) return std::unexpected(password.error());
  url.password = *std::move(password);
  return {};
}

Result<void> read_host(Url& url, std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return usage(fmt::format("{} lacks its ]", quoted(text)));
    url.host = std::string(text.substr(1, end - 1));
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (text.find(':', colon + 1) != text.npos) {
      return usage(fmt::format("{} holds more than one colon", quoted(text)),
                   "an IPv6 address stands in brackets: mqtt://[::1]:1883");
    }
    url.host = std::string(text.substr(0, colon));
    port = text.substr(colon);
  }
  if (url.host.empty()) return usage("the URL names no host");
  if (auto checked = check_host(url.host); !checked) return checked;
  if (port.empty()) return {};
  const auto number = parse_number<std::uint16_t>(port.substr(1));
  if (port[0] != ':' || !number || *number == 0) {
    return usage(
        fmt::format("{} is not a port from 1 to 65535", quoted(port.substr(port[0] == ':' ? 1 : 0))));
  }
  url.port = *number;
  return {};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const std::size_t mark = text.find("://");
  if (mark == text.npos) {
    return usage(fmt::format("{} is not a URL", quoted(text)),
                 "write mqtt://HOST[:PORT][/TOPIC] or unix:///PATH");
  }
  const std::string_view scheme = text.substr(0, mark);
  std::string_view rest = text.substr(mark + 3);
  Url url;
  if (scheme == "unix") {
    auto path = decoded(rest);
    if (!path) return std::unexpected(path.error());
    if (path->empty()) return usage("the URL names no socket");
    url.unix_path = *std::move(path);
    return url;
  }
  if (scheme == "mqtts" || scheme == "ws" || scheme == "wss") {
    return usage(fmt::format("this build does not speak {}://", scheme), "it speaks mqtt:// and unix://");
  }
  if (scheme != "mqtt") {
    return usage(fmt::format("unknown scheme {}", quoted(scheme)), "schemes are mqtt:// and unix://");
  }
  const std::size_t slash = rest.find('/');
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
  if (auto read = read_host(url, rest); !read) return std::unexpected(read.error());
  return url;
}

Result<void> check_host(std::string_view host) {
  if (host.empty()) return usage("the host name is empty");
  if (host.find("://") != host.npos) {
    return usage(fmt::format("{} is not a host name", quoted(host)), "a URL goes behind -L");
  }
  const auto is_alien = [](char c) {
    return octet(c) <= ' ' || c == '/' || c == '@' || c == '[' || c == ']';
  };
  if (std::ranges::any_of(host, is_alien)) return usage(fmt::format("{} is not a host name", quoted(host)));
  return {};
}

}  // namespace mq
