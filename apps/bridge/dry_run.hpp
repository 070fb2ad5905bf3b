// Where messages go and what keeps them from going round, told from a plan alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/plan.hpp"

namespace mq {

// What keeps a message that one route has published from being taken up by another that begins there.
enum class Guard : std::uint8_t {
  no_local,    // the server does not send it back to the connection that it came from [MQTT-3.8.3-3]
  bridge_bit,  // below 5.0 mosquitto does the same for a bridge
  hops,        // nothing at once; the hop count in its user properties in the end
  nothing,     // below 5.0 there are no user properties
};
Guard guard_between(const BridgePlan& plan, const RoutePlan& route, const RoutePlan& next);
// As a fragment: "No Local keeps it from that".
std::string_view in_words(Guard guard);

// For each route whether and where the topic goes, why, and what the destination does with it.
std::string dry_run(const BridgePlan& plan, std::string_view topic);

}  // namespace mq
