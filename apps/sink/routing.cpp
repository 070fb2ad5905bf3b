#include "sink/routing.hpp"

#include <algorithm>

namespace mq::sink {

void Routing::route(Passing& passing, const Session* from) {
  const auto filters = router_.match(passing.packet.topic);
  if (filters.empty()) return;
  const auto wanted = [from](const Subscriber& subscriber) {
    return !subscriber.no_local || subscriber.session != from;  // [MQTT-3.8.3-3]
  };
  if (filters.size() == 1) {
    for (const Subscriber& subscriber : filters.front()->subscribers) {
      if (wanted(subscriber)) give(subscriber, passing);
    }
  } else {
    ++routings_;
    chosen_.clear();
    for (const Filter* const filter : filters) {
      for (const Subscriber& subscriber : filter->subscribers) {
        if (wanted(subscriber)) choose(subscriber, passing.packet);
      }
    }
    for (const Chosen& each : chosen_)
      delivery_.deliver(*each.session, passing, {each.qos, each.retain, each.identifiers});
  }
  for (const Filter* const filter : filters) {
    for (const auto& group : filter->groups) give(next_of(*group), passing);
  }
}

void Routing::give(const Subscriber& subscriber, Passing& passing) {
  Grant grant{.qos = std::min(subscriber.qos, passing.packet.qos),
              .retain = passing.packet.retain && subscriber.retain_as_published};  // [MQTT-3.3.1-12]
  Buffer identifiers;
  if (subscriber.identifier != 0) {
    append_identifier(subscriber.identifier, identifiers);
    grant.identifiers = identifiers;
  }
  delivery_.deliver(*subscriber.session, passing, grant);
}

// [MQTT-3.3.4-2] [MQTT-3.3.4-4]
void Routing::choose(const Subscriber& subscriber, const Publish& packet) {
  Session& session = *subscriber.session;
  if (session.route != routings_) {
    session.route = routings_;
    session.route_index = static_cast<std::uint32_t>(chosen_.size());
    chosen_.push_back({&session, QoS::at_most_once, false, {}});
  }
  Chosen& chosen = chosen_[session.route_index];
  chosen.qos = std::max(chosen.qos, std::min(subscriber.qos, packet.qos));
  chosen.retain = chosen.retain || (packet.retain && subscriber.retain_as_published);
  if (subscriber.identifier != 0) append_identifier(subscriber.identifier, chosen.identifiers);
}

// Who is absent gets its turn only when all are.
const Subscriber& Routing::next_of(Group& group) {
  const std::size_t count = group.members.size();
  std::size_t at = group.next % count;
  for (std::size_t tries = 0; tries < count && group.members[at].session->connection == nullptr; ++tries)
    at = (at + 1) % count;
  group.next = at + 1;
  return group.members[at];
}

}  // namespace mq::sink
