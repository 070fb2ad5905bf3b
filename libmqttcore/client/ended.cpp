#include "client/ended.hpp"

#include <fmt/core.h>

#include "base/text.hpp"

namespace mq {

std::string in_words(ReasonCode reason, PacketType in, Properties properties) {
  std::string words = fmt::format("{} (0x{:02x})", name_of(reason, in), value_of(reason));
  if (const auto text = properties.bytes(PropertyId::reason_string)) words.append(": ").append(quoted(*text));
  return words;
}

Error error_of(const Connack& connack, Version version) {
  Error error{ErrorKind::refused,
              fmt::format("the server refused the connection: {}",
                          in_words(connack.reason, PacketType::connack, connack.properties)),
              value_of(connack.reason),
              {}};
  if (connack.reason == ReasonCode::unsupported_protocol_version)
    error.hint = version == Version::v5
                     ? "the server does not speak MQTT 5.0: try protocol-version 311 (-V 311)"
                     : "the server does not speak this version of MQTT: try another -V";
  if (connack.reason == ReasonCode::bad_user_name_or_password || connack.reason == ReasonCode::not_authorized)
    error.hint = "check the user name and the password (-u, -P), and what the server lets this client id do";
  return error;
}

Error error_of(const Disconnect& disconnect) {
  return {ErrorKind::lost,
          fmt::format("the server ended the connection: {}",
                      in_words(disconnect.reason, PacketType::disconnect, disconnect.properties)),
          value_of(disconnect.reason),
          {}};
}

bool worth_another_try(const Error& error) {
  if (error.permanent) return false;
  switch (error.kind) {
    case ErrorKind::connect:
    case ErrorKind::timeout:
      return true;
    case ErrorKind::refused:
      switch (static_cast<ReasonCode>(error.reason)) {
        case ReasonCode::server_unavailable:
        case ReasonCode::server_busy:
        case ReasonCode::connection_rate_exceeded:
        case ReasonCode::quota_exceeded:
          return true;
        default:
          return false;
      }
    case ErrorKind::lost:
      switch (static_cast<ReasonCode>(error.reason)) {
        case ReasonCode::session_taken_over:
        case ReasonCode::not_authorized:
        case ReasonCode::banned:
        case ReasonCode::malformed_packet:
        case ReasonCode::protocol_error:
        case ReasonCode::packet_too_large:
          return false;
        default:
          return true;
      }
    default:
      return false;
  }
}

bool worth_another_server(const Error& error) {
  return error.kind == ErrorKind::refused ? worth_another_try(error) : error.kind != ErrorKind::usage;
}

}  // namespace mq
