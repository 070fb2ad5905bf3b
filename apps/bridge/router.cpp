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

// Whether it came for a subscription of now. One of a plan of before may still bring what waited for it.
bool came_for_any(const std::vector<Route*>& routes, Properties properties) {
  return std::ranges::any_of(routes, [properties](const Route* route) {
    return std::ranges::any_of(route->identifiers, [properties](std::uint32_t identifier) {
      return came_for(properties, identifier);
    });
  });
}

}  // namespace

// Where subscriptions of a connection overlap a server may send a copy for each: each is for the route, and
// the rule, that asked for it.
Router::Taken Router::take(const Route& route, const Publish& message, Buffer& topic) {
  for (std::size_t i = 0; i < route.plan->rules.size(); ++i) {
    if (!route.plan->rules[i].apply(message.topic, topic)) continue;
    if (i >= route.identifiers.size()) return Taken::yes;
    return came_for(message.properties, route.identifiers[i]) ? Taken::yes : Taken::elsewhere;
  }
  return Taken::no;
}

bool Router::loops(const Route& route, const Publish& message) const {
  const std::string& from = plan_.endpoints[route.plan->from].mark;
  const std::string& to = plan_.endpoints[route.plan->to].mark;
  const Way way = way_of(message.properties, plan_.name, from, to);
  // Those who share their work have one configuration, on several machines.
  if (!route.plan->share.empty() && way.called_so) return true;
  return way.was_there || way.was_here || way.hops >= plan_.most_hops;
}

void Router::find(const std::vector<Route*>& routes, const Publish& message, bool by_identifier) {
  Buffer topic;
  for (Route* const route : routes) {
    const Taken taken = take(*route, message, topic);
    if (taken == Taken::no || (taken == Taken::elsewhere && by_identifier)) continue;
    const auto excluded = [&message](const std::string& filter) { return matches(filter, message.topic); };
    if (std::ranges::any_of(route->plan->excludes, excluded)) continue;
    Destination& one = found_.emplace_back(Destination{route, topic});
    if (loops(*route, message))
      one.ends = Fate::looped;
    else if (!check_topic_name(topic))
      one.ends = Fate::unmapped;
  }
}

const std::vector<Destination>& Router::routes_for(const std::vector<Route*>& routes,
                                                   const Publish& message) {
  found_.clear();
  // Every endpoint has a status of its own, which another's would overwrite.
  if (message.topic == plan_.status_topic) return found_;
  find(routes, message, true);
  if (found_.empty() && !came_for_any(routes, message.properties)) find(routes, message, false);
  return found_;
}

}  // namespace mq
