// What a run is made of, and how its time passes.
#include "world.hpp"

#include <algorithm>

namespace mq {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

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
  config.lowers = random.one_in(2);
  if (random.one_in(3)) config.client_id.clear();
  PropertyList properties;
  (void)properties.add(PropertyId::session_expiry_interval, 3600);
  if (random.one_in(2))
    (void)properties.add(PropertyId::receive_maximum, static_cast<std::uint32_t>(random.between(1, 5)));
  if (random.one_in(2))
    (void)properties.add(PropertyId::topic_alias_maximum, static_cast<std::uint32_t>(random.between(1, 3)));
  if (random.one_in(4))
    (void)properties.add(PropertyId::maximum_packet_size,
                         static_cast<std::uint32_t>(random.between(60, 100)));
  config.properties = properties;
  return config;
}

BrokerTraits traits_for(Random& random, Version version) {
  BrokerTraits traits{.accepts_at_release = random.one_in(2), .answers_late = random.one_in(2)};
  traits.shuffles_answers = !traits.accepts_at_release && random.one_in(3);
  traits.repeats = version != Version::v5 && random.one_in(3);
  traits.high_identifiers = random.one_in(4);
  if (version == Version::v5 && random.one_in(4)) traits.refuses_one_in = 10;
  return traits;
}

SessionConfig told(SessionConfig config, Mutation mutation) {
  if (mutation == Mutation::bounds_untold) config.max_output = 1U << 30;
  return config;
}

// What one event may add to a full output: a packet of ours, or the acknowledgements that waited for another.
constexpr std::size_t one_event = 3200 + 4 * 250;

}  // namespace

World::World(const Run& run)
    : random_(run.seed),
      copying_(run.seed + 1),
      chance_(0),
      copies_(run.copies),
      mutation_(run.mutation),
      config_(config_for(random_)),
      traits_(traits_for(random_, config_.version)),
      session_(told(config_, mutation_)),
      broker_(config_.version, traits_, random_.next(), mutation_),
      up_(random_.next()),
      down_(random_.next()),
      link_capacity_(random_.pick<std::size_t>({30, 1000, 100'000})) {
  restarts_ = random_.one_in(3);
  loses_session_ = config_.version != Version::v31 && random_.one_in(3);  // 3.1 could not say so
  refuses_ = !restarts_ && random_.one_in(3);
  limits_ = config_.version == Version::v5 && random_.one_in(3);
  expires_ = config_.version == Version::v5 && random_.one_in(2);
  near_the_wrap_ = random_.one_in(50);
}

void World::run(const Schedule& schedule) {
  if (near_the_wrap_) use_up_identifiers();
  for (const Act& each : schedule) {
    act(each);
    if (copies_ && copying_.one_in(5)) {
      Session copy(session_);
      session_ = copy;
    }
    pass(each.pause);
  }
  come_to_rest();
  check_end();
}

void World::pass(Duration time) {
  const Time end = now_ + time;
  for (int rounds = 0;; ++rounds) {
    expect(rounds < 100'000, "time does not pass");
    pump();
    const std::optional<Time> deadline = deadline_told();
    if (deadline && *deadline <= now_) {
      tick();
      continue;
    }
    // What is next, or later than that.
    Time next = end + milliseconds(1);
    if (deadline) next = std::min(next, *deadline);
    if (broker_works_ && !silent_) next = std::min(next, up_.next().value_or(next));
    if (reading_) next = std::min(next, down_.next().value_or(next));
    if (next > end) break;
    expect(next > now_, "time stands still");
    now_ = next;
  }
  now_ = end;
}

std::optional<Time> World::deadline_told() const {
  return mutation_ == Mutation::deadlines_untold ? std::nullopt : session_.deadline();
}

void World::tick() {
  if (!session_.deadline() || *session_.deadline() > now_) return;
  const Time before = *session_.deadline();
  session_.tick(now_);
  expect(!session_.deadline() || *session_.deadline() > before, "tick() leaves its deadline where it was");
}

void World::pump() {
  // On a link of a few bytes a PINGREQ behind a flood comes too late to be answered in time.
  const bool choked = link_capacity_ < 100 && session_.output_size() > 0;
  if (silent_ || !broker_works_ || !reading_ || choked) impaired_ = now_;
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
  // Beside it what is unacknowledged, the last message of which may go beyond the window.
  const std::size_t window = config_.max_in_flight_bytes + 3200 + 4 * session_.unacknowledged();
  expect(session_.output_size() <= config_.max_output + window + one_event,
         "the output grows without bounds");
}

void World::read() {
  while (const auto event = session_.next_event(now_)) {
    note(event->index() + 1);
    take(*event);
  }
}

// No more accidents: everything that is open must end.
void World::come_to_rest() {
  chance_ = Random(0);
  broker_.hurry = true;
  broker_works_ = reading_ = true;
  link_capacity_ = std::max<std::size_t>(link_capacity_, 1000);
  session_.reading(true, now_);
  for (int rounds = 0; rounds < 20'000; ++rounds) {
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
          .doubles = doubles_,
          .expired = expired_,
          .denied = denied_,
          .wrapped = near_the_wrap_ && published_.size() > 100 ? 1U : 0U};
}

Outcome simulate(const Run& run, const Schedule& schedule) {
  World world(run);
  try {
    world.run(schedule);
    return world.outcome();
  } catch (const Violation& violation) {
    Outcome outcome = world.outcome();
    outcome.violation = violation.text;
    return outcome;
  }
}

}  // namespace mq
