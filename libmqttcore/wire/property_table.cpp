#include <array>
#include <limits>

#include "wire/frame.hpp"
#include "wire/property.hpp"

namespace mq {
namespace {

constexpr PacketSet will = will_bit;
constexpr PacketSet connect = bit_of(PacketType::connect);
constexpr PacketSet connack = bit_of(PacketType::connack);
constexpr PacketSet publish = bit_of(PacketType::publish);
constexpr PacketSet subscribe = bit_of(PacketType::subscribe);
constexpr PacketSet suback = bit_of(PacketType::suback);
constexpr PacketSet unsubscribe = bit_of(PacketType::unsubscribe);
constexpr PacketSet unsuback = bit_of(PacketType::unsuback);
constexpr PacketSet disconnect = bit_of(PacketType::disconnect);
constexpr PacketSet auth = bit_of(PacketType::auth);
constexpr PacketSet acks = bit_of(PacketType::puback) | bit_of(PacketType::pubrec) |
                           bit_of(PacketType::pubrel) | bit_of(PacketType::pubcomp);
constexpr PacketSet none = 0;

constexpr PacketSet explained_by_client = acks | disconnect | auth;
constexpr PacketSet explained_by_server = connack | acks | suback | unsuback | disconnect | auth;
constexpr PacketSet annotated_by_client =
    will | connect | publish | subscribe | unsubscribe | explained_by_client;
constexpr PacketSet annotated_by_server = publish | explained_by_server;

constexpr PacketSet message = will | publish;
constexpr PacketSet ended = connect | disconnect;
constexpr PacketSet proved = connect | auth;
constexpr PacketSet answered = connack | auth;

constexpr bool once = false;
constexpr bool many = true;

constexpr std::uint32_t most_2 = std::numeric_limits<std::uint16_t>::max();
constexpr std::uint32_t most_4 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t most_v = max_variable_integer;

using Row = PropertyRow;

using enum PropertyId;
using enum PropertyType;

// 5.0: 2.2.2.2, with the ranges from the sections of the packets.
constexpr std::array rows = {
    Row{payload_format_indicator, byte, "payload-format-indicator", message, publish, once, 0, 1},
    Row{message_expiry_interval, four_byte, "message-expiry-interval", message, publish, once, 0, most_4},
    Row{content_type, utf8, "content-type", message, publish, once, 0, 0},
    Row{response_topic, utf8, "response-topic", message, publish, once, 0, 0},
    Row{correlation_data, binary, "correlation-data", message, publish, once, 0, 0},
    Row{subscription_identifier, variable, "subscription-identifier", subscribe, publish, many, 1, most_v},
    Row{session_expiry_interval, four_byte, "session-expiry-interval", ended, connack, once, 0, most_4},
    Row{assigned_client_identifier, utf8, "assigned-client-identifier", none, connack, once, 0, 0},
    Row{server_keep_alive, two_byte, "server-keep-alive", none, connack, once, 0, most_2},
    Row{authentication_method, utf8, "authentication-method", proved, answered, once, 0, 0},
    Row{authentication_data, binary, "authentication-data", proved, answered, once, 0, 0},
    Row{request_problem_information, byte, "request-problem-information", connect, none, once, 0, 1},
    Row{will_delay_interval, four_byte, "will-delay-interval", will, none, once, 0, most_4},
    Row{request_response_information, byte, "request-response-information", connect, none, once, 0, 1},
    Row{response_information, utf8, "response-information", none, connack, once, 0, 0},
    Row{server_reference, utf8, "server-reference", none, connack | disconnect, once, 0, 0},
    Row{reason_string, utf8, "reason-string", explained_by_client, explained_by_server, once, 0, 0},
    Row{receive_maximum, two_byte, "receive-maximum", connect, connack, once, 1, most_2},
    Row{topic_alias_maximum, two_byte, "topic-alias-maximum", connect, connack, once, 0, most_2},
    Row{topic_alias, two_byte, "topic-alias", publish, publish, once, 1, most_2},
    Row{maximum_qos, byte, "maximum-qos", none, connack, once, 0, 1},
    Row{retain_available, byte, "retain-available", none, connack, once, 0, 1},
    Row{user_property, pair, "user-property", annotated_by_client, annotated_by_server, many, 0, 0},
    Row{maximum_packet_size, four_byte, "maximum-packet-size", connect, connack, once, 1, most_4},
    Row{wildcard_subscription_available, byte, "wildcard-subscription-available", none, connack, once, 0, 1},
    Row{subscription_identifier_available, byte, "subscription-identifier-available", none, connack, once, 0,
        1},
    Row{shared_subscription_available, byte, "shared-subscription-available", none, connack, once, 0, 1},
};

constexpr std::uint8_t no_row = 0xFF;
constexpr std::size_t id_limit = static_cast<std::size_t>(shared_subscription_available) + 1;
constexpr std::array<std::uint8_t, id_limit> row_numbers = [] {
  std::array<std::uint8_t, id_limit> numbers{};
  numbers.fill(no_row);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    numbers[static_cast<std::size_t>(rows[i].id)] = static_cast<std::uint8_t>(i);
  }
  return numbers;
}();

}  // namespace

std::span<const PropertyRow> property_rows() { return rows; }

const PropertyRow* find_property(std::uint8_t id) {
  return id >= id_limit || row_numbers[id] == no_row ? nullptr : &rows[row_numbers[id]];
}

const PropertyRow* find_property(std::string_view name) {
  for (const PropertyRow& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

}  // namespace mq
