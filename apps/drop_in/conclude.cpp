#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <random>

#include "base/text.hpp"
#include "drop_in/given.hpp"

namespace mq {
namespace {

constexpr auto for_ever = std::numeric_limits<std::uint32_t>::max();

bool readable(const std::string& path) { return path.empty() || ::access(path.c_str(), R_OK) == 0; }

std::string random_id() {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::random_device device;
  std::uniform_int_distribution<std::size_t> any(0, letters.size() - 1);
  std::string id = "mosq-";
  while (id.size() < 23) id += letters[any(device)];
  return id;
}

// `trusted`: options name whom to trust, which means TLS and its port.
void conclude_server(DropInGiven& given, bool trusted) {
  Endpoint endpoint;
  const int port = given.port.value_or(trusted ? 8883 : 1883);
  if (port == 0)
    endpoint.unix_path = given.host;
  else
    endpoint.host = given.host;
  endpoint.port = static_cast<std::uint16_t>(port);
  endpoint.tls = !given.connection.no_tls && (trusted || given.os_certificates || port == 8883);
  endpoint.web_socket = given.web_socket;
  endpoint.srv = given.srv;
  given.connection.client.endpoints = {std::move(endpoint)};
}

Result<void> conclude_tls(DropInGiven& given) {
  TlsOptions& tls = given.connection.client.tls;
  if (!tls.ca_file.empty() || !tls.ca_path.empty()) {
    if (!readable(tls.ca_file) || !readable(tls.ca_path) || !readable(tls.certificate) || !readable(tls.key))
      return complaint("Error: Problem setting TLS options: File not found.");
  } else if (!given.psk.empty()) {
    auto key = from_hex(given.psk);
    if (!key || key->empty()) return complaint("Error: Problem setting TLS-PSK options.");
    tls.psk = std::move(*key);
  }
  if (!given.engine.empty())
    return complaint(fmt::format("Error: Problem setting TLS engine, is {} a valid engine?", given.engine));
  if (!given.key_form.empty() && given.key_form != "pem")
    return complaint("Error: Problem setting key form, it must be one of 'pem' or 'engine'.");
  if (!tls.alpn.empty() && (tls.alpn[0].empty() || tls.alpn[0].size() > 255))
    return complaint("Error: Problem setting TLS ALPN protocol.");
  if (given.tls_version == "tlsv1.2")
    tls.least = TlsVersion::v1_2;
  else if (given.tls_version == "tlsv1.3")
    tls.least = TlsVersion::v1_3;
  else if (!given.tls_version.empty())
    return complaint("Error: Problem setting TLS options, check the options are valid.");
  // Those of 1.3 are known by their names.
  (given.ciphers.starts_with("TLS_") ? tls.cipher_suites : tls.ciphers) = given.ciphers;
  return {};
}

Result<void> conclude_session(DropInGiven& given) {
  SessionConfig& session = given.connection.client.session;
  const bool v5 = session.version == Version::v5;
  if (given.id)
    session.client_id = *given.id;
  else if (given.id_prefix)
    session.client_id = fmt::format("{}{}", *given.id_prefix, ::getpid());
  else if (session.version == Version::v31)
    session.client_id = random_id();
  session.continues_session = !session.clean_start;
  if (given.will_topic)
    session.will = WillConfig{.topic = *given.will_topic,
                              .payload = given.will_payload.value_or(""),
                              .qos = given.will_qos,
                              .retain = given.will_retain,
                              .properties = v5 ? given.will_properties : PropertyList()};
  if (given.password && !given.user_name && !v5)
    return complaint("Error: Problem setting username and/or password.");
  session.user_name = given.user_name;
  session.password = given.password;
  if (!v5) {
    if (!session.properties.view().empty())
      return complaint("Unable to connect (This feature is not supported).");
    given.connection.disconnect_properties.clear();
    return {};
  }
  if (session.properties.view().contains(PropertyId::receive_maximum)) return {};
  return session.properties.add(PropertyId::receive_maximum, given.receive_maximum);
}

}  // namespace

Result<void> check_drop_in(DropInGiven& given) {
  const TlsOptions& tls = given.connection.client.tls;
  SessionConfig& session = given.connection.client.session;
  if (given.will_payload && !given.will_topic)
    return complaint("Error: Will payload given, but no will topic given.");
  if (given.will_retain && !given.will_topic)
    return complaint("Error: Will retain given, but no will topic given.");
  if (tls.certificate.empty() != tls.key.empty())
    return complaint("Error: Both certfile and keyfile must be provided if one of them is set.");
  if (!given.key_form.empty() && tls.key.empty())
    return complaint("Error: If keyform is set, keyfile must be also specified.");
  if (!given.engine_password.empty() && (given.key_form.empty() || given.engine.empty()))
    return complaint(
        "Error: when using tls-engine-kpass-sha1, both tls-engine and keyform must also be provided.");
  if ((!tls.ca_file.empty() || !tls.ca_path.empty()) && !given.psk.empty())
    return complaint("Error: Only one of --psk or --cafile/--capath may be used at once.");
  if (!given.psk.empty() && tls.psk_identity.empty())
    return complaint("Error: --psk-identity required if --psk used.");
  if (session.version != Version::v5) {
    if (!session.clean_start && !given.id)
      return complaint("Error: You must provide a client id if you are using the -c option.");
    return {};
  }
  if (!session.clean_start && !given.session_expiry) given.session_expiry = for_ever;
  if (given.session_expiry.value_or(0) == 0) return {};
  if (*given.session_expiry == for_ever && !given.id)
    return complaint(
        "Error: You must provide a client id if you are using an infinite session expiry interval.");
  if (session.properties.view().contains(PropertyId::session_expiry_interval))
    return complaint("Error in CONNECT properties: Duplicate property in property list");
  if (!session.properties.add(PropertyId::session_expiry_interval, *given.session_expiry))
    return complaint("Error adding property session-expiry-interval");
  return {};
}

Result<void> conclude_drop_in(DropInGiven& given) {
  ConnectionSettings& connection = given.connection;
  const TlsOptions& tls = connection.client.tls;
  const bool trusted = !tls.ca_file.empty() || !tls.ca_path.empty() || !given.psk.empty();
  if (auto done = conclude_session(given); !done) return done;
  if (!connection.no_tls) {
    if (auto done = conclude_tls(given); !done) return done;
  }
  conclude_server(given, trusted);
  // Mosquitto's clients are gone as soon as all is written; a server that closes by itself gets a moment.
  connection.client.close_timeout = std::chrono::milliseconds(100);
  // The server must be reached at once; what is lost then is made again every second for ever.
  connection.client.fall_back_to_v311 = false;
  connection.client.retry = {.before_first = 0,
                             .after_loss = std::nullopt,
                             .unanswered_is_loss = true,
                             .least = std::chrono::seconds(1),
                             .most = std::chrono::seconds(1)};
  return {};
}

}  // namespace mq
