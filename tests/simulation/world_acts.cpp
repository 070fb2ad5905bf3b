// What may happen in a run.
#include <algorithm>
#include <array>

#include "wire/encode.hpp"
#include "world.hpp"

namespace mq {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t wall_at_start = 1'800'000'000;
constexpr std::array topics = {"t/1", "t/2", "t/2/3"};
constexpr std::array filters = {"t/#", "t/2", "#"};

Buffer payload_of(char mark, std::uint64_t number, std::size_t padding) {
  return Buffer(1, mark).append(std::to_string(number)).append(1, ' ').append(padding, '.');
}

}  // namespace

void World::act(const Act& act) {
  chance_ = Random(act.seed);
  switch (act.kind) {
    case ActKind::cut:
      return cut();
    case ActKind::connect:
      return connect();
    case ActKind::subscribe:
      return subscribe();
    case ActKind::stop_reading:
      reading_ = !reading_;
      return session_.reading(reading_, now_);
    case ActKind::stop_serving:
      broker_works_ = !broker_works_;
      return;
    case ActKind::restart_server:
      return restart_server();
    case ActKind::restart_client:
      return restarts_ && chance_.one_in(3) ? restart_client() : void();
    case ActKind::fall_silent:
      return chance_.one_in(5) ? fall_silent() : void();
    case ActKind::leave:
      if (link_ && chance_.one_in(5)) (void)session_.disconnect(ReasonCode::success, {}, now_);
      return;
    case ActKind::be_left:
      if (link_ && config_.version == Version::v5 && session_.connected() && chance_.one_in(5))
        broker_.leave();
      return;
    case ActKind::deliver:
      return deliver();
    case ActKind::acknowledge:
      return acknowledge();
    case ActKind::publish:
      if (chance_.one_in(20)) return flood();
      for (std::size_t i = chance_.between(1, 6); i > 0; --i) publish(static_cast<QoS>(chance_.below(3)));
  }
}

// The next identifiers are those around the wrap: what is refused uses one up.
void World::use_up_identifiers() {
  const std::size_t count = random_.between(65'500, 65'534);
  Publish no_topic;
  no_topic.qos = QoS::at_least_once;
  for (std::size_t i = 0; i < count; ++i) (void)session_.publish(no_topic, now_);
}

// Whether this connection's limits forbid it.
bool World::denies(const Published& published) const {
  const BrokerLimits& limits = broker_.limits;
  return published.qos > limits.maximum_qos || (published.retain && !limits.retain) ||
         published.size > limits.maximum_packet_size;
}

// Numbers are drawn one by one: compilers differ in the order of arguments, and a seed must not.
void World::deliver() {
  const char* topic = topics[chance_.below(topics.size())];
  const auto qos = static_cast<QoS>(chance_.below(3));
  broker_.publish(topic, qos, chance_.one_in(10) ? 100 : chance_.below(40));
}

// As fast as the session takes it.
void World::flood() {
  for (int i = 0; i < 40; ++i) publish(QoS::at_most_once);
}

void World::publish(QoS qos) {
  Published made;
  made.topic = topics[chance_.below(topics.size())];
  made.qos = qos;
  const std::uint64_t number = published_.size();
  const Buffer payload = payload_of('u', number, chance_.one_in(30) ? 3000 : chance_.below(60));
  made.retain = limits_ && chance_.one_in(10);
  if (expires_ && chance_.one_in(3)) made.expiry = chance_.pick<std::uint32_t>({0, 1, 2, 5, 30});
  if (!session_.can_publish(made.qos)) return;
  PropertyList properties;
  const std::uint32_t longer = mutation_ == Mutation::expiry_prolonged ? 60 : 0;
  if (made.expiry) (void)properties.add(PropertyId::message_expiry_interval, *made.expiry + longer);
  Publish message;
  message.qos = made.qos;
  message.retain = made.retain;
  message.topic = made.topic;
  message.properties = properties.view();
  message.payload = payload;
  made.size = encoded_size(message, config_.version);
  made.since = now_;
  const auto ticket = session_.publish(message, now_);
  // Without a connection nothing is known of the next one's limits.
  const bool told = mutation_ == Mutation::none || mutation_ == Mutation::expiry_prolonged;
  if (told) expect(ticket.has_value() != (session_.connected() && denies(made)), "publish() heeds no limit");
  if (!ticket) {
    ++denied_;
    return;
  }
  made.ticket = *ticket;
  published_.push_back(made);
  if (made.qos != QoS::at_most_once) by_ticket_[*ticket] = number;
}

void World::connect() {
  if (link_) return;
  link_ = true;
  welcomed_ = false;
  ++connections_;
  under_way_.clear();
  unobserved_.clear();
  overtaken_.clear();
  const bool bounded = config_.version == Version::v5 && chance_.one_in(2);
  BrokerLimits& limits = broker_.limits = {};
  if (bounded) limits.receive_maximum = static_cast<std::uint16_t>(chance_.between(1, 6));
  limits.topic_alias_maximum = chance_.pick<std::uint16_t>({0, 1, 5});
  if (limits_ && !broker_.hurry) {
    limits.maximum_packet_size = chance_.pick<std::uint32_t>({0xFFFFFFFF, 2000, 60});
    limits.maximum_qos =
        chance_.pick({QoS::exactly_once, QoS::exactly_once, QoS::at_least_once, QoS::at_most_once});
    limits.retain = !chance_.one_in(3);
  }
  broker_.connected();
  session_.transport_up(now_);
  last_sent_.reset();
}

// Some of what is on its way still arrives.
void World::cut() {
  if (!link_) return;
  broker_.received(up_.cut());
  const Buffer last = down_.cut();
  if (reading_) {
    session_.received(last, now_);
    read();
  }
  link_ = false;
  silent_ = false;
  broker_.disconnected();
  session_.transport_down();
  // Session Present 0 that never arrives would be 1 the next time, and the client none the wiser: a hole in
  // MQTT itself.
  if (broker_.fresh && !welcomed_) broker_.lose_session();
  broker_.fresh = false;
  (void)up_.cut();
  (void)down_.cut();
  expect(!session_.deadline(), "a deadline without a connection");
}

void World::restart_server() {
  cut();
  if (loses_session_ && chance_.one_in(2)) broker_.lose_session();
}

void World::subscribe() {
  if (!session_.connected()) return;
  const std::string_view filter = filters[chance_.below(filters.size())];
  if (chance_.one_in(4))
    expect(session_.unsubscribe({filter}, {}, now_).has_value(), "unsubscribe() failed");
  else
    expect(session_.subscribe({{.filter = filter, .qos = static_cast<QoS>(chance_.below(3))}}, {}, now_)
               .has_value(),
           "subscribe() failed");
}

void World::acknowledge() {
  if (unacknowledged_.empty()) return;
  const auto at =
      unacknowledged_.begin() + static_cast<std::ptrdiff_t>(chance_.below(unacknowledged_.size()));
  const bool refuse = refuses_ && chance_.one_in(5);
  Delivery& delivery = broker_.deliveries[at->second];
  if (refuse && delivery.qos == QoS::exactly_once) {
    // Should the refusal not get there, the message comes again, as a new one [MQTT-4.3.3-9].
    --arrived_[at->second];
    delivery.owed = false;
  }
  const auto acknowledged =
      session_.acknowledge(at->first, now_, refuse ? ReasonCode::quota_exceeded : ReasonCode::success);
  expect(acknowledged.has_value(), "acknowledge() failed");
  unacknowledged_.erase(at);
}

// The broker is gone without a word. Whoever reads must find out in time.
void World::fall_silent() {
  const bool connecting = link_ && !session_.connected() && !session_.over();
  if (!link_ || session_.over() || (!connecting && config_.keep_alive == 0)) return;
  silent_ = true;
  const bool works = broker_works_;
  broker_works_ = false;
  if (reading_) {
    pass(connecting ? config_.connack_timeout + milliseconds(1)
                    : seconds(2 * config_.keep_alive) + seconds(1));
    // CONNACK may still have been on its way.
    if (link_ && session_.connected()) pass(seconds(2 * config_.keep_alive) + seconds(1));
    expect(!link_ || (session_.connected() && config_.keep_alive == 0), "a silent broker is not noticed");
  } else if (!connecting) {
    pass(seconds(10 * config_.keep_alive));
    expect(link_ && session_.connected(), "a connection ends for silence that nobody listened to");
  }
  broker_works_ = works;
  cut();
}

// Another run of the program.
void World::restart_client() {
  cut();
  const auto wall = wall_at_start + std::chrono::duration_cast<seconds>(now_ - start_).count();
  const Buffer saved = session_.save(now_, wall);
  config_.client_id = session_.client_id();
  session_ = Session(config_);
  session_.reading(reading_, now_);
  const auto restored = session_.restore(saved, now_, wall);
  expect(restored.has_value(), "a saved session cannot be restored");
  expect(session_.save(now_, wall) == saved, "a restored session is saved otherwise");
  ++restarts_made_;
  by_ticket_.clear();  // tickets are of one run
  for (const auto& [ticket, delivery] : unacknowledged_)
    if (broker_.deliveries[delivery].qos == QoS::exactly_once) --arrived_[delivery];
  unacknowledged_.clear();
}

}  // namespace mq
