// The model server's own side: its connections, what it answers when, and what it sends by itself.
#include "broker.hpp"

#include <algorithm>
#include <utility>

#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"
#include "wire/topic.hpp"

namespace mq {

namespace {

constexpr QoS lower(QoS a, QoS b) { return a < b ? a : b; }

// Of a PUBLISH without its topic and padding: all that it may hold beside them.
constexpr std::size_t around_a_delivery = 32;

}  // namespace

Broker::Broker(Version version, BrokerTraits traits, std::uint64_t seed, Mutation mutation)
    : version_(version), traits_(traits), random_(seed), mutation_(mutation) {
  if (traits_.high_identifiers) last_id_ = static_cast<PacketId>(random_.between(65'500, 65'534));
}

void Broker::connected() {
  disconnected();
  open_ = true;
}

void Broker::disconnected() {
  open_ = greeted_ = closed = false;
  input_.clear();
  output.clear();
  held_.clear();
  held_publish_answers_ = 0;
  client_aliases_.clear();
  if (mutation_ != Mutation::broker_keeps_aliases) aliases_.clear();
  puback_order_.clear();
  pubrec_order_.clear();
  pubrel_order_.clear();
  for (Outbound& outbound : session_.open) outbound.here = false;
}

void Broker::send(const Packet& packet) {
  if (auto encoded = encode(packet, version_, Sender::server, output); !encoded)
    throw Violation{encoded.error().text};
}

void Broker::send(const Answer& answer) {
  output.append(answer.bytes);
  if (answer.asks_for_release != 0) pubrel_order_.push_back(answer.asks_for_release);
}

void Broker::answer(const Packet& packet, bool to_publish) {
  Answer made;
  if (auto encoded = encode(packet, version_, Sender::server, made.bytes); !encoded)
    throw Violation{encoded.error().text};
  if (const auto* pubrec = std::get_if<Pubrec>(&packet); pubrec && !is_failure(pubrec->reason))
    made.asks_for_release = pubrec->packet_id;
  const bool late = traits_.answers_late && !hurry && random_.one_in(2);
  if (!late && held_.empty()) return send(made);
  held_.push_back(std::move(made));
  if (to_publish && traits_.shuffles_answers && held_publish_answers_ == held_.size() - 1) {
    std::swap(held_.back(), held_[random_.below(held_.size())]);
    ++held_publish_answers_;
  }
}

void Broker::work() {
  if (!greeted_ || closed) return;
  const std::size_t answers = hurry ? held_.size() : random_.below(held_.size() + 1);
  if (answers > 0) {
    for (std::size_t i = 0; i < answers; ++i) send(held_[i]);
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(answers));
    held_publish_answers_ = 0;
  }
  send_queued();
  if (traits_.repeats && !session_.open.empty() && random_.one_in(10)) {
    Outbound& again = session_.open[random_.below(session_.open.size())];
    if (!again.released && again.here) send_open(again, true);
  }
}

void Broker::send_queued() {
  while (!session_.queue.empty()) {
    if (mutation_ == Mutation::broker_delivers_out_of_order && session_.queue.size() > 1)
      std::swap(session_.queue[0], session_.queue[1]);
    Delivery& delivery = deliveries[session_.queue.front()];
    if (too_large(delivery)) {
      delivery.owed = false;
      session_.queue.pop_front();
      continue;
    }
    const bool exceeds = mutation_ == Mutation::broker_exceeds_receive_maximum;
    if (delivery.qos != QoS::at_most_once && session_.open.size() >= client_receive_maximum_ && !exceeds)
      break;
    Outbound outbound{.delivery = delivery.number};
    session_.queue.pop_front();
    if (delivery.qos == QoS::at_most_once) {
      send_open(outbound, false);
      continue;
    }
    outbound.id = free_id();
    send_open(session_.open.emplace_back(outbound), false);
  }
}

bool Broker::too_large(const Delivery& delivery) const {
  if (mutation_ == Mutation::broker_sends_too_large) return false;
  return delivery.topic.size() + delivery.padding + around_a_delivery > client_packet_size_;
}

void Broker::publish(std::string_view topic, QoS qos, std::size_t padding) { route(topic, qos, padding); }

void Broker::lose_session() {
  // What it has answered with PUBREC is its own, session or not.
  if (traits_.accepts_at_release) {
    std::map<std::uint64_t, Stored> in_order;
    for (const auto& [id, stored] : session_.incoming) in_order[stored.number] = stored;
    for (const auto& [number, stored] : in_order) accept(stored);
  }
  for (const Outbound& outbound : session_.open) deliveries[outbound.delivery].owed = false;
  for (const std::uint64_t number : session_.queue) deliveries[number].owed = false;
  session_ = {};
}

void Broker::leave() {
  send(Disconnect{ReasonCode::server_shutting_down, {}});
  closed = true;
}

PropertyList Broker::connack_properties() {
  BrokerLimits told = mutation_ == Mutation::limits_of_before ? limits_before_ : limits;
  limits_before_ = limits;
  if (mutation_ == Mutation::receive_maximum_untold) told.receive_maximum = 65535;
  if (mutation_ == Mutation::packet_size_untold) told.maximum_packet_size = 0xFFFFFFFF;
  if (mutation_ == Mutation::maximum_qos_untold) told.maximum_qos = QoS::exactly_once;
  PropertyList properties;
  if (told.receive_maximum < 65535) (void)properties.add(PropertyId::receive_maximum, told.receive_maximum);
  if (told.topic_alias_maximum > 0)
    (void)properties.add(PropertyId::topic_alias_maximum, told.topic_alias_maximum);
  if (told.maximum_packet_size < 0xFFFFFFFF)
    (void)properties.add(PropertyId::maximum_packet_size, told.maximum_packet_size);
  if (told.maximum_qos < QoS::exactly_once)
    (void)properties.add(PropertyId::maximum_qos, static_cast<std::uint32_t>(told.maximum_qos));
  if (!told.retain) (void)properties.add(PropertyId::retain_available, 0);
  return properties;
}

void Broker::accept(const Stored& message) {
  if (mutation_ == Mutation::broker_loses_a_message && message.qos != QoS::at_most_once && random_.one_in(50))
    return;
  if (++accepted[message.number] == 1) acceptance_order.push_back(message.number);
  route(message.topic, message.qos, message.size);
}

void Broker::route(std::string_view topic, QoS qos, std::size_t padding) {
  for (const auto& [filter, granted] : session_.subscriptions) {
    if (!matches(filter, topic)) continue;
    const QoS effective = lower(qos, granted);
    if (effective == QoS::at_most_once && (!greeted_ || output.size() > 10'000)) continue;
    if (session_.queue.size() > 200 && qos == QoS::at_most_once) continue;
    deliveries.push_back(
        {.number = deliveries.size(), .topic = std::string(topic), .qos = effective, .padding = padding});
    session_.queue.push_back(deliveries.back().number);
  }
}

void Broker::send_open(Outbound& outbound, bool dup) {
  const Delivery& delivery = deliveries[outbound.delivery];
  Buffer payload = "d";
  payload.append(std::to_string(delivery.number)).append(1, ' ').append(delivery.padding, '.');
  PropertyList properties;
  Publish publish{.dup = dup,
                  .qos = delivery.qos,
                  .topic = delivery.topic,
                  .packet_id = outbound.id,
                  .properties = {},
                  .payload = payload};
  if (client_alias_maximum_ > 0 && random_.one_in(2)) {
    const auto known = aliases_.find(delivery.topic);
    std::uint32_t alias = 0;
    if (known != aliases_.end()) {
      alias = known->second;
      publish.topic = {};
    } else {
      alias = static_cast<std::uint32_t>(random_.between(1, client_alias_maximum_));
      std::erase_if(aliases_, [alias](const auto& entry) { return entry.second == alias; });
      aliases_[delivery.topic] = alias;
    }
    (void)properties.add(PropertyId::topic_alias, alias);
    publish.properties = properties.view();
  }
  send(publish);
  outbound.here = true;
  if (delivery.qos == QoS::at_least_once) puback_order_.push_back(outbound.id);
  if (delivery.qos == QoS::exactly_once) pubrec_order_.push_back(outbound.id);
}

Broker::Outbound* Broker::find(PacketId id) {
  const auto at = std::ranges::find(session_.open, id, &Outbound::id);
  return at == session_.open.end() ? nullptr : &*at;
}

void Broker::close(PacketId id) {
  std::erase_if(session_.open, [id](const Outbound& outbound) { return outbound.id == id; });
}

PacketId Broker::free_id() {
  // From a few, so that they are soon used again; but an answer to a repeat must not be taken for one to the
  // next message.
  const bool many = traits_.repeats || traits_.high_identifiers;
  const std::size_t most = many ? 65'535 : session_.open.size() + 3;
  do {
    last_id_ = static_cast<PacketId>(last_id_ % most + 1);
  } while (find(last_id_) != nullptr);
  return last_id_;
}

}  // namespace mq
