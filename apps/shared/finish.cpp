#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

#include "client/servers.hpp"
#include "shared/common_options.hpp"
#include "shared/store.hpp"
#include "shared/url.hpp"

namespace mq {
namespace {

std::string_view name_of(Version version) {
  switch (version) {
    case Version::v31:
      return "MQTT 3.1";
    case Version::v311:
      return "MQTT 3.1.1";
    case Version::v5:
      return "MQTT 5.0";
  }
  return {};
}

bool is_plain_and_far(const Endpoint& endpoint) { return !endpoint.tls && !is_loopback(endpoint); }

// What a server that was only named by its host is spoken to in.
void complete(NamedServer& server, const ConnectionSettings& settings) {
  Endpoint& endpoint = server.endpoint;
  if (server.by_url || !endpoint.unix_path.empty()) return;
  if (!server.port_given && settings.port) endpoint.port = *settings.port;
  const bool port_known = server.port_given || settings.port;
  endpoint.web_socket = settings.web_socket;
  endpoint.tls = !settings.no_tls && (settings.tls || (port_known && endpoint.port == 8883));
  endpoint.srv = settings.srv && !port_known;
  if (!port_known) endpoint.port = usual_port(endpoint.tls, endpoint.web_socket);
}

// User, password and topic of the URLs that are left: one of each for the whole run. What stands behind the
// URL has gone before it.
Result<void> take_from_urls(ConnectionSettings& settings) {
  std::optional<std::string> user;
  std::optional<std::string> password;
  const auto take = [](const std::optional<std::string>& given, std::optional<std::string>& kept) {
    if (!given || given == kept) return true;
    if (kept) return false;
    kept = given;
    return true;
  };
  for (const NamedServer& server : settings.servers) {
    if (!take(server.user_name, user) || !take(server.password, password))
      return usage("the servers are named with different users or passwords", "one run has one user");
    if (!take(server.topic, settings.url_topic))
      return usage("the URLs hold different topics", "name topics with -t");
  }
  SessionConfig& session = settings.client.session;
  if (!session.user_name) session.user_name = std::move(user);
  if (!session.password && !settings.secrets.any_password()) session.password = std::move(password);
  return {};
}

Result<void> finish_servers(ConnectionSettings& settings) {
  if (settings.servers.empty()) settings.servers.push_back({.endpoint = {.host = "localhost"}});
  std::vector<Endpoint>& endpoints = settings.client.endpoints;
  endpoints.clear();
  for (NamedServer& server : settings.servers) {
    complete(server, settings);
    endpoints.push_back(server.endpoint);
  }
  if (auto taken = take_from_urls(settings); !taken) return taken;
  const TlsOptions& tls = settings.client.tls;
  if (settings.needs_tls && std::ranges::none_of(endpoints, &Endpoint::tls)) {
    return usage(fmt::format("{} is for TLS, but {} is reached without it", *settings.needs_tls,
                             endpoints.front().text()),
                 "write mqtts:// or wss://, or leave --no-tls out");
  }
  if (tls.psk.empty() != tls.psk_identity.empty()) return usage("--psk and --psk-identity go together");
  if (!tls.psk.empty() && (!tls.ca_file.empty() || !tls.ca_path.empty() || !tls.certificate.empty()))
    return usage("--psk takes the place of certificates: --cafile, --capath and --cert don't go with it");
  if (!tls.key.empty() && tls.certificate.empty()) return usage("--key needs --cert");
  // Else whoever breaks the connection to the one would get what is meant for it from the way to the other.
  const bool secret =
      carries_secret(settings.client) || settings.secrets.any_password() || settings.auth_data;
  if (secret && std::ranges::any_of(endpoints, &Endpoint::tls) &&
      std::ranges::any_of(endpoints, is_plain_and_far)) {
    return usage("what is secret would go to one server within TLS and to another without it",
                 "use TLS for all of them");
  }
  return {};
}

Result<void> finish_version(ConnectionSettings& settings) {
  const SessionConfig& session = settings.client.session;
  // [MQTT311-3.1.2-22]; 5.0 has no such rule.
  if ((session.password || settings.secrets.any_password()) && !session.user_name) {
    if (settings.version_given && session.version != Version::v5) {
      return usage(fmt::format("{} has no password without a user name", name_of(session.version)),
                   "give -u too");
    }
    if (!settings.needs_v5) settings.needs_v5 = "a password without a user name";
  }
  if (settings.needs_v5 && session.version != Version::v5) {
    return usage(
        fmt::format("{} needs MQTT 5.0, but -V asks for {}", *settings.needs_v5, name_of(session.version)));
  }
  settings.client.fall_back_to_v311 = !settings.version_given && !settings.needs_v5;
  return {};
}

Result<void> finish_session(ConnectionSettings& settings) {
  SessionConfig& session = settings.client.session;
  if (!settings.session_file.empty()) session.clean_start = false;
  session.continues_session = !session.clean_start;
  if (!session.clean_start && session.client_id.empty()) {
    return usage(settings.session_file.empty() ? "-c needs a client identifier"
                                               : "--session-file needs a client identifier",
                 "give one with -i: the server finds the session by it");
  }
  // 3.1 has no identifiers that the server assigns.
  if (session.version == Version::v31 && session.client_id.empty()) {
    session.client_id = fmt::format("mqttkit-{}", ::getpid());
  }
  const Properties given = session.properties.view();
  if (session.version == Version::v5 && !session.clean_start &&
      !given.contains(PropertyId::session_expiry_interval)) {
    return session.properties.add(PropertyId::session_expiry_interval,
                                  std::numeric_limits<std::uint32_t>::max());
  }
  return {};
}

}  // namespace

Result<void> check_places(const PropertyList& list, std::string_view command) {
  auto checked = check_properties(list.view().block(), property_packet(command), Sender::client);
  if (checked) return {};
  return usage(fmt::format("-D {}: {}", command, checked.error().text));
}

Result<void> finish(ConnectionSettings& settings) {
  const SessionConfig& session = settings.client.session;
  if (session.will && session.will->topic.empty()) {
    return usage("a will needs a topic", "give one with --will-topic");
  }
  if (session.password && session.password->size() > 65535) {
    return usage("the password is longer than 65535 bytes");
  }
  if (auto done = finish_servers(settings); !done) return done;
  if (auto done = finish_version(settings); !done) return done;
  if (auto done = finish_session(settings); !done) return done;
  if (auto done = check_places(session.properties, "connect"); !done) return done;
  const Properties connect = session.properties.view();
  // 5.0: 3.1.2.11.10
  if (connect.contains(PropertyId::authentication_data) &&
      !connect.contains(PropertyId::authentication_method)) {
    return usage("authentication-data needs authentication-method");
  }
  if (session.will) {
    if (auto done = check_places(session.will->properties, "will"); !done) return done;
  }
  if (settings.disconnect_properties.view().number(PropertyId::session_expiry_interval).value_or(0) > 0 &&
      connect.number(PropertyId::session_expiry_interval).value_or(0) == 0)  // 5.0: 3.14.2.2.2
    return usage(
        "-D disconnect session-expiry-interval can't prolong a session that ends with its connection",
        "ask for a session that lasts with -x");
  return check_places(settings.disconnect_properties, "disconnect");
}

}  // namespace mq
