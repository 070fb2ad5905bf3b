#include "bridge/router.hpp"

#include <algorithm>

#include "bridge/via.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

// Whether a copy of the message came for that subscription; servers that know no identifiers don't say.
bool came_for(Properties properties, std::uint32_t identifier) {
  bool any = false;
  for (const Property& property : properties) {
    if (property.id != PropertyId::subscription_identifier) continue;
    if (property.number == identifier) return true;
    any = true;
  }
  return !any;
}

}  // namespace

// Where subscriptions of a connection overlap a server may send a copy for each: each is for the route, and
// the rule, that asked for it.
Router::Taken Router::take(const RouteState& route, std::uint32_t first_identifier, const Publish& message,
                           Buffer& topic) const {
  std::uint32_t identifier = first_identifier;
  for (const TopicRule& rule : route.plan->rules) {
    if (rule.apply(message.topic, topic))
      return came_for(message.properties, identifier) ? Taken::yes : Taken::elsewhere;
    ++identifier;
  }
  return Taken::no;
}

bool Router::loops(const RouteState& route, const Publish& message) const {
  const std::string& from = plan_.endpoints[route.plan->from].name;
  const std::string& to = plan_.endpoints[route.plan->to].name;
  const Way way = way_of(message.properties, plan_.name, from, to);
  return way.was_there || way.was_here || way.hops >= plan_.most_hops;
}

const std::vector<Destination>& Router::routes_for(const std::vector<RouteState*>& routes,
                                                   const Publish& message) {
  found_.clear();
  // Every endpoint has a status of its own, which another's would overwrite.
  if (message.topic == plan_.status_topic) return found_;
  std::uint32_t identifier = 1;
  Buffer topic;
  for (RouteState* const route : routes) {
    const std::uint32_t first = identifier;
    identifier += static_cast<std::uint32_t>(route->plan->rules.size());
    if (take(*route, first, message, topic) != Taken::yes) continue;
    const auto excluded = [&message](const std::string& filter) { return matches(filter, message.topic); };
    if (std::ranges::any_of(route->plan->excludes, excluded)) continue;
    Destination& one = found_.emplace_back(Destination{route, topic});
    if (loops(*route, message))
      one.ends = Fate::looped;
    else if (!check_topic_name(topic))
      one.ends = Fate::unmapped;
  }
  return found_;
}

}  // namespace mq
