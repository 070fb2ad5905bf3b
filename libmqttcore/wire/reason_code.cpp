#include "wire/reason_code.hpp"

#include <array>

namespace mq {
namespace {

constexpr PacketSet connack = bit_of(PacketType::connack);
constexpr PacketSet puback = bit_of(PacketType::puback);
constexpr PacketSet pubrec = bit_of(PacketType::pubrec);
constexpr PacketSet pubrel = bit_of(PacketType::pubrel);
constexpr PacketSet pubcomp = bit_of(PacketType::pubcomp);
constexpr PacketSet suback = bit_of(PacketType::suback);
constexpr PacketSet unsuback = bit_of(PacketType::unsuback);
constexpr PacketSet disconnect = bit_of(PacketType::disconnect);
constexpr PacketSet auth = bit_of(PacketType::auth);

constexpr PacketSet received = puback | pubrec;      // answers to PUBLISH
constexpr PacketSet finished = pubrel | pubcomp;     // the rest of a QoS 2 exchange
constexpr PacketSet subscribed = suback | unsuback;  // answers to SUBSCRIBE and UNSUBSCRIBE
constexpr PacketSet none = 0;

using enum ReasonCode;

// 5.0: 2.4, with the senders of 3.14.2.1 and 3.15.2.1. Meanings are ours.
constexpr std::array rows = {
    ReasonRow{success, received | finished | disconnect,
              connack | received | finished | subscribed | disconnect | auth, "success", "all went well"},
    ReasonRow{granted_qos_1, none, suback, "granted QoS 1", "subscribed, with QoS 1 at most"},
    ReasonRow{granted_qos_2, none, suback, "granted QoS 2", "subscribed, with QoS 2 at most"},
    ReasonRow{disconnect_with_will, disconnect, none, "disconnect with will message",
              "the client leaves and wants its will published all the same"},
    ReasonRow{no_matching_subscribers, none, received, "no matching subscribers",
              "the message was accepted, but nobody is subscribed to its topic"},
    ReasonRow{no_subscription_existed, none, unsuback, "no subscription existed",
              "there was no such subscription to end"},
    ReasonRow{continue_authentication, auth, auth, "continue authentication",
              "the next step of the authentication is due"},
    ReasonRow{reauthenticate, auth, none, "re-authenticate", "the client wants to authenticate anew"},
    ReasonRow{unspecified_error, received | disconnect, connack | received | subscribed | disconnect,
              "unspecified error", "the sender gives no reason, or none of the others fits"},
    ReasonRow{malformed_packet, disconnect, connack | disconnect, "malformed packet",
              "a packet could not be parsed"},
    ReasonRow{protocol_error, disconnect, connack | disconnect, "protocol error",
              "a packet was unexpected, out of order or against the rules"},
    ReasonRow{implementation_specific_error, received | disconnect,
              connack | received | subscribed | disconnect, "implementation specific error",
              "the packet is valid, but this receiver can't handle it"},
    ReasonRow{unsupported_protocol_version, none, connack, "unsupported protocol version",
              "the server doesn't speak the MQTT version that was asked for"},
    ReasonRow{client_identifier_not_valid, none, connack, "client identifier not valid",
              "the server doesn't accept this client id"},
    ReasonRow{bad_user_name_or_password, none, connack, "bad user name or password",
              "the server doesn't accept this user name or password"},
    ReasonRow{not_authorized, received, connack | received | subscribed | disconnect, "not authorized",
              "the sender has no right to do this"},
    ReasonRow{server_unavailable, none, connack, "server unavailable", "the server can't serve anybody now"},
    ReasonRow{server_busy, none, connack | disconnect, "server busy",
              "the server has too much to do; try again later"},
    ReasonRow{banned, none, connack, "banned", "an administrator has shut this client out"},
    ReasonRow{server_shutting_down, none, disconnect, "server shutting down", "the server is going down"},
    ReasonRow{bad_authentication_method, none, connack | disconnect, "bad authentication method",
              "the authentication method is not supported or not the one in use"},
    ReasonRow{keep_alive_timeout, none, disconnect, "keep alive timeout",
              "the server heard nothing for one and a half times the keep alive"},
    ReasonRow{session_taken_over, none, disconnect, "session taken over",
              "another connection has come with the same client id"},
    ReasonRow{topic_filter_invalid, none, subscribed | disconnect, "topic filter invalid",
              "the topic filter is well-formed, but not accepted here"},
    ReasonRow{topic_name_invalid, received | disconnect, connack | received | disconnect,
              "topic name invalid", "the topic name is well-formed, but not accepted here"},
    ReasonRow{packet_identifier_in_use, received, received | subscribed, "packet identifier in use",
              "the packet identifier belongs to an exchange that is still open"},
    ReasonRow{packet_identifier_not_found, finished, finished, "packet identifier not found",
              "no open exchange has this packet identifier"},
    ReasonRow{receive_maximum_exceeded, disconnect, disconnect, "receive maximum exceeded",
              "more messages were sent without waiting than the receiver allows"},
    ReasonRow{topic_alias_invalid, disconnect, disconnect, "topic alias invalid",
              "a topic alias was 0 or above the receiver's maximum"},
    ReasonRow{packet_too_large, disconnect, connack | disconnect, "packet too large",
              "a packet was larger than the receiver accepts"},
    ReasonRow{message_rate_too_high, disconnect, disconnect, "message rate too high",
              "messages came faster than the receiver accepts"},
    ReasonRow{quota_exceeded, received | disconnect, connack | received | suback | disconnect,
              "quota exceeded", "a limit of the receiver's making or of an administrator's was passed"},
    ReasonRow{administrative_action, disconnect, disconnect, "administrative action",
              "an administrator has closed the connection"},
    ReasonRow{payload_format_invalid, received | disconnect, connack | received | disconnect,
              "payload format invalid", "the payload is not what its payload format indicator says"},
    ReasonRow{retain_not_supported, none, connack | disconnect, "retain not supported",
              "the server keeps no retained messages"},
    ReasonRow{qos_not_supported, none, connack | disconnect, "QoS not supported",
              "the QoS is above the server's maximum"},
    ReasonRow{use_another_server, none, connack | disconnect, "use another server",
              "the client is sent to another server for now"},
    ReasonRow{server_moved, none, connack | disconnect, "server moved",
              "the client is sent to another server for good"},
    ReasonRow{shared_subscriptions_not_supported, none, suback | disconnect,
              "shared subscriptions not supported", "the server has no shared subscriptions"},
    ReasonRow{connection_rate_exceeded, none, connack | disconnect, "connection rate exceeded",
              "connections came faster than the server accepts"},
    ReasonRow{maximum_connect_time, none, disconnect, "maximum connect time",
              "the connection has lasted as long as it may"},
    ReasonRow{subscription_identifiers_not_supported, none, suback | disconnect,
              "subscription identifiers not supported", "the server has no subscription identifiers"},
    ReasonRow{wildcard_subscriptions_not_supported, none, suback | disconnect,
              "wildcard subscriptions not supported", "the server has no wildcards in subscriptions"},
};

constexpr std::uint8_t no_row = 0xFF;
constexpr std::array<std::uint8_t, 256> row_numbers = [] {
  std::array<std::uint8_t, 256> numbers{};
  numbers.fill(no_row);
  for (std::size_t i = 0; i < rows.size(); ++i)
    numbers[value_of(rows[i].code)] = static_cast<std::uint8_t>(i);
  return numbers;
}();

}  // namespace

std::span<const ReasonRow> reason_rows() { return rows; }

const ReasonRow* find_reason(std::uint8_t code) {
  return row_numbers[code] == no_row ? nullptr : &rows[row_numbers[code]];
}

std::string_view name_of(ReasonCode code, PacketType in) {
  if (code == success && in == PacketType::suback) return "granted QoS 0";
  if (code == success && in == PacketType::disconnect) return "normal disconnection";
  const ReasonRow* row = find_reason(value_of(code));
  return row == nullptr ? "unknown reason" : row->name;
}

bool reason_allowed(ReasonCode code, PacketType in, Sender sender) {
  const ReasonRow* row = find_reason(value_of(code));
  return row != nullptr && ((sender == Sender::client ? row->by_client : row->by_server) & bit_of(in)) != 0;
}

}  // namespace mq
