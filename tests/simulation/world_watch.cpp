// What a session reports, event by event, and what has become of everything in the end.
#include <algorithm>

#include "base/text.hpp"
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
    welcomed_at_ = now_;
    const bool fresh = !connected->connack.session_present;
    // What goes out again to a server that knows nothing of it is new. [MQTT-3.2.2-5]
    if (fresh && config_.version != Version::v31)
      for (Published& published : published_) published.sent = false;
    if (fresh && !random_.one_in(4))
      expect(session_.subscribe({{.filter = "t/#", .qos = QoS::exactly_once}}, {}, now_).has_value(),
             "subscribe() failed");
  }
  if (const auto* given_up = std::get_if<Dropped>(&event)) return dropped(*given_up);
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
  under_way_.erase(at->second);
  close(published);
  by_ticket_.erase(at);
}

void World::dropped(const Dropped& dropped) {
  note(dropped.ticket);
  const bool expired = dropped.error.kind == ErrorKind::timeout;
  expect(expired ? expires_ : dropped.error.kind == ErrorKind::denied && limits_,
         "dropped: " + dropped.error.text);
  ++(expired ? expired_ : denied_);
  const auto at = by_ticket_.find(dropped.ticket);
  if (at == by_ticket_.end()) {
    expect(restarts_, "a publish that is none was dropped");
    ++dropped_unknown_;
    return;
  }
  Published& published = published_[at->second];
  if (expired) {
    expect(!published.sent, "a publish expired that was under way");  // [MQTT-4.3.3-7]
    expect(published.expiry && now_ - published.since >= seconds(*published.expiry),
           "a publish was given up before it expired");
  } else {
    expect(denies(published), "a publish was denied that this connection takes");
  }
  published.ended = published.dropped = true;
  close(published);
  by_ticket_.erase(at);
}

void World::close(Published& published) {
  const auto at = open_ids_.find(published.id);
  if (at != open_ids_.end() && &published_[at->second] == &published) open_ids_.erase(at);
}

void World::check_published(std::uint64_t number, std::size_t& more, std::size_t& missing) const {
  const Published& published = published_[number];
  const auto at = broker_.accepted.find(number);
  const int times = at == broker_.accepted.end() ? 0 : at->second;
  if (published.qos == QoS::at_most_once) {
    expect(times <= 1, "a QoS 0 publish was doubled");
    return;
  }
  expect(restarts_ || published.ended, "a publish never ended");
  const bool may_be_refused = restarts_ && traits_.refuses_one_in > 0;
  if (times == 0 && !published.refused && !published.dropped && !may_be_refused) ++missing;
  if (published.qos == QoS::exactly_once && times > 1 && !published.lowered)
    more += static_cast<std::size_t>(times - 1);
}

void World::check_end() const {
  std::size_t more = 0;
  std::size_t missing = 0;
  for (std::uint64_t number = 0; number < published_.size(); ++number) check_published(number, more, missing);
  expect(missing <= dropped_unknown_, "a publish was lost");
  expect(more <= doubles_, "more QoS 2 publishes were doubled than could be known");
  for (const Delivery& delivery : broker_.deliveries) {
    const auto at = arrived_.find(delivery.number);
    const int times = at == arrived_.end() ? 0 : at->second;
    if (delivery.qos != QoS::at_most_once && delivery.owed) expect(times >= 1, "a delivery was lost");
    if (delivery.qos != QoS::at_least_once) expect(times <= 1, "a delivery was doubled");
  }
  check_order();
}

// Topic by topic and QoS by QoS. [MQTT-4.6.0-1]
void World::check_order() const {
  std::map<std::pair<std::string, QoS>, std::uint64_t> last;
  for (const std::uint64_t number : arrival_order_) {
    const Delivery& delivery = broker_.deliveries[number];
    std::uint64_t& before = last.try_emplace({delivery.topic, delivery.qos}, number).first->second;
    expect(number >= before, "deliveries came out of order");
    before = number;
  }
  last.clear();
  // What was given up or lowered after it had been sent, the server may take over at any time, or never.
  if (dropped_unknown_ > 0) return;
  for (const std::uint64_t number : broker_.acceptance_order) {
    const Published& published = published_[number];
    if (published.lowered || published.dropped) continue;
    std::uint64_t& before = last.try_emplace({published.topic, published.qos}, number).first->second;
    expect(number >= before || traits_.refuses_one_in > 0, "publishes came out of order");
    before = number;
  }
}

}  // namespace mq
