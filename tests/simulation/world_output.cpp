// What leaves the session, packet by packet: what is held against it, and what a mutation of the link makes
// of it.
#include <algorithm>

#include "base/text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "world.hpp"

namespace mq {

using std::chrono::seconds;

void World::observe(Bytes output) {
  unobserved_.append(output);
  std::size_t at = 0;
  while (true) {
    const auto frame = next_frame(Bytes(unobserved_).substr(at));
    expect(frame.has_value(), "the output is not made of packets");
    if (!*frame) break;
    const Bytes bytes = Bytes(unobserved_).substr(at, (*frame)->size);
    at += (*frame)->size;
    const auto packet = decode(**frame, config_.version, Sender::client);
    expect(packet.has_value(), "the output is not what a client may send");
    for (const char c : bytes) note(octet(c));
    up_.push(observe(*packet, bytes), now_);
  }
  unobserved_.erase(0, at);
}

// What arrives of it, if nothing is cut.
Buffer World::observe(const Packet& packet, Bytes bytes) {
  if (last_sent_ && session_.connected() && config_.keep_alive > 0 && broker_works_ && link_capacity_ > 1000)
    expect(now_ - *last_sent_ <= seconds(config_.keep_alive), "a longer silence than the keep alive allows");
  last_sent_ = now_;
  if (const auto* connect = std::get_if<Connect>(&packet)) {
    last_sent_.reset();  // its answer may take its time
    expect(!known_ || !connect->client_id.empty(), "an assigned client identifier is not used again");
  }
  Buffer sent(bytes);
  if (const auto* publish = std::get_if<Publish>(&packet)) {
    sent = collide(*publish, bytes);
    const auto frame = next_frame(sent);
    const auto changed = decode_publish(**frame, config_.version, Sender::client);
    observe(*changed);
  }
  if (const auto* release = std::get_if<Pubrel>(&packet)) {
    const auto known = open_ids_.find(release->packet_id);
    const bool again = known == open_ids_.end() || !under_way_.contains(known->second);
    if (again && mutation_ == Mutation::pubrel_resends_vanish) return {};
  }
  if (overtaken(packet, sent)) return {};
  sent.append(overtaken_);
  overtaken_.clear();
  return sent;
}

// Under the identifier of another publish, where the mutation says so.
Buffer World::collide(const Publish& packet, Bytes bytes) const {
  Buffer changed(bytes);
  if (mutation_ != Mutation::identifiers_collide || packet.qos == QoS::at_most_once || packet.dup ||
      open_ids_.empty())
    return changed;
  Publish other = packet;
  other.packet_id = open_ids_.begin()->first;
  changed.clear();
  (void)encode(other, config_.version, Sender::client, changed);
  return changed;
}

// Whether the packet has to wait for the next one to go before it.
bool World::overtaken(const Packet& packet, Bytes bytes) {
  if (!overtaken_.empty()) return false;
  const auto* publish = std::get_if<Publish>(&packet);
  const bool acknowledges = std::holds_alternative<Puback>(packet) || std::holds_alternative<Pubrec>(packet);
  const bool waits =
      (mutation_ == Mutation::publishes_change_places && publish && publish->qos != QoS::at_most_once) ||
      (mutation_ == Mutation::acknowledgements_change_places && acknowledges) ||
      (mutation_ == Mutation::releases_change_places && std::holds_alternative<Pubrel>(packet));
  if (waits) overtaken_ = bytes;
  return waits;
}

void World::observe(const Publish& packet) {
  const auto number = parse_number<std::uint64_t>(packet.payload.substr(1, packet.payload.find(' ') - 1));
  expect(number && *number < published_.size(), "a publish went out damaged");
  Published& published = published_[*number];
  observe_expiry(packet, published);
  if (packet.qos != published.qos) {
    // Perhaps on a connection whose output was lost unseen: the message stays what it became there.
    expect(config_.lowers && limits_ && packet.qos == QoS::at_least_once,
           "a publish went out at another QoS");
    published.qos = packet.qos;
    published.lowered = true;
  }
  if (packet.qos == QoS::at_most_once) return;
  expect(!published.ended, "a publish went out that had ended");
  const auto known = open_ids_.find(packet.packet_id);
  // After a restart, ends are not seen by ticket.
  expect(known == open_ids_.end() || known->second == *number || restarts_, "an identifier is in use twice");
  // The output of the connection on which it got another one may have been lost unseen.
  expect(!packet.dup || published.id == 0 || published.id == packet.packet_id || doubles_ > 0,
         "a repeat goes out under another identifier");
  if (published.id != packet.packet_id) close(published);
  published.id = packet.packet_id;
  published.sent = true;
  open_ids_[packet.packet_id] = *number;
  expect(under_way_.insert(*number).second, "a publish went out twice on one connection");
  // Ends of a run before are not seen.
  if (!restarts_)
    expect(under_way_.size() <= broker_.limits.receive_maximum,
           "more goes out than the receive maximum allows");
}

// The time that is left, as of some moment between CONNACK, or publish(), and now.
void World::observe_expiry(const Publish& packet, const Published& published) const {
  const auto left = packet.properties.number(PropertyId::message_expiry_interval);
  expect(left.has_value() == published.expiry.has_value(),
         "a publish lost its expiry on the way, or got one");
  if (!left) return;
  const auto passed = [&](Time at) {
    return std::chrono::duration_cast<seconds>(std::max(at, published.since) - published.since).count();
  };
  // A saved session counts in whole seconds.
  const auto rounding = static_cast<std::int64_t>(restarts_made_);
  const std::int64_t interval = *published.expiry;
  const std::int64_t shortest = std::max<std::int64_t>(interval - passed(now_) - rounding, 0);
  const std::int64_t longest = std::max<std::int64_t>(interval - passed(welcomed_at_), 1) + rounding;
  expect(*left >= shortest, "a publish goes out with less time than it has");
  expect(*left <= longest, "a publish goes out with more time than it has");
  const bool waited = passed(welcomed_at_) - rounding > 0;
  expect(packet.dup || !waited || passed(welcomed_at_) - rounding < interval,
         "a publish went out for the first time although it had expired");
}

}  // namespace mq
