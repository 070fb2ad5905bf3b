// What a run sees, event by event and packet by packet, and what it holds against it.
#include <algorithm>

#include "base/text.hpp"
#include "wire/decode.hpp"
#include "world.hpp"

namespace mq {

using std::chrono::seconds;

void World::expect(bool right, const std::string& what) {
  if (!right) throw Violation{what};
}

void World::take(const Event& event) {
  if (const auto* message = std::get_if<Message>(&event)) return arrived(*message);
  if (const auto* done = std::get_if<mq::Published>(&event))
    return ended(done->ticket, is_failure(done->reason));
  if (const auto* connected = std::get_if<Connected>(&event)) {
    expect(!connected->connack.session_present || connected->possible_doubles == 0,
           "doubles in a session that was kept");
    doubles_ += connected->possible_doubles;
    welcomed_ = known_ = true;
    const bool fresh = !connected->connack.session_present;
    if (fresh && !random_.one_in(4))
      expect(session_.subscribe({{.filter = "t/#", .qos = QoS::exactly_once}}, {}, now_).has_value(),
             "subscribe() failed");
  }
  if (const auto* dropped = std::get_if<Dropped>(&event)) throw Violation{"dropped: " + dropped->error.text};
  if (const auto* broken = std::get_if<Broken>(&event)) {
    const bool may = broken->error.kind == ErrorKind::timeout || broken->error.kind == ErrorKind::lost;
    const Duration patience = std::max<Duration>(config_.connack_timeout, seconds(2 * config_.keep_alive));
    expect(may && now_ - impaired_ <= patience, "broken: " + broken->error.text);
    expect(reading_, "broken although nobody reads: " + broken->error.text);
  }
  expect(!std::holds_alternative<Refused>(event), "refused");
}

void World::arrived(const Message& message) {
  const Bytes payload = message.publish.payload;
  const std::size_t space = payload.find(' ');
  expect(!payload.empty() && payload[0] == 'd' && space != Bytes::npos, "a delivery came damaged");
  const auto number = parse_number<std::uint64_t>(payload.substr(1, space - 1));
  expect(number && *number < broker_.deliveries.size(), "a delivery came damaged");
  const Delivery& delivery = broker_.deliveries[*number];
  expect(message.publish.topic == delivery.topic, "a delivery came under another topic");
  expect(message.publish.qos == delivery.qos, "a delivery came at another QoS");
  expect(payload.size() == space + 1 + delivery.padding, "a delivery came damaged");
  note(*number);
  if (arrived_.try_emplace(*number, 0).second) arrival_order_.push_back(*number);
  const int times = ++arrived_[*number];
  if (delivery.qos == QoS::exactly_once) expect(times == 1, "a QoS 2 message was delivered twice");
  const bool by_hand = config_.manual_acknowledgement && delivery.qos != QoS::at_most_once;
  expect((message.ticket != 0) == by_hand, "a ticket where there is nothing to acknowledge, or none");
  if (by_hand) unacknowledged_.emplace_back(message.ticket, *number);
}

void World::ended(Ticket ticket, bool refused) {
  note(ticket);
  const auto at = by_ticket_.find(ticket);
  if (at == by_ticket_.end()) {
    expect(restarts_, "a publish that is none ended");
    return;
  }
  Published& published = published_[at->second];
  published.ended = true;
  published.refused = refused;
  expect(refused || traits_.accepts_at_release || broker_.accepted[at->second] > 0,
         "a publish ended that the broker never had");
  close(published);
  under_way_.erase(at->second);
  by_ticket_.erase(at);
}

void World::close(Published& published) {
  open_ids_.erase(published.id);
  releases_.erase(published.id);
}

// What leaves the session, packet by packet.
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
    if (last_sent_ && session_.connected() && config_.keep_alive > 0 && broker_works_ &&
        link_capacity_ > 1000)
      expect(now_ - *last_sent_ <= seconds(config_.keep_alive),
             "a longer silence than the keep alive allows");
    last_sent_ = now_;
    if (std::holds_alternative<Connect>(*packet)) last_sent_.reset();  // its answer may take its time
    if (const auto* connect = std::get_if<Connect>(&*packet))
      expect(!known_ || !connect->client_id.empty(), "an assigned client identifier is not used again");
    if (const auto* publish = std::get_if<Publish>(&*packet)) observe(*publish);
    if (const auto* release = std::get_if<Pubrel>(&*packet)) {
      const bool again = !under_way_.contains(
          open_ids_.contains(release->packet_id) ? open_ids_[release->packet_id] : ~0ULL);
      releases_.insert(release->packet_id);
      if (again && mutation_ == Mutation::pubrel_resends_vanish) continue;
    }
    up_.push(bytes, now_);
  }
  unobserved_.erase(0, at);
}

void World::observe(const Publish& packet) {
  if (packet.qos == QoS::at_most_once) return;
  const auto number = parse_number<std::uint64_t>(packet.payload.substr(1, packet.payload.find(' ') - 1));
  expect(number && *number < published_.size(), "a publish went out damaged");
  Published& published = published_[*number];
  expect(!published.ended, "a publish went out that had ended");
  const auto known = open_ids_.find(packet.packet_id);
  // After a restart, ends are not seen by ticket.
  expect(known == open_ids_.end() || known->second == *number || restarts_, "an identifier is in use twice");
  // The output of the connection on which it got another one may have been lost unseen.
  expect(!packet.dup || published.id == 0 || published.id == packet.packet_id || doubles_ > 0,
         "a repeat goes out under another identifier");
  if (published.id != 0 && published.id != packet.packet_id && open_ids_[published.id] == *number)
    open_ids_.erase(published.id);
  published.id = packet.packet_id;
  open_ids_[packet.packet_id] = *number;
  expect(under_way_.insert(*number).second, "a publish went out twice on one connection");
  if (!restarts_)
    expect(under_way_.size() <= broker_.receive_maximum, "more goes out than the receive maximum allows");
}

void World::check_end() const {
  std::size_t more = 0;
  for (std::uint64_t number = 0; number < published_.size(); ++number) {
    const Published& published = published_[number];
    const auto at = broker_.accepted.find(number);
    const int times = at == broker_.accepted.end() ? 0 : at->second;
    if (published.qos == QoS::at_most_once) {
      expect(times <= 1, "a QoS 0 publish was doubled");
      continue;
    }
    expect(restarts_ || published.ended, "a publish never ended");
    expect(times >= 1 || published.refused || (restarts_ && traits_.refuses_one_in > 0),
           "a publish was lost");
    if (published.qos == QoS::exactly_once && times > 1) more += static_cast<std::size_t>(times - 1);
  }
  expect(more <= doubles_, "more QoS 2 publishes were doubled than could be known");
  for (const Delivery& delivery : broker_.deliveries) {
    const auto at = arrived_.find(delivery.number);
    const int times = at == arrived_.end() ? 0 : at->second;
    if (delivery.qos != QoS::at_most_once && delivery.owed) expect(times >= 1, "a delivery was lost");
    if (delivery.qos != QoS::at_least_once) expect(times <= 1, "a delivery was doubled");
  }
  // Order, topic by topic and QoS by QoS. [MQTT-4.6.0-1]
  std::map<std::pair<std::string, QoS>, std::uint64_t> last;
  for (const std::uint64_t number : arrival_order_) {
    const Delivery& delivery = broker_.deliveries[number];
    std::uint64_t& before = last.try_emplace({delivery.topic, delivery.qos}, number).first->second;
    expect(number >= before, "deliveries came out of order");
    before = number;
  }
  last.clear();
  for (const std::uint64_t number : broker_.acceptance_order) {
    const Published& published = published_[number];
    std::uint64_t& before = last.try_emplace({published.topic, published.qos}, number).first->second;
    expect(number >= before || traits_.refuses_one_in > 0, "publishes came out of order");
    before = number;
  }
}

}  // namespace mq
