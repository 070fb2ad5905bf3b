#include "drop_in/packet_words.hpp"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace mq {
namespace {

// What stands behind "sending CONNECT" and its like, by the kind of packet.
struct Details {
  bool sending;
  PacketId number;  // of a PUBLISH

  std::string operator()(const Connack& packet) const {
    return fmt::format(" ({})", value_of(packet.reason));
  }
  std::string operator()(const Publish& packet) const {
    return fmt::format(" (d{}, q{}, r{}, m{}, '{}', ... ({} bytes))", packet.dup ? 1 : 0,
                       static_cast<unsigned>(packet.qos), packet.retain ? 1 : 0, number, packet.topic,
                       packet.payload.size());
  }
  std::string operator()(const Puback& packet) const { return ended(packet); }
  std::string operator()(const Pubcomp& packet) const {
    return sending ? fmt::format(" (m{})", packet.packet_id) : ended(packet);
  }
  std::string operator()(const Pubrec& packet) const {
    return sending ? ended(packet) : fmt::format(" (Mid: {})", packet.packet_id);
  }
  std::string operator()(const Pubrel& packet) const {
    return fmt::format(fmt::runtime(sending ? " (m{})" : " (Mid: {})"), packet.packet_id);
  }
  template <class Other>
  std::string operator()(const Other& /*packet*/) const {
    return {};
  }

  std::string ended(const Ack& packet) const {
    return fmt::format(fmt::runtime(sending ? " (m{}, rc{})" : " (Mid: {}, RC:{})"), packet.packet_id,
                       value_of(packet.reason));
  }
};

std::string upper_name(const Packet& packet) {
  std::string name(name_of(type_of(packet)));
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return name;
}

unsigned options_of(const Subscription& subscription) {
  return (subscription.no_local ? 4U : 0U) | (subscription.retain_as_published ? 8U : 0U) |
         static_cast<unsigned>(subscription.retain_handling) << 4U;
}

}  // namespace

PacketWords::PacketWords(std::string client_id)
    : id_(client_id.empty() ? std::string("null") : std::move(client_id)) {}

std::string PacketWords::operator()(Sender sender, const Packet& packet) {
  if (const auto* connack = std::get_if<Connack>(&packet)) {
    if (const auto id = connack->properties.bytes(PropertyId::assigned_client_identifier))
      id_ = std::string(*id);
  }
  if (const auto* gone = std::get_if<Disconnect>(&packet); gone != nullptr && sender == Sender::server)
    return fmt::format("Received DISCONNECT ({})", value_of(gone->reason));
  const bool sending = sender == Sender::client;
  const std::string start =
      fmt::format("Client {} {} {}", id_, sending ? "sending" : "received", upper_name(packet));
  std::string lines;
  if (const auto* subscribe = std::get_if<Subscribe>(&packet)) {
    for (const Subscription& one : subscribe->subscriptions)
      lines += fmt::format("{}{} (Mid: {}, Topic: {}, QoS: {}, Options: 0x{:02x})", lines.empty() ? "" : "\n",
                           start, subscribe->packet_id, one.filter, static_cast<unsigned>(one.qos),
                           options_of(one));
    return lines;
  }
  if (const auto* unsubscribe = std::get_if<Unsubscribe>(&packet)) {
    for (const std::string_view filter : unsubscribe->filters)
      lines += fmt::format("{}{} (Mid: {}, Topic: {})", lines.empty() ? "" : "\n", start,
                           unsubscribe->packet_id, filter);
    return lines;
  }
  PacketId number = 0;
  if (const auto* publish = std::get_if<Publish>(&packet)) {
    number = publish->packet_id;
    if (sending) number = last_ = number != 0 ? number : static_cast<PacketId>(last_ + 1);
  }
  return start + std::visit(Details{sending, number}, packet);
}

}  // namespace mq
