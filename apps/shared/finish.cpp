#include <fmt/format.h>
#include <unistd.h>

#include <limits>

#include "shared/common_options.hpp"
#include "shared/store.hpp"

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

Result<void> finish_version(ConnectionSettings& settings) {
  const SessionConfig& session = settings.client.session;
  // [MQTT311-3.1.2-22]; 5.0 has no such rule.
  if (session.password && !session.user_name) {
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
  return check_places(settings.disconnect_properties, "disconnect");
}

}  // namespace mq
