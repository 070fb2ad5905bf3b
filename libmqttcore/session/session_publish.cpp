// What a session asks of the server, and the window in which it waits for answers.
#include <algorithm>
#include <utility>

#include "session/session.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/plain.hpp"
#include "wire/topic.hpp"

namespace mq {

namespace {

// What a kept packet says. It is of our own making, or restore() has checked it.
Publish decode_kept(Bytes packet, Version version) {
  const auto frame = next_frame(packet);
  return *decode_publish(**frame, version, Sender::client);
}

Result<void> encode_without_alias(Publish message, Version version, Buffer& out) {
  PropertyList properties(message.properties);
  properties.remove(PropertyId::topic_alias);
  message.properties = properties.view();
  return encode(message, version, Sender::client, out);
}

// What a topic alias adds to a packet at most: the property, and a byte each where the two lengths grow.
constexpr std::size_t alias_room = 5;

}  // namespace

bool Session::can_publish(QoS qos) const {
  if (qos == QoS::at_most_once) return phase_ == Phase::up && output_size() < config_.max_output;
  return outbox_.publishes() < config_.max_in_flight && outbox_.bytes() < config_.max_in_flight_bytes;
}

Result<Ticket> Session::publish(Publish&& message, Time now) {
  message.dup = false;  // [MQTT-3.3.1-2] [MQTT-3.3.1-3]
  message.packet_id = 0;
  return message.qos == QoS::at_most_once ? publish_now(message, now) : publish_kept(message, now);
}

Result<Ticket> Session::publish_now(Publish& message, Time now) {
  const bool aliased = config_.automatic_topic_aliases > 0 && limits_.topic_alias_maximum > 0;
  if (can_publish(message.qos) && !aliased && (!message.retain || limits_.retain) &&
      append_plain_publish(message, config_.version, limits_.maximum_packet_size, output_)) {
    keep_alive_.sent(now);
    return ++last_ticket_;
  }
  if (auto up = check_request("a message at QoS 0"); !up) return std::unexpected(std::move(up.error()));
  if (!can_publish(message.qos)) return fail(ErrorKind::usage, "too much output waits for the connection");
  if (auto appended = append_publish(message); !appended) return std::unexpected(std::move(appended.error()));
  keep_alive_.sent(now);
  return ++last_ticket_;
}

Result<Ticket> Session::publish_kept(Publish& message, Time now) {
  if (!can_publish(message.qos))
    return fail(ErrorKind::usage, "too many messages wait for their acknowledgement");
  Outgoing* entry = outbox_.open(last_ticket_ + 1, OutStage::queued);
  if (!entry) return fail(ErrorKind::usage, "all packet identifiers are in use");
  message.packet_id = entry->id;
  // What is kept must make sense on any later connection: the full topic, no alias.
  const std::uint32_t alias = message.properties.number(PropertyId::topic_alias).value_or(0);
  const bool at_once =
      phase_ == Phase::up && queue_head_ == queue_.size() && in_flight_ < limits_.receive_maximum;
  Result<void> checked;
  if (!append_plain_publish(message, config_.version, max_variable_integer, entry->packet))
    checked = alias > 0 ? encode_without_alias(message, config_.version, entry->packet)
                        : encode(message, config_.version, Sender::client, entry->packet);
  if (checked && phase_ == Phase::up) {
    checked = limits_.check_publish(message.qos, message.retain, entry->packet.size());
    if (checked && alias > 0) checked = check_alias(alias);
  }
  // Only a message that goes out at once may lean on this connection's aliases.
  if (checked && alias > 0 && at_once) checked = append_publish(message);
  outbox_.packet_kept(*entry);
  if (!checked) {
    outbox_.close(*entry);
    return std::unexpected(std::move(checked.error()));
  }
  entry->qos = message.qos;
  entry->since = now;
  entry->expires =
      config_.version == Version::v5 && message.properties.contains(PropertyId::message_expiry_interval);
  const Ticket ticket = ++last_ticket_;
  changed({SessionChange::Kind::identified, entry->id, ticket});
  if (at_once && alias > 0)
    mark_sent(*entry, now);
  else if (at_once)
    (void)send_queued(*entry, now);
  else if (phase_ == Phase::up)  // resume() collects what was published without a connection
    queue_.push_back(entry->id);
  return ticket;
}

Result<void> Session::check_alias(std::uint32_t alias) const {
  if (alias <= limits_.topic_alias_maximum) return {};  // [MQTT-3.2.2-17] [MQTT-3.3.2-9]
  return fail(ErrorKind::denied, "the server takes no topic alias that high",
              value_of(ReasonCode::topic_alias_invalid));
}

// Appends a PUBLISH within this connection's limits, under a topic alias if it asks for one or one is given
// to it.
Result<void> Session::append_publish(const Publish& message) {
  const std::uint32_t alias = message.properties.number(PropertyId::topic_alias).value_or(0);
  if (alias > 0) {
    if (auto allowed = check_alias(alias); !allowed) return allowed;
    if (auto named = check_topic_name(message.topic); !named) return named;
  }
  // In full first: only a message that is right may give a topic its alias.
  const std::size_t before = output_.size();
  if (auto whole = encode(message, config_.version, Sender::client, output_); !whole) return whole;
  std::optional<OutboundAliases::Use> use;
  const std::uint16_t most = std::min(config_.automatic_topic_aliases, limits_.topic_alias_maximum);
  if (alias > 0)
    use = outbound_aliases_.use(static_cast<std::uint16_t>(alias), message.topic);
  else if (most > 0 && output_.size() - before + alias_room <= limits_.maximum_packet_size)
    use = outbound_aliases_.give(message.topic, most);
  if (use) {
    PropertyList properties(message.properties);
    properties.remove(PropertyId::topic_alias);
    (void)properties.add(PropertyId::topic_alias, use->alias);
    Publish aliased = message;
    aliased.properties = properties.view();
    if (use->known) aliased.topic = {};
    output_.resize(before);
    if (auto again = encode(aliased, config_.version, Sender::client, output_); !again) return again;
  }
  if (auto allowed = limits_.check_publish(message.qos, message.retain, output_.size() - before); !allowed) {
    output_.resize(before);
    return allowed;
  }
  if (use && !use->known) outbound_aliases_.sent(use->alias, message.topic);
  return {};
}

void Session::mark_sent(Outgoing& entry, Time now) {
  entry.stage = entry.qos == QoS::at_least_once ? OutStage::awaiting_puback : OutStage::awaiting_pubrec;
  ++in_flight_;
  keep_alive_.sent(now);
}

// To what the server takes: the message is worth more than its QoS, if its owner says so.
void Session::lower(Outgoing& entry) {
  Publish publish = decode_kept(entry.packet, config_.version);
  const QoS qos = std::min(entry.qos, limits_.maximum_qos);
  entry.held = entry.held || (entry.sent_before && qos < entry.qos && entry.qos == QoS::exactly_once);
  publish.qos = entry.qos = qos;
  publish.retain = publish.retain && limits_.retain;
  Buffer packet;
  (void)encode(publish, config_.version, Sender::client, packet);
  outbox_.drop_packet(entry);
  entry.packet.swap(packet);
  outbox_.packet_kept(entry);
}

// Sends an entry that waits, if this connection takes it at all; false: it was given up.
bool Session::send_queued(Outgoing& entry, Time now) {
  const auto give_up = [&](Error error) {
    waiting_.insert(waiting_.begin(), Dropped{entry.ticket, std::move(error)});
    entry.held = entry.held || (entry.sent_before && entry.qos == QoS::exactly_once);
    outbox_.close(entry);
    return false;
  };
  bool retain = (octet(entry.packet[0]) & 1U) != 0;
  if (config_.lowers && limits_.maximum_qos != QoS::at_most_once &&
      (entry.qos > limits_.maximum_qos || (retain && !limits_.retain))) {
    lower(entry);
    retain = retain && limits_.retain;
  }
  if (auto allowed = limits_.check_publish(entry.qos, retain, entry.packet.size()); !allowed)
    return give_up(allowed.error());
  const auto waited =
      entry.expires ? std::chrono::duration_cast<std::chrono::seconds>(now - entry.since).count() : 0;
  if (waited == 0 && !entry.sent_before && config_.automatic_topic_aliases == 0) {
    output_.append(entry.packet);
  } else {
    Publish publish = decode_kept(entry.packet, config_.version);
    PropertyList properties;
    if (waited > 0) {
      const std::int64_t interval =
          publish.properties.number(PropertyId::message_expiry_interval).value_or(0);
      if (waited >= interval && !entry.sent_before)
        return give_up({ErrorKind::timeout, "the message expired before it could be sent", 0, {}});
      // One that was sent may not be given up [MQTT-4.3.3-7]: it goes on with the shortest life there is.
      const auto left = std::max<std::int64_t>(1, interval - waited);
      properties = PropertyList(publish.properties);
      properties.remove(PropertyId::message_expiry_interval);
      (void)properties.add(PropertyId::message_expiry_interval, static_cast<std::uint32_t>(left));
      publish.properties = properties.view();
    }
    publish.dup = entry.sent_before;  // [MQTT-3.3.1-1]
    if (auto appended = append_publish(publish); !appended) return give_up(appended.error());
  }
  mark_sent(entry, now);
  return true;
}

void Session::drain_queue(Time now) {
  // [MQTT-3.3.4-7] [MQTT-4.9.0-2]
  while (queue_head_ < queue_.size() && in_flight_ < limits_.receive_maximum)
    (void)send_queued(*outbox_.find(queue_[queue_head_++]), now);
  if (queue_head_ == queue_.size()) {
    queue_.clear();
    queue_head_ = 0;
  } else if (queue_head_ > queue_.size() / 2) {
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(queue_head_));
    queue_head_ = 0;
  }
}

// What is kept, as that version has it.
void Session::keep_for(Version version) {
  for (const PacketId id : outbox_.in_order()) {
    Outgoing& entry = *outbox_.find(id);
    if (entry.packet.empty()) continue;
    Publish publish = decode_kept(entry.packet, config_.version);
    if (version != Version::v5) publish.properties = {};
    entry.expires = publish.properties.contains(PropertyId::message_expiry_interval);
    Buffer packet;
    (void)encode(publish, version, Sender::client, packet);
    outbox_.drop_packet(entry);
    entry.packet.swap(packet);
    outbox_.packet_kept(entry);
  }
}

// CONNACK has come: what earlier connections left goes out again [MQTT-4.4.0-1], in its old order
// [MQTT-4.6.0-1].
void Session::resume(bool session_present, Time now, std::uint32_t& possible_doubles) {
  // A new session of the server knows nothing of old identifiers: one that comes now is a new message
  // [MQTT-3.2.2-5].
  if (!session_present) {
    inbox_.session_lost();
    outbox_.session_lost();
  }
  for (const PacketId id : outbox_.in_order()) {
    Outgoing* entry = outbox_.find(id);
    if (entry->stage == OutStage::awaiting_pubcomp) {
      if (session_present) {
        (void)encode(Packet(Pubrel{{id, ReasonCode::success, {}}}), config_.version, Sender::client, output_);
        ++in_flight_;
      } else {  // its PUBREC has said that the server had taken it
        waiting_.insert(waiting_.begin(), Published{entry->ticket, ReasonCode::success, {}});
        outbox_.close(*entry);
      }
      continue;
    }
    if (!session_present && !config_.publish_again) {
      waiting_.emplace_back(Dropped{entry->ticket, {ErrorKind::lost, "the server lost the session", 0, {}}});
      outbox_.close(*entry);
      continue;
    }
    if (entry->sent_before && !session_present) {
      // Whether the server passed it on before it lost the session can't be known: as a new message it may
      // come twice, unsent it would be lost.
      entry = &outbox_.renew(*entry);
      entry->sent_before = false;
      Publish publish = decode_kept(entry->packet, config_.version);
      publish.packet_id = entry->id;
      Buffer renewed;
      (void)encode(publish, config_.version, Sender::client, renewed);
      entry->packet.swap(renewed);
      ++possible_doubles;
    }
    // Of all, or those that were renewed would be the later ones for whoever goes by the order of this.
    if (!session_present) changed({SessionChange::Kind::identified, entry->id, entry->ticket});
    queue_.push_back(entry->id);
  }
  drain_queue(now);
}

}  // namespace mq
