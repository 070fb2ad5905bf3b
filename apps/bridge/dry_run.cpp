#include "bridge/dry_run.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

// What a route makes of a topic.
struct Fate {
  const TopicRule* rule = nullptr;       // that takes it
  const std::string* exclude = nullptr;  // that leaves it out
  Buffer made;
  Result<void> valid;

  bool carried() const { return rule != nullptr && exclude == nullptr && valid; }
};

Fate fate_of(const RoutePlan& route, std::string_view topic) {
  Fate fate;
  for (const TopicRule& rule : route.rules) {
    if (!rule.apply(topic, fate.made)) continue;
    fate.rule = &rule;
    break;
  }
  if (fate.rule == nullptr) return fate;
  const auto exclude = std::ranges::find_if(
      route.excludes, [topic](const std::string& filter) { return matches(filter, topic); });
  if (exclude != route.excludes.end()) fate.exclude = &*exclude;
  fate.valid = check_topic_name(fate.made);
  return fate;
}

std::string_view qos_words(QoS qos) {
  switch (qos) {
    case QoS::at_most_once:
      return "at QoS 0";
    case QoS::at_least_once:
      return "at QoS 1 or lower";
    case QoS::exactly_once:
      break;
  }
  return "at its own QoS";
}

class DryRun {
 public:
  explicit DryRun(const BridgePlan& plan) : plan_(plan) {}

  std::string tell(std::string_view topic) {
    text_ = fmt::format("{}\n", quoted(topic, longest_shown));
    if (topic == plan_.status_topic)
      return text_ + "  is not carried: it is the bridge's status topic, and each endpoint has its own\n";
    for (const RoutePlan& route : plan_.routes) {
      text_ += fmt::format("route {}, {} -> {}\n", route.name, name(route.from), name(route.to));
      const Fate fate = fate_of(route, topic);
      if (fate.rule == nullptr) {
        text_ += "  is not carried: it is none of the route's topics\n";
      } else if (fate.exclude != nullptr) {
        text_ += fmt::format("  is not carried: exclude {} leaves it out\n", quoted(*fate.exclude));
      } else if (!fate.valid) {
        text_ += fmt::format("  is not carried: by {} it would be no topic ({})\n", quoted(fate.rule->text()),
                             fate.valid.error().text);
      } else {
        text_ += fmt::format("  by {}\n  goes to {} as {}, {}{}\n", quoted(fate.rule->text()), name(route.to),
                             quoted(fate.made, longest_shown), qos_words(route.most_qos),
                             route.retain == RetainPolicy::clear ? ", never retained" : "");
        seen_ = {{route.from, std::string(topic)}};
        follow(route, fate.made, 1);
      }
    }
    return std::move(text_);
  }

 private:
  static constexpr std::size_t longest_shown = 400;
  static constexpr std::size_t most_steps = 200;

  const std::string& name(std::size_t endpoint) const { return plan_.endpoints[endpoint].name; }

  // What becomes of a message that `route` has published as `topic`, after so many routes.
  void follow(const RoutePlan& route, std::string_view topic, unsigned routes) {
    if (!seen_.emplace(route.to, topic).second || seen_.size() > most_steps) return;
    for (const RoutePlan& next : plan_.routes) {
      if (next.from != route.to) continue;
      const Fate fate = fate_of(next, topic);
      if (!fate.carried()) continue;
      const Guard guard = guard_between(plan_, route, next);
      const std::string indent(2 * (routes + 1), ' ');
      text_ += fmt::format("{}route {} would carry it on to {} as {}", indent, next.name, name(next.to),
                           quoted(fate.made, longest_shown));
      if (guard == Guard::no_local || guard == Guard::bridge_bit) {
        text_ += fmt::format(": {}\n", in_words(guard));
      } else if (seen_.contains({next.to, fate.made})) {
        text_ += fmt::format(", where it has been: a loop; {}\n", in_words(guard));
      } else if (routes >= plan_.most_hops) {
        text_ += ": max-hops ends it\n";
      } else {
        text_ += '\n';
        follow(next, fate.made, routes + 1);
      }
    }
  }

  const BridgePlan& plan_;
  std::string text_;
  std::set<std::pair<std::size_t, std::string>> seen_;  // endpoints, and as what it has been there
};

}  // namespace

Guard guard_between(const BridgePlan& plan, const RoutePlan& route, const RoutePlan& next) {
  const EndpointPlan& there = plan.endpoints[route.to];
  const bool v5 = there.connection.client.session.version == Version::v5;
  const bool same_connection = !route.own_connection && !next.own_connection;
  // [MQTT-3.8.3-4]
  if (same_connection && next.share.empty()) {
    if (v5) return Guard::no_local;
    if (there.bridge_bit) return Guard::bridge_bit;
  }
  return v5 ? Guard::hops : Guard::nothing;
}

std::string_view in_words(Guard guard) {
  switch (guard) {
    case Guard::no_local:
      return "No Local keeps it from that";
    case Guard::bridge_bit:
      return "the bridge bit keeps a mosquitto from that, other servers not";
    case Guard::hops:
      return "max-hops ends it";
    case Guard::nothing:
      return "nothing ends it, for below MQTT 5.0 hops are not counted";
  }
  return {};
}

std::string dry_run(const BridgePlan& plan, std::string_view topic) { return DryRun(plan).tell(topic); }

}  // namespace mq
