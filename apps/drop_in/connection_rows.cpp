#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <utility>

#include "base/utf8.hpp"
#include "drop_in/given.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Setter = std::function<Result<void>(std::string_view)>;

template <class Target>
Setter keep(Target& target) {
  return [&target](std::string_view value) -> Result<void> {
    target = std::string(value);
    return {};
  };
}

// A number that `take` stores, or the line that says what is wrong with it.
template <class Take>
Setter number(Take take, long least, long most, std::string_view line) {
  return [take, least, most, line](std::string_view value) -> Result<void> {
    const long given = c_number(value);
    if (given < least || given > most) return complaint(fmt::format(fmt::runtime(line), given));
    take(given);
    return {};
  };
}

std::function<Result<void>()> excludes(const std::optional<std::string>& other) {
  return [&other]() -> Result<void> {
    if (other) return complaint("Error: -i and -I argument cannot be used together.\n");
    return {};
  };
}

Result<void> store_expiry(DropInGiven& given, std::string_view value) {
  constexpr auto for_ever = std::numeric_limits<std::uint32_t>::max();
  given.connection.client.session.version = Version::v5;
  if (value == "∞") {
    given.session_expiry = for_ever;
    return {};
  }
  const std::string text(value);
  char* end = nullptr;
  const long long seconds = std::strtoll(text.c_str(), &end, 0);
  if (end == text.c_str() || *end != '\0') return complaint("Error: session-expiry-interval not a number.\n");
  if (seconds > for_ever || seconds < -1) return complaint("Error: session-expiry-interval out of range.\n");
  given.session_expiry = seconds == -1 ? for_ever : static_cast<std::uint32_t>(seconds);
  return {};
}

Result<void> store_version(DropInGiven& given, std::string_view value) {
  Version& version = given.connection.client.session.version;
  if (value == "31" || value == "mqttv31")
    version = Version::v31;
  else if (value == "311" || value == "mqttv311")
    version = Version::v311;
  else if (value == "5" || value == "mqttv5")
    version = Version::v5;
  else
    return complaint("Error: Invalid protocol version argument given.\n");
  return {};
}

void server_rows(DropInRows& rows, DropInGiven& given, const DropInTopic& add_topic) {
  ConnectionSettings& connection = given.connection;
  rows.push_back({.letter = "-A",
                  .value = "address",
                  .lacking = "-A argument given but no address specified.",
                  .summary = "local address to connect from",
                  .set = keep(connection.client.open.dial.bind_address)});
  rows.push_back({.letter = "-h",
                  .name = "--host",
                  .value = "host",
                  .lacking = "-h argument given but no host specified.",
                  .summary = "server to connect to, localhost by default",
                  .set = keep(given.host)});
  rows.push_back({.letter = "-L",
                  .name = "--url",
                  .value = "url",
                  .lacking = "-L argument given but no URL specified.",
                  .summary = "server, user and topic: mqtt(s)|ws(s)://[user[:password]@]host[:port]/topic",
                  .set = [&given, add_topic](std::string_view value) {
                    return read_drop_in_url(given, value, add_topic);
                  }});
  rows.push_back({.letter = "-p",
                  .name = "--port",
                  .value = "port",
                  .lacking = "-p argument given but no port specified.",
                  .summary = "port of the server, 1883 or with TLS 8883",
                  .set = number([&given](long port) { given.port = static_cast<int>(port); }, 0, 65535,
                                "Error: Invalid port given: {}")});
  rows.push_back({.name = "--unix",
                  .value = "path",
                  .lacking = "--unix argument given but no socket path specified.",
                  .summary = "connect to this Unix socket",
                  .set = [&given](std::string_view value) -> Result<void> {
                    given.host = std::string(value);
                    given.port = 0;
                    return {};
                  }});
  rows.push_back({.letter = "-S", .summary = "find the server by DNS (SRV)", .set = raise(given.srv)});
  rows.push_back({.name = "--ws", .summary = "speak MQTT over WebSockets", .set = raise(given.web_socket)});
  rows.push_back({.name = "--nodelay",
                  .summary = "send small packets at once",
                  .set = raise(connection.client.open.dial.no_delay)});
  rows.push_back({.name = "--proxy",
                  .value = "url",
                  .lacking = "--proxy argument given but no proxy url specified.",
                  .summary = "go through a proxy: socks5h://[user[:password]@]host[:port]",
                  .set = [&given](std::string_view value) { return read_drop_in_proxy(given, value); }});
}

void login_rows(DropInRows& rows, DropInGiven& given) {
  rows.push_back({.letter = "-u",
                  .name = "--username",
                  .value = "name",
                  .lacking = "-u argument given but no username specified.",
                  .summary = "user name",
                  .set = keep(given.user_name)});
  rows.push_back({.letter = "-P",
                  .name = "--pw",
                  .value = "password",
                  .lacking = "-P argument given but no password specified.",
                  .summary = "password",
                  .set = [&given](std::string_view value) -> Result<void> {
                    given.password = std::string(value);
                    if (!value.empty())
                      given.connection.shown_secrets.push_back({std::string(value), 0, value.size()});
                    return {};
                  }});
}

void tls_rows(DropInRows& rows, DropInGiven& given) {
  TlsOptions& tls = given.connection.client.tls;
  const auto row = [&rows](std::string_view name, std::string_view value, std::string_view lacking,
                           std::string_view summary, Setter set) {
    rows.push_back(
        {.name = name, .value = value, .lacking = lacking, .summary = summary, .set = std::move(set)});
  };
  row("--cafile", "file", "--cafile argument given but no file specified.", "trust these authorities (PEM)",
      keep(tls.ca_file));
  row("--capath", "folder", "--capath argument given but no directory specified.",
      "trust the authorities in this folder", keep(tls.ca_path));
  row("--cert", "file", "--cert argument given but no file specified.", "our certificate (PEM)",
      keep(tls.certificate));
  row("--key", "file", "--key argument given but no file specified.", "our private key (PEM)", keep(tls.key));
  row("--keyform", "form", "--keyform argument given but no keyform specified.",
      "form of the key: pem (there are no engines here)", keep(given.key_form));
  row("--ciphers", "list", "--ciphers argument given but no ciphers specified.",
      "ciphers to offer, OpenSSL's names", keep(given.ciphers));
  row("--tls-version", "version", "--tls-version argument given but no version specified.",
      "tlsv1.2 or tlsv1.3", keep(given.tls_version));
  row("--tls-alpn", "protocol", "--tls-alpn argument given but no protocol specified.", "protocol to ask for",
      [&tls](std::string_view value) -> Result<void> {
        tls.alpn = {std::string(value)};
        return {};
      });
  row("--tls-keylog", "file", "--tls-keylog argument given but no file specified.",
      "append the secrets of sessions to this file", keep(tls.key_log));
  row("--tls-engine", "engine", "--tls-engine argument given but no engine_id specified.",
      "refused: there are no engines here", keep(given.engine));
  row("--tls-engine-kpass-sha1", "hash",
      "--tls-engine-kpass-sha1 argument given but no kpass sha1 specified.",
      "refused: there are no engines here", keep(given.engine_password));
  row("--tls-use-os-certs", {}, {}, "trust the system's authorities", raise(given.os_certificates));
  row("--insecure", {}, {}, "do not verify the server's certificate",
      [&tls](std::string_view) -> Result<void> {
        tls.verify = false;
        return {};
      });
  row("--no-tls", {}, {}, "no TLS, even on port 8883", raise(given.connection.no_tls));
  row("--psk", "key", "--psk argument given but no key specified.", "pre-shared key, hexadecimal",
      [&given](std::string_view value) -> Result<void> {
        given.psk = std::string(value);
        if (!value.empty()) given.connection.shown_secrets.push_back({std::string(value), 0, value.size()});
        return {};
      });
  row("--psk-identity", "identity", "--psk-identity argument given but no identity specified.",
      "who we are by that key", keep(tls.psk_identity));
}

void session_rows(DropInRows& rows, DropInGiven& given) {
  SessionConfig& session = given.connection.client.session;
  rows.push_back({.letter = "-i",
                  .name = "--id",
                  .value = "id",
                  .lacking = "-i argument given but no id specified.",
                  .summary = "client identifier",
                  .set = keep(given.id),
                  .guard = excludes(given.id_prefix)});
  rows.push_back({.letter = "-I",
                  .name = "--id-prefix",
                  .value = "prefix",
                  .lacking = "-I argument given but no id prefix specified.",
                  .summary = "client identifier made of this and the process id",
                  .set = keep(given.id_prefix),
                  .guard = excludes(given.id)});
  rows.push_back(
      {.letter = "-k",
       .name = "--keepalive",
       .value = "seconds",
       .lacking = "-k argument given but no keepalive specified.",
       .summary = "longest silence, 60 by default",
       .set =
           number([&session](long seconds) { session.keep_alive = static_cast<std::uint16_t>(seconds); }, 5,
                  65535, "Error: Invalid keepalive given, it must be between 5 and 65535 inclusive.\n")});
  rows.push_back({.letter = "-c",
                  .name = "--disable-clean-session",
                  .summary = "go on with the session of the last run",
                  .set = [&session](std::string_view) -> Result<void> {
                    session.clean_start = false;
                    return {};
                  }});
  rows.push_back({.letter = "-x",
                  .value = "seconds",
                  .lacking = "-x argument given but no session expiry interval specified.",
                  .summary = "how long the session outlives the connection, -1 = for ever",
                  .set = [&given](std::string_view value) { return store_expiry(given, value); }});
  rows.push_back({.letter = "-V",
                  .name = "--protocol-version",
                  .value = "version",
                  .lacking = "--protocol-version argument given but no version specified.",
                  .summary = "mqttv31, mqttv311 or mqttv5",
                  .set = [&given](std::string_view value) { return store_version(given, value); }});
  rows.push_back({.letter = "-M",
                  .value = "number",
                  .lacking = "-M argument given but max_inflight not specified.",
                  .summary = "most messages in flight, 20 by default",
                  .set = number(
                      [&session](long most) {
                        session.max_in_flight = static_cast<std::uint16_t>(std::min(most, 65535L));
                        session.receive_maximum_below_v5 = session.max_in_flight;
                      },
                      1, std::numeric_limits<int>::max(),
                      "Error: Maximum inflight messages must be greater than 0.\n")});
}

void will_rows(DropInRows& rows, DropInGiven& given) {
  rows.push_back({.name = "--will-topic",
                  .value = "topic",
                  .lacking = "--will-topic argument given but no will topic specified.",
                  .summary = "topic of the will",
                  .set = [&given](std::string_view value) -> Result<void> {
                    if (auto right = check_publish_topic(value, "--will-topic", "will"); !right) return right;
                    given.will_topic = std::string(value);
                    return {};
                  }});
  rows.push_back({.name = "--will-payload",
                  .value = "text",
                  .lacking = "--will-payload argument given but no will payload specified.",
                  .summary = "payload of the will",
                  .set = keep(given.will_payload)});
  rows.push_back({.name = "--will-qos",
                  .value = "qos",
                  .lacking = "--will-qos argument given but no will QoS specified.",
                  .summary = "QoS of the will",
                  .set = number([&given](long qos) { given.will_qos = static_cast<QoS>(qos); }, 0, 2,
                                "Error: Invalid will QoS {}.\n")});
  rows.push_back(
      {.name = "--will-retain", .summary = "have the will retained", .set = raise(given.will_retain)});
}

}  // namespace

DropInRows connection_rows(DropInGiven& given, std::vector<DropInPlace> places,
                           const DropInTopic& add_topic) {
  DropInRows rows;
  rows.reserve(80);
  ConnectionSettings& connection = given.connection;
  server_rows(rows, given, add_topic);
  login_rows(rows, given);
  tls_rows(rows, given);
  session_rows(rows, given);
  will_rows(rows, given);
  places.push_back({"connect", connection.client.session.properties});
  places.push_back({"disconnect", connection.disconnect_properties});
  places.push_back({"will", given.will_properties});
  rows.push_back({.letter = "-D",
                  .name = "--property",
                  .value = "command name value",
                  .summary = "a property of MQTT 5; user-property takes a name and a value",
                  .take = [&given, places = std::move(places)](DropInWords rest) {
                    auto taken = read_drop_in_property(places, rest);
                    if (taken) given.connection.client.session.version = Version::v5;
                    return taken;
                  }});
  rows.push_back({.letter = "-t",
                  .name = "--topic",
                  .value = "topic",
                  .lacking = "-t argument given but no topic specified.",
                  .summary = "topic",
                  .set = [add_topic](std::string_view value) { return add_topic(value, "-t"); }});
  rows.push_back({.letter = "-d",
                  .name = "--debug",
                  .summary = "show packets, on standard output",
                  .set = raise(connection.debug)});
  rows.push_back({.name = "--quiet", .summary = "no error messages", .set = raise(connection.log.quiet)});
  return rows;
}

Result<void> check_publish_topic(std::string_view topic, std::string_view option, std::string_view what) {
  if (!is_utf8(topic)) return complaint(fmt::format("Error: Malformed UTF-8 in {} argument.\n", option));
  if (check_topic_name(topic)) return {};
  return complaint(fmt::format("Error: Invalid {} topic '{}', does it contain '+' or '#'?", what, topic));
}

Result<void> check_filter(std::string_view filter, std::string_view option, std::string_view what) {
  if (!is_utf8(filter)) return complaint(fmt::format("Error: Malformed UTF-8 in {} argument.\n", option));
  if (check_topic_filter(filter)) return {};
  return complaint(
      fmt::format("Error: Invalid {} topic '{}', are all '+' and '#' wildcards correct?", what, filter));
}

}  // namespace mq
