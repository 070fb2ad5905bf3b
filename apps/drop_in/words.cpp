#include "drop_in/words.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mq {
namespace {

struct Refusal {
  ReasonCode reason;
  int code;  // of CONNACK in 3.x
  std::string_view words;
};
constexpr std::array<Refusal, 5> refusals{{
    {ReasonCode::unsupported_protocol_version, 1, "unacceptable protocol version"},
    {ReasonCode::client_identifier_not_valid, 2, "identifier rejected"},
    {ReasonCode::server_unavailable, 3, "broker unavailable"},
    {ReasonCode::bad_user_name_or_password, 4, "bad user name or password"},
    {ReasonCode::not_authorized, 5, "not authorised"},
}};

// Where mosquitto writes more capitals than the first.
constexpr std::array<std::pair<ReasonCode, std::string_view>, 10> capitals{{
    {ReasonCode::malformed_packet, "Malformed Packet"},
    {ReasonCode::protocol_error, "Protocol Error"},
    {ReasonCode::unsupported_protocol_version, "Unsupported Protocol Version"},
    {ReasonCode::client_identifier_not_valid, "Client Identifier not valid"},
    {ReasonCode::bad_user_name_or_password, "Bad User Name or Password"},
    {ReasonCode::topic_filter_invalid, "Topic Filter invalid"},
    {ReasonCode::topic_name_invalid, "Topic Name invalid"},
    {ReasonCode::receive_maximum_exceeded, "Receive Maximum exceeded"},
    {ReasonCode::qos_not_supported, "QoS not supported"},
    {ReasonCode::keep_alive_timeout, "Keep Alive timeout"},
}};

}  // namespace

std::string_view words_of(DropInCode code) {
  switch (code) {
    case drop_in_protocol:
      return "A network protocol error occurred when communicating with the broker";
    case drop_in_refused:
      return "The connection was refused";
    case drop_in_lost:
      return "The connection was lost";
    case drop_in_tls:
      return "A TLS error occurred";
    case drop_in_not_supported:
      return "This feature is not supported";
    case drop_in_credentials:
      return "Authorisation failed";
    case drop_in_proxy:
      return "Proxy error";
    case drop_in_malformed:
      return "Malformed packet";
    case drop_in_qos_not_supported:
      return "Requested QoS not supported on server";
    case drop_in_too_large:
      return "Packet larger than supported by the server";
    default:
      return "Unknown error";
  }
}

std::string words_of(ReasonCode reason) {
  const auto found = std::ranges::find(capitals, reason, &std::pair<ReasonCode, std::string_view>::first);
  if (found != capitals.end()) return std::string(found->second);
  std::string words(name_of(reason, PacketType::connack));
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z')
    words[0] = static_cast<char>(words[0] - 'a' + 'A');
  return words;
}

std::string refusal_words(ReasonCode reason, Version version) {
  if (version == Version::v5) {
    const bool too_new = reason == ReasonCode::unsupported_protocol_version;
    return words_of(reason) +
           (too_new ? ". Try connecting to an MQTT v5 broker, or use MQTT v3.x mode." : "");
  }
  const auto found = std::ranges::find(refusals, reason, &Refusal::reason);
  return fmt::format("Connection Refused: {}", found == refusals.end() ? "unknown reason" : found->words);
}

int refusal_code(ReasonCode reason, Version version) {
  const auto found = std::ranges::find(refusals, reason, &Refusal::reason);
  return version == Version::v5 || found == refusals.end() ? value_of(reason) : found->code;
}

}  // namespace mq
