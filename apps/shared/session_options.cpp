#include <fmt/core.h>
#include <unistd.h>

#include <limits>

#include "shared/common_options.hpp"
#include "shared/quantities.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr std::uint32_t never_expires = std::numeric_limits<std::uint32_t>::max();

Result<void> store_version(ConnectionSettings& settings, std::string_view text) {
  Version& version = settings.client.session.version;
  if (text == "5" || text == "mqttv5") {
    version = Version::v5;
  } else if (text == "311" || text == "mqttv311") {
    version = Version::v311;
  } else if (text == "31" || text == "mqttv31") {
    version = Version::v31;
  } else {
    return usage(fmt::format("{} is not an MQTT version: 31, 311 or 5", quoted(text)));
  }
  settings.version_given = true;
  return {};
}

Result<void> store_expiry(ConnectionSettings& settings, std::string_view text) {
  const auto seconds =
      text == "-1" || text == "∞" ? std::optional(never_expires) : parse_number<std::uint32_t>(text);
  if (!seconds) {
    return usage(fmt::format("{} is neither a whole number of seconds nor -1 for never", quoted(text)));
  }
  PropertyList& properties = settings.client.session.properties;
  properties.remove(PropertyId::session_expiry_interval);
  return properties.add(PropertyId::session_expiry_interval, *seconds);
}

Result<void> store_in_flight_bytes(ConnectionSettings& settings, std::string_view text) {
  const auto size = parse_size(text);
  if (!size || *size == 0)
    return usage(fmt::format("{} is not a size in bytes, such as 65536 or 8M", quoted(text)));
  settings.client.session.max_in_flight_bytes = *size;
  return {};
}

// The process id makes the identifier this run's own.
Result<void> store_id_prefix(ConnectionSettings& settings, std::string_view prefix) {
  if (auto checked = check_mqtt_text(prefix); !checked) return checked;
  settings.client.session.client_id = fmt::format("{}{}", prefix, ::getpid());
  return {};
}

}  // namespace

void session_options(OptionRows& rows, ConnectionSettings& settings) {
  constexpr auto group = OptionGroup::session;
  SessionConfig& session = settings.client.session;
  rows.push_back(
      {.letter = 'V',
       .name = "protocol-version",
       .aliases = "mqtt-version",
       .value = "VERSION",
       .group = group,
       .default_text = {},
       .choices = "5 311 31 mqttv5 mqttv311 mqttv31",
       .summary = "MQTT version: 5, 311 or 31; default 5, else 311",
       .detail = "MQTT version to speak. Without this option it is 5, and 311 if the server says that it "
                 "can't speak 5 and nothing was asked for that only 5 has.",
       .set = one_value(settings, store_version)});
  rows.push_back({.letter = 'i',
                  .name = "id",
                  .value = "ID",
                  .group = group,
                  .environment = "MQTTKIT_ID",
                  .summary = "client identifier; default: the server's choice",
                  .detail =
                      "Client identifier, by which the server knows a session again. Without it the server "
                      "assigns one (MQTT 3.1: it is made from the process id).",
                  .set = store_text(session.client_id)});
  rows.push_back(
      {.letter = 'I',
       .name = "id-prefix",
       .value = "PREFIX",
       .group = group,
       .summary = "client identifier PREFIX plus process id",
       .detail = "Make the client identifier from this text and the process id, for servers that allow only "
                 "certain beginnings.",
       .set = one_value(settings, store_id_prefix)});
  rows.push_back(
      {.letter = 'k',
       .name = "keepalive",
       .value = "SECONDS",
       .group = group,
       .default_text = "60",
       .summary = "longest silence, 0 = no bound",
       .detail = "Seconds of silence after which a PINGREQ shows the server that the client lives, and the "
                 "client that the server does; 0 to 65535, 0 turns it off.",
       .set = store_number<std::uint16_t>(session.keep_alive)});
  rows.push_back(
      {.letter = 'c',
       .name = "no-clean-start",
       .aliases = "disable-clean-session",
       .group = group,
       .summary = "go on with the session of the last run",
       .detail = "Go on with the session that the server still holds for this client identifier, and let "
                 "it keep this one. Needs -i. Without -x the server is asked to keep it for ever.",
       .set = [&session](OptionValues) -> Result<void> {
         session.clean_start = false;
         return {};
       }});
  rows.push_back(
      {.letter = 'x',
       .name = "session-expiry",
       .aliases = "session-expiry-interval",
       .value = "SECONDS",
       .group = group,
       .v5_only = true,
       .summary = "how long the server keeps the session, -1 = ever",
       .detail = "Seconds for which the server is to keep the session after the connection has ended; -1 "
                 "means that it never expires.",
       .set = one_value(settings, store_expiry)});
  rows.push_back(
      {.name = "session-file",
       .value = "FILE",
       .group = group,
       .completion = Completion::file,
       .summary = "keep the client's half of the session in FILE",
       .detail = "Keep the client's half of the session between runs: which QoS 2 messages have arrived and "
                 "what was published and not yet acknowledged. Implies -c and needs -i.",
       .set = store_path(settings.session_file)});
  rows.push_back(
      {.letter = 'M',
       .name = "max-inflight",
       .value = "N",
       .group = group,
       .default_text = "1000",
       .summary = "most publishes waiting for acknowledgement",
       .detail =
           "How many messages of QoS 1 and 2 may be on their way at once, 1 to 65535. What an MQTT 5.0 "
           "server "
           "allows (its receive maximum) bounds it as well; below 5.0, where a server can't say it, the "
           "default is 20.",
       .set = [&session](OptionValues values) {
         auto stored = store_number<std::uint16_t>(session.max_in_flight, 1)(values);
         session.receive_maximum_below_v5 = session.max_in_flight;
         return stored;
       }});
  rows.push_back(
      {.name = "max-inflight-bytes",
       .value = "SIZE",
       .group = group,
       .default_text = "8M",
       .summary = "the same bound in bytes, with k, M or G",
       .detail = "How many bytes of messages of QoS 1 and 2 may be on their way at once, with the suffix k, "
                 "M or G for powers of 1024. A single larger message is sent by itself.",
       .set = one_value(settings, store_in_flight_bytes)});
}

void default_window(SessionConfig& session) {
  session.max_in_flight = 1000;
  session.receive_maximum_below_v5 = 20;
}

void property_option(OptionRows& rows, ConnectionSettings& settings, std::vector<PropertyTarget> own,
                     std::string_view commands) {
  std::vector<PropertyTarget> targets = std::move(own);
  const auto connect = [&settings]() -> PropertyList& { return settings.client.session.properties; };
  const auto disconnect = [&settings]() -> PropertyList& { return settings.disconnect_properties; };
  const auto will = [&settings]() -> PropertyList& {
    auto& held = settings.client.session.will;
    return (held ? *held : held.emplace()).properties;
  };
  targets.push_back({"connect", property_packet("connect"), connect});
  targets.push_back({"disconnect", property_packet("disconnect"), disconnect});
  targets.push_back({"will", property_packet("will"), will});
  rows.push_back(
      {.letter = 'D',
       .name = "property",
       .value = "COMMAND NAME VALUE",
       .group = OptionGroup::session,
       .choices = commands,
       .completion = Completion::property,
       .repeats = true,
       .v5_only = true,
       .summary = "MQTT 5 property; user-property takes NAME VALUE",
       .detail = "Set a property of MQTT 5.0 in the packets that COMMAND names. The name user-property is "
                 "followed by two values, a name and a value. The binary properties correlation-data and "
                 "authentication-data take text as it stands, or hex:DIGITS, or base64:DIGITS, or "
                 "text:TEXT for text that begins with one of these words.",
       .set = store_property(std::move(targets))});
}

}  // namespace mq
