// The session's state as bytes. All numbers are big-endian, as on the wire:
//
//   "mqttkit session 1\n"
//   version 1, size of client id 2, client id
//   count 2, identifiers held at QoS 2, 2 each
//   count 2, publishes in sending order, each: identifier 2, flags 1, seconds since 1970 at which it was
//   published 8, size 4, the PUBLISH in full (of size 0 once PUBREC has come, and where flag 2 says that
//   nothing is left but an identifier that the server may hold)
//
// Every byte of a saved session is doubted when it is read back.
#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"
#include "session/saved.hpp"
#include "session/session.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace mq {

namespace {

constexpr std::string_view magic = "mqttkit session 1\n";
constexpr std::uint64_t sent_flag = 1;
constexpr std::uint64_t held_flag = 2;
// Seconds: no Message Expiry Interval is longer (MQTT 5.0, 3.3.2.3.3), and Time still holds it.
constexpr std::uint64_t longest_wait = UINT32_MAX;

void append_number(std::uint64_t value, unsigned size, Buffer& out) {
  while (size-- > 0) out.push_back(static_cast<char>(value >> (size * 8) & 0xFF));
}

// Takes from the front; once anything was missing everything reads as empty and failed() says so.
class Taker {
 public:
  explicit Taker(Bytes rest) : rest_(rest) {}

  Bytes bytes(std::size_t size) {
    if (failed_ || rest_.size() < size) {
      failed_ = true;
      return {};
    }
    const Bytes taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t number(unsigned size) {
    std::uint64_t value = 0;
    for (const char c : bytes(size)) value = value << 8 | octet(c);
    return value;
  }
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  Bytes rest_;
  bool failed_ = false;
};

// For differences that would not fit.
std::uint64_t as_unsigned(std::int64_t value) { return static_cast<std::uint64_t>(value); }

Buffer begun(Version version, std::string_view client_id, const std::vector<PacketId>& held) {
  Buffer out(magic);
  append_number(static_cast<std::uint8_t>(version), 1, out);
  append_number(client_id.size(), 2, out);
  out.append(client_id);
  append_number(held.size(), 2, out);
  for (const PacketId id : held) append_number(id, 2, out);
  return out;
}

void append_saved(PacketId id, std::uint64_t flags, std::uint64_t published, const Buffer& packet,
                  Buffer& out) {
  append_number(id, 2, out);
  append_number(flags, 1, out);
  append_number(published, 8, out);
  append_number(packet.size(), 4, out);
  out.append(packet);
}

std::unexpected<Error> not_a_session() {
  return fail(ErrorKind::malformed, "not a saved session, or a damaged one");
}

}  // namespace

Buffer Session::save(Time now, std::int64_t wall) const {
  Buffer out = begun(config_.version, config_.client_id, inbox_.taken());
  Buffer publishes;
  std::uint64_t count = 0;
  Outbox outbox = outbox_;
  for (const PacketId id : outbox.in_order()) {
    const Outgoing& entry = *outbox.find(id);
    if (entry.stage == OutStage::awaiting_suback || entry.stage == OutStage::awaiting_unsuback) continue;
    const bool sent = entry.sent_before || entry.stage != OutStage::queued;
    const auto waited =
        as_unsigned(std::chrono::duration_cast<std::chrono::seconds>(now - entry.since).count());
    append_saved(id, (sent ? sent_flag : 0) | (entry.held ? held_flag : 0),
                 as_unsigned(wall) - std::min(waited, longest_wait), entry.packet, publishes);
    ++count;
  }
  for (const PacketId id : outbox.held()) {
    append_saved(id, held_flag, 0, {}, publishes);
    ++count;
  }
  append_number(count, 2, out);
  return out.append(publishes);
}

Result<Buffer> saved_session(Version version, std::string_view client_id, const std::vector<PacketId>& held,
                             const std::vector<SavedPublish>& publishes) {
  Buffer out = begun(version, client_id, held);
  append_number(publishes.size(), 2, out);
  for (const SavedPublish& each : publishes) {
    Buffer packet;
    if (each.message) {
      Publish message = *each.message;
      message.packet_id = each.id;
      message.dup = false;
      if (auto encoded = encode(message, version, Sender::client, packet); !encoded)
        return std::unexpected(std::move(encoded.error()));
    }
    append_saved(each.id, each.sent ? sent_flag : 0, as_unsigned(each.published), packet, out);
  }
  return out;
}

Result<void> Session::restore(Bytes saved, Time now, std::int64_t wall) {
  Taker take(saved);
  if (take.bytes(magic.size()) != magic) return not_a_session();
  const auto version = take.number(1);
  const Bytes client_id = take.bytes(take.number(2));
  if (take.failed()) return not_a_session();
  if (version != static_cast<std::uint8_t>(config_.version))
    return fail(ErrorKind::usage, "the saved session was made with another protocol version");
  if (client_id != config_.client_id)
    return fail(ErrorKind::usage, fmt::format("the saved session belongs to client {}", quoted(client_id)));

  Inbox inbox;
  for (auto count = take.number(2); count > 0 && !take.failed(); --count)
    inbox.hold(static_cast<PacketId>(take.number(2)));
  if (inbox.holds(0)) return not_a_session();

  Outbox outbox;
  Ticket ticket = last_ticket_;
  for (auto count = take.number(2); count > 0; --count) {
    const auto id = static_cast<PacketId>(take.number(2));
    const auto flags = take.number(1);
    const auto published = static_cast<std::int64_t>(take.number(8));
    const Bytes packet = take.bytes(take.number(4));
    if (take.failed() || id == 0 || outbox.taken(id)) return not_a_session();
    if ((flags & held_flag) != 0 && packet.empty()) {
      (void)outbox.open(0, OutStage::held, id);
      continue;
    }
    Outgoing& entry = outbox.open(++ticket, OutStage::queued, id);
    // A clock that was set back must not make a message older, nor younger, than it can be.
    const auto waited =
        published > wall ? 0 : std::min(as_unsigned(wall) - as_unsigned(published), longest_wait);
    entry.since = now - std::chrono::seconds(waited);
    entry.sent_before = (flags & sent_flag) != 0;
    entry.held = (flags & held_flag) != 0;
    if (packet.empty()) {
      entry.stage = OutStage::awaiting_pubcomp;
      entry.qos = QoS::exactly_once;
      continue;
    }
    const auto frame = next_frame(packet);
    if (!frame || !*frame || (*frame)->size != packet.size() || (*frame)->type != PacketType::publish)
      return not_a_session();
    const auto publish = decode_publish(**frame, config_.version, Sender::client);
    if (!publish || publish->packet_id != id || publish->dup || publish->topic.empty() ||
        publish->properties.contains(PropertyId::topic_alias))
      return not_a_session();
    entry.qos = publish->qos;
    entry.expires = publish->properties.contains(PropertyId::message_expiry_interval);
    entry.packet = packet;
    outbox.packet_kept(entry);
  }
  if (take.failed() || !take.at_end()) return not_a_session();
  inbox_ = std::move(inbox);
  holds_of_before_ = true;
  outbox_ = std::move(outbox);
  last_ticket_ = ticket;
  has_state_ = true;
  return {};
}

}  // namespace mq
