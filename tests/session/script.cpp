#include "script.hpp"

#include "base/text.hpp"
#include "wire/decode.hpp"
#include "wire/describe.hpp"
#include "wire/encode.hpp"

namespace mq {

namespace {

void fail_at(std::source_location where, const std::string& text) {
  ADD_FAIL_AT(where.file_name(), static_cast<int>(where.line()), text);
}

template <class P>
P ack_of(PacketId id, ReasonCode reason, Properties properties) {
  return P{{id, reason, properties}};
}

}  // namespace

SessionConfig config_of(Version version) {
  SessionConfig config;
  config.version = version;
  config.client_id = "c";
  config.clean_start = false;
  config.keep_alive = 0;
  if (version == Version::v5) config.properties = Props().set(PropertyId::session_expiry_interval, 3600);
  return config;
}

Props& Props::set(PropertyId id, std::uint32_t number) {
  REQUIRE(list_.add(id, number));
  return *this;
}

Props& Props::set(PropertyId id, std::string_view value) {
  REQUIRE(list_.add(id, value));
  return *this;
}

Props& Props::user(std::string_view name, std::string_view value) {
  REQUIRE(list_.add_user(name, value));
  return *this;
}

Publish message(QoS qos, std::string_view topic, Bytes payload, Properties properties) {
  return {.qos = qos, .topic = topic, .properties = properties, .payload = payload};
}

Publish numbered(Publish publish, PacketId id, bool dup) {
  publish.packet_id = id;
  publish.dup = dup;
  return publish;
}

Puback puback(PacketId id, ReasonCode reason, Properties properties) {
  return ack_of<Puback>(id, reason, properties);
}
Pubrec pubrec(PacketId id, ReasonCode reason, Properties properties) {
  return ack_of<Pubrec>(id, reason, properties);
}
Pubrel pubrel(PacketId id, ReasonCode reason, Properties properties) {
  return ack_of<Pubrel>(id, reason, properties);
}
Pubcomp pubcomp(PacketId id, ReasonCode reason, Properties properties) {
  return ack_of<Pubcomp>(id, reason, properties);
}
Connack accepted(bool session_present, Properties properties) {
  return {.session_present = session_present, .properties = properties};
}

void Script::up() { session.transport_up(now); }

void Script::down() {
  collect();
  sent_.clear();
  taken_ = 0;
  session.transport_down();
}

Connected Script::connect(const Connack& connack, Where where) {
  up();
  take<Connect>(where);
  feed(connack, where);
  return event<Connected>(where);
}

Connected Script::reconnect(bool session_present, Properties properties, Where where) {
  down();
  return connect(accepted(session_present, properties), where);
}

void Script::feed(std::string_view hex, Where where) {
  const auto bytes = from_hex(hex);
  if (!bytes) fail_at(where, "not hexadecimal");
  session.received(*bytes, now);
}

void Script::feed(const Packet& packet, Where where) {
  Buffer bytes;
  if (auto encoded = encode(packet, session.config().version, Sender::server, bytes); !encoded)
    fail_at(where, encoded.error().text);
  session.received(bytes, now);
}

void Script::sent(std::string_view hex, Where where) {
  collect();
  const auto expected = from_hex(hex);
  const std::string actual = to_hex(Bytes(sent_).substr(taken_));
  taken_ = sent_.size();
  if (!expected || to_hex(*expected) != actual) fail_at(where, std::string("sent: ").append(actual));
}

void Script::sent(const Packet& packet, Where where) {
  Buffer expected;
  if (auto encoded = encode(packet, session.config().version, Sender::client, expected); !encoded)
    fail_at(where, encoded.error().text);
  collect();
  const std::size_t before = taken_;
  const Packet actual = take_packet(where);
  if (Bytes(sent_).substr(before, taken_ - before) != expected)
    fail_at(where, std::string("sent: ").append(shown(actual)));
}

void Script::sent_nothing(Where where) {
  collect();
  if (taken_ != sent_.size()) fail_at(where, std::string("sent: ").append(shown(take_packet(where))));
}

std::size_t Script::unasked() {
  collect();
  std::size_t count = 0;
  for (std::size_t at = taken_; at < sent_.size(); ++count)
    at += (*next_frame(Bytes(sent_).substr(at)))->size;
  return count;
}

void Script::no_event(Where where) {
  if (const auto next = session.next_event(now)) fail_at(where, std::string("event: ").append(shown(next)));
}

void Script::advance(Duration time, Where where) {
  const Time end = now + time;
  for (int ticks = 0; session.deadline() && *session.deadline() <= end; ++ticks) {
    if (ticks > 10'000) fail_at(where, "a deadline that does not go away");
    now = std::max(now, *session.deadline());
    session.tick(now);
  }
  now = end;
}

Ticket Script::publish(const Publish& publish, Where where) {
  const auto ticket = session.publish(publish, now);
  if (!ticket) fail_at(where, ticket.error().text);
  return *ticket;
}

Ticket Script::subscribe(std::string_view filter, QoS qos, Where where) {
  const auto ticket = session.subscribe({{.filter = filter, .qos = qos}}, {}, now);
  if (!ticket) fail_at(where, ticket.error().text);
  return *ticket;
}

std::vector<PacketId> Script::take_publishes(std::size_t count, Where where) {
  std::vector<PacketId> ids;
  while (ids.size() < count) ids.push_back(take<Publish>(where).packet_id);
  return ids;
}

void Script::collect() {
  if (taken_ == sent_.size()) {
    sent_.clear();
    taken_ = 0;
  }
  while (!session.pending_output().empty()) {
    const Bytes pending = session.pending_output();
    sent_.append(pending);
    session.written(pending.size());
  }
}

Packet Script::take_packet(Where where) {
  collect();
  const auto frame = next_frame(Bytes(sent_).substr(taken_));
  if (!frame || !*frame) fail_at(where, "no packet was sent");
  taken_ += (*frame)->size;
  const auto packet = decode(**frame, session.config().version, Sender::client);
  if (!packet) fail_at(where, packet.error().text);
  return *packet;
}

std::string Script::shown(const Packet& packet) const { return describe(packet, session.config().version); }

std::string Script::shown(const Event* event) {
  if (!event) return "none";
  constexpr std::array names = {
      "Message",    "Published",    "Connected",          "Refused", "Challenged", "Dropped",
      "Subscribed", "Unsubscribed", "ServerDisconnected", "Broken"};
  std::string text = names[event->index()];
  if (const auto* broken = std::get_if<Broken>(&*event)) text.append(": ").append(broken->error.text);
  if (const auto* dropped = std::get_if<Dropped>(&*event)) text.append(": ").append(dropped->error.text);
  return text;
}

}  // namespace mq
