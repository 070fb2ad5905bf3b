// What each packet from the server means to a session.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "session/session.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/plain.hpp"

namespace mq {

namespace {

std::unexpected<Error> protocol_error(std::string text, ReasonCode reason = ReasonCode::protocol_error) {
  return fail(ErrorKind::protocol, std::move(text), value_of(reason));
}

}  // namespace

// The first byte already shows whether a server answers CONNECT as it must, or is something else that may
// wait for more from us. [MQTT-3.2.0-1]
Result<std::optional<Frame>> Session::answer_to_connect() const {
  if (rest().empty()) return std::nullopt;
  const auto type = static_cast<PacketType>(octet(rest()[0]) >> 4U);
  if (type != PacketType::connack && type != PacketType::auth)
    return fail(ErrorKind::protocol, "the server did not answer with CONNACK",
                value_of(ReasonCode::protocol_error),
                "is it an MQTT server, and this its port for plain MQTT?");
  return next_frame(rest(), largest_packet_);
}

Result<void> Session::handle(const Frame& frame, Time now) {
  auto packet = decode(frame, config_.version, Sender::server);
  if (!packet) return std::unexpected(std::move(packet.error()));
  auto handled = std::visit(
      [&]<class P>(const P& received) -> Result<void> {
        if constexpr (std::is_same_v<P, Connack>) {
          return on(received, now);
        } else if constexpr (std::is_same_v<P, Pingresp>) {
          return {};  // any input ends the wait for it
        } else if constexpr (requires { on(received); }) {
          return on(received);
        } else {
          return protocol_error("the server sent a packet that only a client may send");
        }
      },
      *packet);
  // An acknowledgement may have made room for a publish that waits.
  if (handled && queue_head_ < queue_.size() && phase_ == Phase::up) drain_queue(now);
  return handled;
}

void Session::note_plain_arrival(Message& message, Time now) {
  if (auto noted = note_arrival(message); !noted) report(break_off(noted.error(), now));
}

bool Session::take_plain_ack(Time now) {
  const PlainAck ack = plain_ack(rest().substr(0, largest_packet_));
  if (ack.id == 0) return false;
  consumed_ += plain_ack_size;
  const Ack packet{ack.id, ReasonCode::success, {}};
  const auto handled = ack.type == PacketType::puback   ? on(Puback{packet})
                       : ack.type == PacketType::pubrec ? on(Pubrec{packet})
                       : ack.type == PacketType::pubrel ? on(Pubrel{packet})
                                                        : on(Pubcomp{packet});
  if (!handled) report(break_off(handled.error(), now));
  if (queue_head_ < queue_.size() && phase_ == Phase::up) drain_queue(now);
  return true;
}

Result<void> Session::handle_publish(const Frame& frame) {
  Message& message = message_in_place();
  message.ticket = 0;
  if (auto decoded = decode_publish(frame, config_.version, Sender::server, message.publish); !decoded)
    return decoded;
  has_event_ = true;
  if (auto resolved = resolve_alias(message.publish); !resolved) return resolved;
  if (message.publish.qos == QoS::at_most_once) return {};
  return note_arrival(message);
}

Result<void> Session::resolve_alias(Publish& publish) {
  const auto alias = publish.properties.number(PropertyId::topic_alias);
  if (!alias) return {};
  auto topic = inbound_aliases_.resolve(static_cast<std::uint16_t>(*alias), publish.topic);
  if (!topic) return std::unexpected(std::move(topic.error()));
  publish.topic = *topic;
  return {};
}

// A message at QoS 1 or 2: acknowledged, or its ticket set for whoever will; no event when it was delivered
// before.
Result<void> Session::note_arrival(Message& message) {
  const Publish& publish = message.publish;
  const PacketId id = publish.packet_id;
  // A repeat says so [MQTT-3.3.1-1]. Else the server has a new session, of which whoever saved ours had no
  // time to learn: to take its message for one of the old session would lose it.
  if (holds_of_before_ && publish.qos == QoS::exactly_once && !publish.dup) (void)inbox_.release(id);
  if (publish.qos == QoS::exactly_once && inbox_.holds(id)) {
    // Delivered before and not yet released: the answer again, the message not [MQTT-4.3.3-10].
    inbox_.arrive_again(id);
    flush_acknowledgements();
    has_event_ = false;
    return {};
  }
  if (publish.qos == QoS::at_least_once && inbox_.unanswered_again(id, publish.dup)) {
    flush_acknowledgements();
    has_event_ = false;
    return {};
  }
  const auto maximum = config_.properties.view().number(PropertyId::receive_maximum).value_or(65535);
  if (config_.enforce_receive_maximum && inbox_.open_exchanges() >= maximum)  // [MQTT-3.3.4-9]
    return protocol_error("the server sent more at QoS 1 and 2 than our receive maximum allows",
                          ReasonCode::receive_maximum_exceeded);
  if (publish.qos == QoS::exactly_once) inbox_.hold(id);
  Arrival arrival{.id = id, .qos = publish.qos, .properties = {}};
  if (!config_.manual_acknowledgement) {
    acknowledge_arrival(arrival);
    return {};
  }
  arrival.ticket = message.ticket = ++last_ticket_;
  inbox_.arrive(std::move(arrival));
  return {};
}

Result<void> Session::on(const Connack& packet, Time now) {
  if (phase_ != Phase::connecting)
    return protocol_error("the server sent a second CONNACK");  // [MQTT-3.2.0-2]
  connack_deadline_.reset();
  if (is_failure(packet.reason)) {
    phase_ = Phase::over;
    report(Refused{packet});
    return {};
  }
  if (auto same = check_authentication_method(packet.properties); !same) return std::unexpected(same.error());
  const bool may_be_present = has_state_ && !clean_start_;
  if (packet.session_present && !may_be_present)  // [MQTT-3.2.2-4] [MQTT-3.2.2-2]
    return protocol_error("the server goes on with a session that this client does not have");
  limits_ = Limits::of(packet);
  if (config_.version != Version::v5) limits_.receive_maximum = config_.receive_maximum_below_v5;
  const auto server_keep_alive = packet.properties.number(PropertyId::server_keep_alive);  // [MQTT-3.2.2-21]
  keep_alive_.start(static_cast<std::uint16_t>(server_keep_alive.value_or(config_.keep_alive)), now);
  if (const auto id = packet.properties.bytes(PropertyId::assigned_client_identifier))
    config_.client_id = *id;
  phase_ = Phase::up;
  has_state_ = true;
  Connected connected{packet, 0};
  // MQTT 3.1 has no Session Present: what the server was asked to keep, it has kept.
  const bool present = config_.version == Version::v31 ? may_be_present : packet.session_present;
  resume(present, now, connected.possible_doubles);
  report(connected);
  return {};
}

Result<void> Session::on(const Puback& packet) {
  Outgoing* entry = outbox_.find(packet.packet_id);
  if (!entry) return {};
  if (entry->stage != OutStage::awaiting_puback)
    return protocol_error("the server sent PUBACK for a packet identifier that waits for something else");
  if (auto allowed = check_problem_information(packet.properties); !allowed)
    return std::unexpected(allowed.error());
  const Ticket ticket = entry->ticket;
  outbox_.close(*entry);
  --in_flight_;
  report_published(ticket, packet.reason, packet.properties);
  return {};
}

Result<void> Session::on(const Pubrec& packet) {
  Outgoing* entry = outbox_.find(packet.packet_id);
  if (auto allowed = check_problem_information(packet.properties); !allowed)
    return std::unexpected(allowed.error());
  if (!entry) {
    if (!is_failure(packet.reason))
      (void)encode(Packet(Pubrel{{packet.packet_id, ReasonCode::packet_identifier_not_found, {}}}),
                   config_.version, Sender::client, output_);
    return {};
  }
  if (entry->stage != OutStage::awaiting_pubrec && entry->stage != OutStage::awaiting_pubcomp)
    return protocol_error("the server sent PUBREC for a packet identifier that waits for something else");
  if (is_failure(packet.reason)) {  // [MQTT-4.3.3-4] [MQTT-4.4.0-2]
    const Ticket ticket = entry->ticket;
    outbox_.close(*entry);
    --in_flight_;
    report_published(ticket, packet.reason, packet.properties);
    return {};
  }
  if (entry->stage == OutStage::awaiting_pubrec) {
    entry->stage = OutStage::awaiting_pubcomp;
    entry->order = outbox_.next_order();  // [MQTT-4.6.0-4]
    outbox_.drop_packet(*entry);          // never sent again [MQTT-4.3.3-6]
    changed({SessionChange::Kind::received, packet.packet_id, entry->ticket});
  }
  append_plain_ack(PacketType::pubrel, packet.packet_id, output_);
  return {};
}

Result<void> Session::on(const Pubcomp& packet) {
  Outgoing* entry = outbox_.find(packet.packet_id);
  if (!entry) return {};
  if (entry->stage != OutStage::awaiting_pubcomp)
    return protocol_error("the server sent PUBCOMP for a packet identifier that waits for something else");
  if (auto allowed = check_problem_information(packet.properties); !allowed)
    return std::unexpected(allowed.error());
  const Ticket ticket = entry->ticket;
  outbox_.close(*entry);
  --in_flight_;
  // 0x92 says that the server had finished before: the PUBREC has made the message its own.
  report_published(ticket, ReasonCode::success, packet.properties);
  return {};
}

Result<void> Session::on(const Pubrel& packet) {
  if (auto allowed = check_problem_information(packet.properties); !allowed)
    return std::unexpected(allowed.error());
  if (inbox_.waits(packet.packet_id)) return protocol_error("the server sent PUBREL before our PUBREC");
  // [MQTT-4.3.3-11]; in 3.x the reason has no room and every PUBREL is answered alike
  if (inbox_.release(packet.packet_id)) {
    changed({SessionChange::Kind::released, packet.packet_id});
    append_plain_ack(PacketType::pubcomp, packet.packet_id, output_);
  } else {
    (void)encode(Packet(Pubcomp{{packet.packet_id, ReasonCode::packet_identifier_not_found, {}}}),
                 config_.version, Sender::client, output_);
  }
  return {};
}

Result<void> Session::on(const Suback& packet) {
  Outgoing* entry = outbox_.find(packet.packet_id);
  if (!entry || entry->stage != OutStage::awaiting_suback)
    return protocol_error("the server sent SUBACK for no SUBSCRIBE of ours");  // [MQTT-2.2.1-6]
  if (packet.codes.size() != entry->filters)                                   // [MQTT-3.8.4-6]
    return protocol_error(
        fmt::format("the server's SUBACK has {} codes for {} filters", packet.codes.size(), entry->filters));
  if (auto allowed = check_problem_information(packet.properties); !allowed)
    return std::unexpected(allowed.error());
  const Ticket ticket = entry->ticket;
  outbox_.close(*entry);
  report(Subscribed{ticket, packet});
  return {};
}

Result<void> Session::on(const Unsuback& packet) {
  Outgoing* entry = outbox_.find(packet.packet_id);
  if (!entry || entry->stage != OutStage::awaiting_unsuback)
    return protocol_error("the server sent UNSUBACK for no UNSUBSCRIBE of ours");
  if (config_.version == Version::v5 && packet.codes.size() != entry->filters)
    return protocol_error(fmt::format("the server's UNSUBACK has {} codes for {} filters",
                                      packet.codes.size(), entry->filters));
  if (auto allowed = check_problem_information(packet.properties); !allowed)
    return std::unexpected(allowed.error());
  const Ticket ticket = entry->ticket;
  outbox_.close(*entry);
  report(Unsubscribed{ticket, packet});
  return {};
}

Result<void> Session::on(const Disconnect& packet) {
  phase_ = Phase::over;
  report(ServerDisconnected{packet});
  return {};
}

Result<void> Session::on(const Auth& packet) {
  if (!config_.properties.view().contains(PropertyId::authentication_method))  // [MQTT-4.12.0-6]
    return protocol_error("the server sent AUTH to a client that named no authentication method");
  if (auto same = check_authentication_method(packet.properties); !same) return std::unexpected(same.error());
  if (auto allowed = check_problem_information(packet.properties); !allowed)
    return std::unexpected(allowed.error());
  if (packet.reason == ReasonCode::success && phase_ == Phase::connecting)
    return protocol_error("the server ended the authentication without CONNACK");
  report(Challenged{packet});
  return {};
}

Result<void> Session::check_problem_information(Properties properties) const {
  // [MQTT-3.1.2-29]
  if (!properties.contains(PropertyId::reason_string) && !properties.contains(PropertyId::user_property))
    return {};
  if (config_.properties.view().number(PropertyId::request_problem_information).value_or(1) == 1) return {};
  return protocol_error("the server sent problem information that was declined");
}

Result<void> Session::check_authentication_method(Properties properties) const {
  // [MQTT-4.12.0-5] [MQTT-4.12.0-6]
  if (properties.bytes(PropertyId::authentication_method) ==
      config_.properties.view().bytes(PropertyId::authentication_method))
    return {};
  return protocol_error("the server changed the authentication method");
}

void Session::acknowledge_arrival(const Arrival& arrival) {
  const bool at_least_once = arrival.qos == QoS::at_least_once;
  if (arrival.reason == ReasonCode::success && arrival.properties.empty())
    return append_plain_ack(at_least_once ? PacketType::puback : PacketType::pubrec, arrival.id, output_);
  const Ack ack{arrival.id, arrival.reason, Properties(arrival.properties)};
  if (at_least_once) {
    (void)append_with_room(Packet(Puback{ack}));
    return;
  }
  (void)append_with_room(Packet(Pubrec{ack}));
  if (is_failure(arrival.reason)) inbox_.release(arrival.id);  // [MQTT-4.3.3-9]
}

void Session::flush_acknowledgements() {
  while (auto arrival = inbox_.next_acknowledged()) acknowledge_arrival(*arrival);
}

Event Session::break_off(Error error, Time now) {
  if (phase_ == Phase::up && config_.version == Version::v5 && error.reason != 0) {
    Disconnect disconnect{static_cast<ReasonCode>(error.reason), {}};
    (void)append_with_room(Packet(disconnect));
    keep_alive_.sent(now);
  }
  phase_ = Phase::over;
  return Broken{std::move(error)};
}

}  // namespace mq
