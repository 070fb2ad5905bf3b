// Which servers, and in which language they are spoken to.
#include <fmt/core.h>

#include <algorithm>

#include "shared/common_options.hpp"
#include "shared/secrets.hpp"
#include "shared/store.hpp"
#include "shared/url.hpp"

namespace mq {
namespace {

NamedServer& add_server(ConnectionSettings& settings) {
  if (settings.servers_source != settings.source) settings.servers.clear();
  settings.servers_source = settings.source;
  return settings.servers.emplace_back();
}

Result<void> store_url(ConnectionSettings& settings, std::string_view text) {
  auto url = parse_url(text);
  if (!url) return std::unexpected(url.error());
  NamedServer& server = add_server(settings);
  server.endpoint = std::move(url->endpoint);
  server.by_url = true;
  server.port_given = url->port_given;
  server.user_name = std::move(url->user_name);
  server.password = std::move(url->password);
  server.topic = std::move(url->topic);
  // What stands before it is replaced; what stands behind it goes before it.
  if (server.user_name) settings.client.session.user_name.reset();
  if (server.password) forget_password(settings);
  return {};
}

Result<void> store_host(ConnectionSettings& settings, std::string_view text) {
  if (text.size() > 2 && text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (auto checked = check_host(text); !checked) return checked;
  if (std::ranges::count(text, ':') == 1)
    return usage(fmt::format("{} is more than a host name", quoted(text)), "the port goes behind -p");
  add_server(settings).endpoint.host = std::string(text);
  return {};
}

Result<void> store_unix(ConnectionSettings& settings, std::string_view path) {
  constexpr std::size_t longest = 107;  // sockaddr_un holds 108 bytes with the final NUL
  if (path.empty()) return usage("the socket's path is empty");
  if (path.size() > longest) {
    return usage(fmt::format("{} is longer than {} bytes, the most that a socket's path can have",
                             quoted(path), longest));
  }
  add_server(settings).endpoint.unix_path = std::string(path);
  return {};
}

// Also of the servers that stand before it.
Result<void> store_port(ConnectionSettings& settings, std::string_view text) {
  const auto port = parse_number<std::uint16_t>(text);
  if (!port || *port == 0)
    return usage(fmt::format("{} is not a whole number from 1 to 65535", quoted(text)));
  settings.port = port;
  for (NamedServer& server : settings.servers) {
    server.endpoint.port = *port;
    server.port_given = true;
  }
  return {};
}

Result<void> store_ws_path(ConnectionSettings& settings, std::string_view text) {
  if (!text.starts_with('/')) return usage(fmt::format("{} does not begin with a slash", quoted(text)));
  for (const char c : text)
    if (octet(c) <= ' ' || octet(c) >= 0x7F)
      return usage(fmt::format("{} holds what no path can", quoted(text)), "write %XX for such a byte");
  settings.client.open.web_socket.path = std::string(text);
  return {};
}

Result<void> store_header(ConnectionSettings& settings, std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, std::min(colon, text.size()));
  std::string_view value = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  constexpr std::string_view token =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (colon == text.npos || name.empty() || name.find_first_not_of(token) != name.npos)
    return usage("a header is written NAME:VALUE");
  while (value.starts_with(' ')) value.remove_prefix(1);
  for (const char c : value)
    if (octet(c) < ' ' && c != '\t')
      return usage(fmt::format("the value of {} holds a control character", name));
  settings.client.open.web_socket.headers.emplace_back(name, value);
  return {};
}

}  // namespace

void server_options(OptionRows& rows, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::connection;
  rows.push_back(
      {.letter = 'L',
       .name = "url",
       .value = "URL",
       .group = group,
       .environment = "MQTTKIT_URL",
       .completion = Completion::host,
       .repeats = true,
       .secret = true,
       .summary = "server, user and topic in one: mqtts://host/topic",
       .detail =
           "Everything about the server in one word: mqtt://[user[:password]@]host[:port][/topic], the "
           "same with mqtts:// (TLS), ws:// (WebSocket) or wss:// (both), or unix:///path. User, "
           "password, topic and socket path may hold %XX for any byte; an IPv6 address stands in "
           "brackets. Ports are 1883, 8883, 80 and 443 unless said otherwise. The path is a topic and "
           "counts as one more -t, for WebSockets too: theirs is set with --ws-path. Of several servers "
           "(-L, -h and --unix, in any order) the first that can be had is used, and after a loss the "
           "others are tried in turn.",
       .set = one_value(settings, store_url)});
  rows.push_back(
      {.letter = 'h',
       .name = "host",
       .value = "HOST",
       .group = group,
       .default_text = "localhost",
       .environment = "MQTTKIT_HOST",
       .completion = Completion::host,
       .repeats = true,
       .summary = "server to connect to",
       .detail = "Name or numeric address of the server. All addresses of a name are tried, IPv6 and IPv4 "
                 "in turn. May be given several times: see -L.",
       .set = one_value(settings, store_host)});
  rows.push_back({.letter = 'p',
                  .name = "port",
                  .value = "PORT",
                  .group = group,
                  .default_text = {},
                  .environment = "MQTTKIT_PORT",
                  .summary = "port of the server, 1883 or 8883 with TLS",
                  .detail =
                      "Port of the server, 1 to 65535; without it 1883, with TLS 8883, for WebSockets 80 "
                      "and 443. It counts for all servers that stand before it, and for those of -h "
                      "behind it. Port 8883 with -h means TLS.",
                  .set = one_value(settings, store_port)});
  rows.push_back(
      {.name = "unix",
       .value = "PATH",
       .group = group,
       .completion = Completion::file,
       .repeats = true,
       .summary = "connect to a Unix socket",
       .detail = "Connect to a Unix socket instead of host and port. A leading @ stands for the abstract "
                 "namespace of Linux.",
       .set = one_value(settings, store_unix)});
  rows.push_back({.letter = 'S',
                  .name = "srv",
                  .group = group,
                  .summary = "find the servers of a domain by DNS (SRV)",
                  .detail = "Take what -h names as a domain and ask DNS for its servers: the SRV records of "
                            "_mqtt._tcp, or _secure-mqtt._tcp with TLS. A certificate must have the domain's "
                            "name.",
                  .set = store_flag(settings.srv)});
  rows.push_back(
      {.name = "ws",
       .group = group,
       .summary = "speak MQTT over WebSocket",
       .detail = "Speak MQTT over WebSocket to the servers of -h. A URL says so with ws:// or wss://.",
       .set = store_flag(settings.web_socket)});
  rows.push_back({.name = "ws-path",
                  .value = "PATH",
                  .group = group,
                  .default_text = "/mqtt",
                  .summary = "path of the WebSocket",
                  .detail = "Path, with a query if there is one, that a WebSocket is asked for.",
                  .set = one_value(settings, store_ws_path)});
  rows.push_back({.name = "ws-header",
                  .value = "NAME:VALUE",
                  .group = group,
                  .repeats = true,
                  .secret = true,
                  .summary = "one more header for the WebSocket's request",
                  .detail = "One more header of the HTTP request that opens a WebSocket, such as "
                            "'Authorization: Bearer TOKEN'.",
                  .set = one_value(settings, store_header)});
}

}  // namespace mq
