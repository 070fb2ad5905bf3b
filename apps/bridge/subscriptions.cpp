#include "bridge/subscriptions.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace mq {
namespace {

constexpr std::uint32_t most_identifier = 268'435'455;  // MQTT 5.0, 3.8.2.1.2

std::uint32_t identifier_of(std::string_view filter) {  // by FNV-1a
  std::uint32_t state = 2'166'136'261;
  for (const char each : filter) state = (state ^ octet(each)) * 16'777'619;
  return 1 + state % most_identifier;
}

WantedSubscription wanted_for(const RoutePlan& route, std::string filter, bool v5) {
  const std::uint32_t identifier = identifier_of(filter);
  return {.filter = std::move(filter),
          .qos = route.most_qos,
          .no_local = v5 && route.share.empty(),  // [MQTT-3.8.3-4]
          .retain_as_published = v5 && route.retain != RetainPolicy::clear,
          // What was retained comes once, not again with every connection.
          .retain_handling = !v5 ? RetainHandling::always
                             // mosquitto 2.0.11 sends it to each who shares; others, as MQTT has it, to none.
                             : route.retain == RetainPolicy::no_past || !route.share.empty()
                                 ? RetainHandling::never
                                 : RetainHandling::new_only,
          .identifier = identifier};
}

}  // namespace

std::string filter_of(const RoutePlan& route, const TopicRule& rule) {
  return route.share.empty() ? rule.filter() : fmt::format("$share/{}/{}", route.share, rule.filter());
}

std::vector<WantedSubscription> subscriptions_of(const std::vector<Route*>& routes, Version version,
                                                 QoS most_qos) {
  std::vector<WantedSubscription> all;
  for (Route* const route : routes) {
    route->identifiers.clear();
    for (const TopicRule& rule : route->plan->rules) {
      WantedSubscription wanted =
          wanted_for(*route->plan, filter_of(*route->plan, rule), version == Version::v5);
      const auto same = std::ranges::find(all, wanted.filter, &WantedSubscription::filter);
      if (same == all.end()) {
        while (std::ranges::find(all, wanted.identifier, &WantedSubscription::identifier) != all.end())
          wanted.identifier = wanted.identifier % most_identifier + 1;
        route->identifiers.push_back(wanted.identifier);
        all.push_back(std::move(wanted));
        continue;
      }
      route->identifiers.push_back(same->identifier);
      same->qos = std::max(same->qos, wanted.qos);
      same->retain_as_published |= wanted.retain_as_published;
      same->retain_handling = std::min(same->retain_handling, wanted.retain_handling);
    }
  }
  for (WantedSubscription& one : all) one.qos = std::min(one.qos, most_qos);
  return all;
}

}  // namespace mq
