#include <fmt/format.h>

#include <limits>

#include "shared/common_options.hpp"
#include "shared/quantities.hpp"
#include "shared/store.hpp"
#include "shared/url.hpp"

namespace mq {
namespace {

Result<void> store_url(ConnectionSettings& settings, std::string_view text) {
  auto url = parse_url(text);
  if (!url) return std::unexpected(url.error());
  settings.client.endpoint = {url->host, url->port, url->unix_path};
  if (url->user_name) settings.client.session.user_name = std::move(url->user_name);
  if (url->password) settings.client.session.password = std::move(url->password);
  settings.url_topic = std::move(url->topic);
  return {};
}

Result<void> store_host(ConnectionSettings& settings, std::string_view text) {
  if (text.size() > 2 && text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (auto checked = check_host(text); !checked) return checked;
  settings.client.endpoint.host = std::string(text);
  settings.client.endpoint.unix_path.clear();
  return {};
}

Result<void> store_unix(ConnectionSettings& settings, std::string_view path) {
  constexpr std::size_t longest = 107;  // sockaddr_un holds 108 bytes with the final NUL
  if (path.empty()) return usage("the socket's path is empty");
  if (path.size() > longest) {
    return usage(fmt::format("{} is longer than {} bytes, the most that a socket's path can have",
                             quoted(path), longest));
  }
  settings.client.endpoint.unix_path = std::string(path);
  return {};
}

Result<void> store_connect_timeout(ConnectionSettings& settings, std::string_view text) {
  const auto seconds = parse_seconds(text);
  if (!seconds || *seconds <= Duration::zero()) {
    return usage(fmt::format("{} is not a number of seconds above 0", quoted(text)));
  }
  settings.client.dial.timeout = *seconds;
  settings.client.session.connack_timeout = *seconds;
  return {};
}

Result<void> store_timeout(ConnectionSettings& settings, std::string_view text) {
  const auto seconds = parse_seconds(text);
  if (!seconds || *seconds <= Duration::zero()) {
    return usage(fmt::format("{} is not a number of seconds above 0", quoted(text)));
  }
  settings.timeout = *seconds;
  return {};
}

Result<void> store_retries(RetryPolicy& retry, std::string_view text) {
  if (text == "-1" || text == "forever") {
    retry.before_first = std::numeric_limits<std::uint32_t>::max();
    retry.after_loss.reset();
    return {};
  }
  const auto number = parse_number<std::uint32_t>(text);
  if (!number) return usage(fmt::format("{} is neither a number of tries nor -1", quoted(text)));
  retry.before_first = *number;
  retry.after_loss = retry.before_first;
  return {};
}

// Jitter shortens a pause, so that nothing above 0 is too small to be useful.
Result<void> store_retry_delay(RetryPolicy& retry, std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto least = parse_seconds(text.substr(0, colon));
  auto most = colon == text.npos ? std::optional(retry.most) : parse_seconds(text.substr(colon + 1));
  if (least && colon == text.npos) most = std::max(retry.most, *least);
  if (!least || !most || *least <= Duration::zero() || *most < *least) {
    return usage(
        fmt::format("{} is not MIN or MIN:MAX in seconds, MIN above 0 and not above MAX", quoted(text)));
  }
  retry.least = *least;
  retry.most = *most;
  return {};
}

// A setter that hands the one value to `store`.
template <class Target>
OptionSetter one_value(Target& target, Result<void> (*store)(Target&, std::string_view)) {
  return [&target, store](OptionValues values) { return store(target, values[0]); };
}

}  // namespace

void connection_options(OptionRows& rows, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::connection;
  ClientConfig& client = settings.client;
  rows.push_back(
      {.letter = 'L',
       .name = "url",
       .value = "URL",
       .group = group,
       .environment = "MQTTKIT_URL",
       .completion = Completion::host,
       .summary = "server, user and topic in one: mqtt:// or unix://",
       .detail = "Everything about the server in one word: mqtt://[user[:password]@]host[:port][/topic] or "
                 "unix:///path. The user, password, topic and path may hold %XX for any byte, an IPv6 "
                 "address stands "
                 "in brackets. The topic counts as one more -t.",
       .set = one_value(settings, store_url)});
  rows.push_back(
      {.letter = 'h',
       .name = "host",
       .value = "HOST",
       .group = group,
       .default_text = "localhost",
       .environment = "MQTTKIT_HOST",
       .completion = Completion::host,
       .summary = "server to connect to",
       .detail = "Name or numeric address of the server. All addresses of a name are tried, IPv6 and IPv4 "
                 "in turn.",
       .set = one_value(settings, store_host)});
  rows.push_back({.letter = 'p',
                  .name = "port",
                  .value = "PORT",
                  .group = group,
                  .default_text = "1883",
                  .environment = "MQTTKIT_PORT",
                  .summary = "TCP port of the server",
                  .detail = "TCP port of the server, 1 to 65535.",
                  .set = store_number<std::uint16_t>(client.endpoint.port, 1)});
  rows.push_back(
      {.name = "unix",
       .value = "PATH",
       .group = group,
       .completion = Completion::file,
       .summary = "connect to a Unix socket",
       .detail = "Connect to a Unix socket instead of host and port. A leading @ stands for the abstract "
                 "namespace of Linux.",
       .set = one_value(settings, store_unix)});
  rows.push_back(
      {.letter = 'A',
       .name = "bind",
       .value = "ADDRESS",
       .group = group,
       .summary = "local address to connect from",
       .detail = "Numeric address of this machine that the connection is made from. The system chooses one "
                 "otherwise.",
       .set = store_text(client.dial.bind_address)});
  rows.push_back({.name = "nodelay",
                  .group = group,
                  .summary = "send small packets at once (always done)",
                  .detail =
                      "Send small packets without waiting for more (TCP_NODELAY). This is always done; the "
                      "option is there for scripts that give it.",
                  .set = store_flag(client.dial.no_delay)});
  rows.push_back({.letter = 'u',
                  .name = "username",
                  .aliases = "user",
                  .value = "NAME",
                  .group = group,
                  .environment = "MQTTKIT_USERNAME",
                  .summary = "user name",
                  .detail = "User name to log in with.",
                  .set = store_text(client.session.user_name)});
  rows.push_back({.letter = 'P',
                  .name = "password",
                  .aliases = "pw",
                  .value = "PASSWORD",
                  .group = group,
                  .environment = "MQTTKIT_PASSWORD",
                  .summary = "password (better: MQTTKIT_PASSWORD)",
                  .detail =
                      "Password to log in with. Other users of the machine can see a command line: the "
                      "environment variable or an options file keep it from them. Below MQTT 5.0 it needs a "
                      "user name.",
                  .set = store_bytes(client.session.password)});
  rows.push_back({.letter = 'W',
                  .name = "timeout",
                  .value = "SECONDS",
                  .group = group,
                  .summary = "end the whole run after that time",
                  .detail =
                      "The longest time that the whole run may take, from its start, connecting included. "
                      "Fractions are allowed. When the time is up before the work is done, the exit status "
                      "is 5.",
                  .set = one_value(settings, store_timeout)});
  rows.push_back({.name = "connect-timeout",
                  .value = "SECONDS",
                  .group = group,
                  .default_text = "30",
                  .summary = "longest wait for a connection",
                  .detail =
                      "How long one attempt to connect may take, looking up the name included, and again how "
                      "long the server may then take to answer CONNECT.",
                  .set = one_value(settings, store_connect_timeout)});
  rows.push_back(
      {.name = "retries",
       .value = "N",
       .group = group,
       .default_text = {},
       .summary = "further tries to connect, -1 = for ever",
       .detail = "How many more times in a row to try after a connection could not be made or was lost; -1 "
                 "means for ever. What can't get better is never tried again: refused credentials and an "
                 "unknown host.",
       .set = one_value(client.retry, store_retries)});
  rows.push_back(
      {.name = "retry-delay",
       .value = "MIN[:MAX]",
       .group = group,
       .default_text = "1:60",
       .summary = "seconds between tries, doubling up to MAX",
       .detail = "Seconds to wait before the first further try. The pause doubles with every try in a row "
                 "up to MAX, and a part of it is left to chance.",
       .set = one_value(client.retry, store_retry_delay)});
}

}  // namespace mq
