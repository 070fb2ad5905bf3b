// What a link subscribes to for its routes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/route.hpp"
#include "wire/packet.hpp"

namespace mq {

struct WantedSubscription {
  std::string filter;  // with its share
  QoS qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::always;
  std::uint32_t identifier = 0;

  bool operator==(const WantedSubscription&) const = default;
};

// One for each filter, whatever number of rules have it; tells the routes their identifiers. Those go by the
// filter, so that they are what they were when a plan changes and the server has messages under old ones.
// `most_qos` is the endpoint's.
std::vector<WantedSubscription> subscriptions_of(const std::vector<Route*>& routes, Version version,
                                                 QoS most_qos = QoS::exactly_once);

// Of a route's rule, to be subscribed to.
std::string filter_of(const RoutePlan& route, const TopicRule& rule);

}  // namespace mq
