#include "world.hpp"

#include <algorithm>
#include <array>

namespace mq {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t wall_at_start = 1'800'000'000;
constexpr std::array topics = {"t/1", "t/2", "t/2/3"};
constexpr std::array filters = {"t/#", "t/2", "#"};

SessionConfig config_for(Random& random) {
  SessionConfig config;
  config.version =
      random.pick({Version::v31, Version::v311, Version::v311, Version::v5, Version::v5, Version::v5});
  config.client_id = "c";
  config.clean_start = false;
  config.keep_alive = random.pick<std::uint16_t>({0, 2, 10, 60});
  config.manual_acknowledgement = random.one_in(2);
  config.max_in_flight = random.pick<std::uint16_t>({1, 2, 5, 20, 1000});
  config.max_in_flight_bytes = random.pick<std::uint64_t>({500, 20'000});
  config.max_output = random.pick<std::size_t>({50, 2000, 20'000});
  config.connack_timeout = seconds(10);
  config.continues_session = true;  // also of one that the server began while its CONNACK was lost
  if (config.version != Version::v5) return config;
  config.automatic_topic_aliases = random.pick<std::uint16_t>({0, 0, 1, 5});
  config.clean_start = random.one_in(3);
  if (random.one_in(3)) config.client_id.clear();
  PropertyList properties;
  (void)properties.add(PropertyId::session_expiry_interval, 3600);
  if (random.one_in(2))
    (void)properties.add(PropertyId::receive_maximum, static_cast<std::uint32_t>(random.between(1, 5)));
  if (random.one_in(2))
    (void)properties.add(PropertyId::topic_alias_maximum, static_cast<std::uint32_t>(random.between(1, 3)));
  config.properties = properties;
  return config;
}

BrokerTraits traits_for(Random& random, Version version) {
  BrokerTraits traits{.accepts_at_release = random.one_in(2), .answers_late = random.one_in(2)};
  traits.shuffles_answers = !traits.accepts_at_release && random.one_in(3);
  traits.repeats = version != Version::v5 && random.one_in(3);
  if (version == Version::v5 && random.one_in(4)) traits.refuses_one_in = 10;
  return traits;
}

Buffer payload_of(char mark, std::uint64_t number, std::size_t padding) {
  return Buffer(1, mark).append(std::to_string(number)).append(1, ' ').append(padding, '.');
}

}  // namespace

World::World(std::uint64_t seed, Mutation mutation, bool copies)
    : random_(seed),
      copying_(seed + 1),
      copies_(copies),
      mutation_(mutation),
      config_(config_for(random_)),
      traits_(traits_for(random_, config_.version)),
      session_(config_),
      broker_(config_.version, traits_, random_.next(), mutation),
      up_(random_.next()),
      down_(random_.next()),
      link_capacity_(random_.pick<std::size_t>({30, 1000, 100'000})) {
  restarts_ = random_.one_in(3);
  loses_session_ = config_.version != Version::v31 && random_.one_in(3);  // 3.1 could not say so
  refuses_ = !restarts_ && random_.one_in(3);
}

void World::run() {
  if (random_.one_in(50)) use_up_identifiers();
  const std::size_t acts = random_.between(50, 500);
  for (std::size_t i = 0; i < acts; ++i) {
    act();
    if (copies_ && copying_.one_in(5)) {
      Session copy(session_);
      session_ = copy;
    }
    pass(milliseconds(random_.one_in(20) ? random_.below(20'000) : random_.below(60)));
  }
  come_to_rest();
  check_end();
}

// The next identifiers are those around the wrap: what is refused uses one up.
void World::use_up_identifiers() {
  const std::size_t count = random_.between(65'500, 65'534);
  Publish no_topic;
  no_topic.qos = QoS::at_least_once;
  for (std::size_t i = 0; i < count; ++i) (void)session_.publish(no_topic, now_);
}

void World::act() {
  switch (random_.below(24)) {
    case 0:
      return cut();
    case 1:
      return link_ ? void() : connect();
    case 2:
      return subscribe();
    case 3:
      reading_ = !reading_;
      return session_.reading(reading_, now_);
    case 4:
      broker_works_ = !broker_works_;
      return;
    case 5:
      if (!link_ && loses_session_ && random_.one_in(2)) broker_.lose_session();
      return;
    case 6:
      return restarts_ && random_.one_in(3) ? restart() : void();
    case 7:
      return random_.one_in(5) ? fall_silent() : void();
    case 8:
      if (link_ && random_.one_in(5)) (void)session_.disconnect(ReasonCode::success, {}, now_);
      return;
    case 9:
      if (link_ && config_.version == Version::v5 && session_.connected() && random_.one_in(5))
        broker_.leave();
      return;
    case 10:
    case 11:
    case 12:
    case 13:
      broker_.publish(topics[random_.below(topics.size())], static_cast<QoS>(random_.below(3)),
                      random_.below(40));
      return;
    case 14:
    case 15:
    case 16:
      return acknowledge();
    case 17:
      return link_ ? void() : connect();
    default:
      for (std::size_t i = random_.between(1, 6); i > 0; --i) publish();
  }
}

void World::publish() {
  const QoS qos = static_cast<QoS>(random_.below(3));
  if (!session_.can_publish(qos)) return;
  const std::uint64_t number = published_.size();
  const std::string topic = topics[random_.below(topics.size())];
  const Buffer payload = payload_of('u', number, random_.one_in(30) ? 3000 : random_.below(60));
  const auto ticket =
      session_.publish({.qos = qos, .topic = topic, .properties = {}, .payload = payload}, now_);
  // Its identifiers may run out when so many are open.
  expect(ticket.has_value(), "publish() failed although can_publish() was true");
  published_.push_back({.topic = topic, .qos = qos, .ticket = *ticket});
  if (qos != QoS::at_most_once) by_ticket_[*ticket] = number;
}

void World::connect() {
  if (link_) return;
  link_ = true;
  welcomed_ = false;
  ++connections_;
  under_way_.clear();
  releases_.clear();
  unobserved_.clear();
  const bool bounded = config_.version == Version::v5 && random_.one_in(2);
  broker_.receive_maximum = bounded ? static_cast<std::uint16_t>(random_.between(1, 6)) : 65535;
  broker_.topic_alias_maximum = random_.pick<std::uint16_t>({0, 1, 5});
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

void World::subscribe() {
  if (!session_.connected()) return;
  const std::string_view filter = filters[random_.below(filters.size())];
  if (random_.one_in(4))
    expect(session_.unsubscribe({filter}, {}, now_).has_value(), "unsubscribe() failed");
  else
    expect(session_.subscribe({{.filter = filter, .qos = static_cast<QoS>(random_.below(3))}}, {}, now_)
               .has_value(),
           "subscribe() failed");
}

void World::acknowledge() {
  if (unacknowledged_.empty()) return;
  const auto at =
      unacknowledged_.begin() + static_cast<std::ptrdiff_t>(random_.below(unacknowledged_.size()));
  const bool refuse = refuses_ && random_.one_in(5);
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
void World::restart() {
  cut();
  const auto wall = wall_at_start + std::chrono::duration_cast<seconds>(now_ - start_).count();
  const Buffer saved = session_.save(now_, wall);
  config_.client_id = session_.client_id();
  session_ = Session(config_);
  session_.reading(reading_, now_);
  const auto restored = session_.restore(saved, now_, wall);
  expect(restored.has_value(), "a saved session cannot be restored");
  expect(session_.save(now_, wall) == saved, "a restored session is saved otherwise");
  by_ticket_.clear();  // tickets are of one run
  for (const auto& [ticket, delivery] : unacknowledged_)
    if (broker_.deliveries[delivery].qos == QoS::exactly_once) --arrived_[delivery];
  unacknowledged_.clear();
}

void World::pass(Duration time) {
  const Time end = now_ + time;
  for (int rounds = 0;; ++rounds) {
    expect(rounds < 100'000, "time does not pass");
    pump();
    if (session_.deadline() && *session_.deadline() <= now_) {
      tick();
      continue;
    }
    std::optional<Time> next = session_.deadline();
    const auto due = [&next](std::optional<Time> at) {
      if (at && (!next || *at < *next)) next = at;
    };
    if (broker_works_ && !silent_) due(up_.next());
    if (reading_) due(down_.next());
    if (!next || *next > end) break;
    expect(*next > now_, "time stands still");
    now_ = *next;
  }
  now_ = end;
}

void World::tick() {
  if (!session_.deadline() || *session_.deadline() > now_) return;
  const Time before = *session_.deadline();
  session_.tick(now_);
  expect(!session_.deadline() || *session_.deadline() > before, "tick() leaves its deadline where it was");
}

void World::pump() {
  if (silent_ || !broker_works_ || !reading_) impaired_ = now_;
  for (int rounds = 0; rounds < 1000; ++rounds) {
    const std::uint64_t before = trace_;
    if (!link_) {
      read();
      return;
    }
    write();
    if (broker_works_ && !silent_) {
      broker_.received(up_.take(now_));
      broker_.work();
      down_.push(broker_.output, now_);
      broker_.output.clear();
    }
    if (reading_) {
      session_.received(down_.take(now_), now_);
      read();
    }
    write();
    // An end, whoever has called it.
    if (session_.over() && (session_.output_size() == 0 || !broker_works_ || silent_)) return cut();
    if (broker_.closed && down_.size() == 0 && reading_) return cut();
    if (trace_ == before) return;
  }
}

void World::write() {
  if (!link_) return;
  while (up_.size() < link_capacity_) {
    const Bytes pending = session_.pending_output();
    if (pending.empty()) break;
    const std::size_t size = std::min(pending.size(), random_.between(1, 3000));
    const Buffer taken(pending.substr(0, size));
    session_.written(size);
    observe(taken);
  }
  const std::size_t bound =
      config_.max_output + 65'536 + config_.max_in_flight_bytes + config_.max_in_flight * 16U;
  expect(session_.output_size() < bound, "the output grows without bounds");
}

void World::read() {
  while (const auto event = session_.next_event(now_)) {
    note(event->index() + 1);
    take(*event);
  }
}

// No more accidents: everything that is open must end.
void World::come_to_rest() {
  broker_.hurry = true;
  broker_works_ = reading_ = true;
  session_.reading(true, now_);
  for (int rounds = 0; rounds < 3000; ++rounds) {
    if (!link_) connect();
    pass(milliseconds(50));
    while (!unacknowledged_.empty()) acknowledge();
    if (link_ && session_.connected() && session_.unacknowledged() == 0 && session_.output_size() == 0 &&
        broker_.idle() && up_.size() == 0 && down_.size() == 0)
      return;
  }
  throw Violation{"what is open does not come to an end"};
}

Outcome World::outcome() const {
  return {.violation = {},
          .trace = trace_,
          .published = published_.size(),
          .arrived = arrived_.size(),
          .connections = connections_,
          .doubles = doubles_};
}

Outcome simulate(std::uint64_t seed, Mutation mutation, bool copies) {
  World world(seed, mutation, copies);
  try {
    world.run();
    return world.outcome();
  } catch (const Violation& violation) {
    Outcome outcome = world.outcome();
    outcome.violation = violation.text;
    return outcome;
  }
}

}  // namespace mq
