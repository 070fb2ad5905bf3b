// Return codes of CONNACK in MQTT 3.1 and 3.1.1 (3.1.1: 3.2.2.3), and the reason codes that stand for them
// everywhere above. Internal to wire.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "wire/reason_code.hpp"

namespace mq {

// The index is the return code.
constexpr std::array connack_codes = {
    ReasonCode::success,
    ReasonCode::unsupported_protocol_version,
    ReasonCode::client_identifier_not_valid,
    ReasonCode::server_unavailable,
    ReasonCode::bad_user_name_or_password,
    ReasonCode::not_authorized,
};
constexpr std::uint8_t unsupported_version_code = 1;

constexpr std::optional<ReasonCode> reason_of_connack_code(std::uint8_t code) {
  if (code >= connack_codes.size()) return std::nullopt;
  return connack_codes[code];
}

constexpr std::optional<std::uint8_t> connack_code_of(ReasonCode reason) {
  for (std::size_t code = 0; code < connack_codes.size(); ++code) {
    if (connack_codes[code] == reason) return static_cast<std::uint8_t>(code);
  }
  return std::nullopt;
}

}  // namespace mq
