// The way to a server: local address, proxies, and what TCP is told.
#include <fmt/core.h>

#include "shared/common_options.hpp"
#include "shared/store.hpp"
#include "shared/url.hpp"

namespace mq {
namespace {

Result<void> store_proxy(OpenOptions& open, std::string_view text) {
  if (text.empty()) {
    open.proxy.reset();
    return {};
  }
  auto proxy = parse_proxy(text);
  if (!proxy) return std::unexpected(std::move(proxy.error()));
  open.proxy = std::move(*proxy);
  return {};
}

Result<void> store_connect_to(OpenOptions& open, std::string_view text) {
  Endpoint endpoint;
  bool port_given = false;
  if (auto read = read_host_and_port(text, endpoint.host, endpoint.port, port_given); !read) return read;
  if (!port_given) return usage(fmt::format("{} is not HOST:PORT", quoted(text)));
  open.connect_to = std::move(endpoint);
  return {};
}

Result<void> store_keep_alive(OpenOptions& open, std::string_view text) {
  const auto seconds = parse_number<std::uint16_t>(text);
  if (!seconds || *seconds == 0 || *seconds > 32767)
    return usage(fmt::format("{} is not a number of seconds from 1 to 32767", quoted(text)));
  open.dial.keep_alive = std::chrono::seconds(*seconds);
  return {};
}

OptionSetter store_family(DialOptions& dial, Family family) {
  return [&dial, family](OptionValues) -> Result<void> {
    dial.family = family;
    return {};
  };
}

}  // namespace

void network_options(OptionRows& rows, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::connection;
  OpenOptions& open = settings.client.open;
  rows.push_back(
      {.letter = 'A',
       .name = "bind",
       .value = "ADDRESS",
       .group = group,
       .summary = "local address to connect from",
       .detail = "Numeric address of this machine that the connection is made from. The system chooses one "
                 "otherwise.",
       .set = store_text(open.dial.bind_address)});
  rows.push_back({.letter = '4',
                  .name = "ipv4",
                  .group = group,
                  .summary = "use IPv4 only",
                  .detail = "Use only IPv4 addresses of the server.",
                  .set = store_family(open.dial, Family::v4)});
  rows.push_back({.letter = '6',
                  .name = "ipv6",
                  .group = group,
                  .summary = "use IPv6 only",
                  .detail = "Use only IPv6 addresses of the server.",
                  .set = store_family(open.dial, Family::v6)});
  rows.push_back(
      {.name = "connect-to",
       .value = "HOST:PORT",
       .group = group,
       .summary = "connect there, but verify the server's own name",
       .detail = "Connect to this host and port instead, while everything else (the certificate's name, SNI, "
                 "the WebSocket's Host header) goes on as if the server's own were used: to test one node "
                 "behind a load balancer, or through a tunnel.",
       .set = one_value(open, store_connect_to)});
  rows.push_back(
      {.name = "proxy",
       .value = "URL",
       .group = group,
       .environment = "MQTTKIT_PROXY all_proxy ALL_PROXY",
       .secret = true,
       .summary = "go through a proxy: socks5:// or http://",
       .detail = "Reach servers through a proxy, socks5://[user:password@]host[:1080] or "
                 "http://[user:password@]host[:8080] (CONNECT). The proxy looks up the server's name. Empty: "
                 "no proxy.",
       .set = one_value(open, store_proxy)});
  rows.push_back({.name = "no-proxy",
                  .value = "LIST",
                  .group = group,
                  .environment = "MQTTKIT_NO_PROXY no_proxy NO_PROXY",
                  .summary = "hosts that are reached without the proxy",
                  .detail = "Hosts that are reached without the proxy, separated by commas: names (with all "
                            "below them), addresses, CIDR blocks, or * for all.",
                  .set = store_text(open.no_proxy)});
  rows.push_back({.name = "tcp-keepalive",
                  .value = "SECONDS",
                  .group = group,
                  .summary = "let TCP probe a silent peer",
                  .detail = "Let the system probe a connection that has been silent for so long (TCP "
                            "keep-alive). MQTT's own, -k, needs no help from it as a rule.",
                  .set = one_value(open, store_keep_alive)});
  rows.push_back({.name = "nodelay",
                  .group = group,
                  .summary = "send small packets at once (always done)",
                  .detail =
                      "Send small packets without waiting for more (TCP_NODELAY). This is always done; the "
                      "option is there for scripts that give it.",
                  .set = store_flag(open.dial.no_delay)});
}

}  // namespace mq
