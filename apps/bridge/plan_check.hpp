// What every plan of a bridge is held to, whether a file or the command line has made it, and what follows
// from what was not said. Errors are of kind usage, without a place: whoever calls knows it.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "bridge/plan.hpp"
#include "shared/command_line.hpp"

namespace mq {

// A name of a bridge, an endpoint or a route: it becomes a part of client identifiers, files and metrics.
Result<void> check_name(std::string_view name);
Result<void> store_name(std::string& target, std::string_view name);  // if it can be one

// What an endpoint is before its options are stored: a client that never gives up and keeps its session.
EndpointPlan new_endpoint(std::string name);
// The client identifier of one that was given none: "BRIDGE-ENDPOINT".
std::string usual_client_id(std::string_view bridge, std::string_view endpoint);
// Once they are: its client identifier, how long its session is kept, and combinations.
Result<void> finish_endpoint(EndpointPlan& endpoint, std::string_view bridge);
// Whether they have an address in common.
bool same_server(const EndpointPlan& one, const EndpointPlan& other);
// Two sessions at one server with the same client identifier.
Result<void> check_endpoints(const BridgePlan& plan);

// One route by itself, and beside those before it.
Result<void> check_route(const BridgePlan& plan, std::size_t number);

// Whether there is anything in it by which a message can turn out invalid.
bool finds_invalid(const TreatmentPlan& treatment);

// Shared subscriptions are MQTT 5.0's: to be called before finish_endpoint().
void need_version(BridgePlan& plan, const RoutePlan& route);

// Where a store is kept unless the plan says so: in the state directory that systemd gives, or in the user's.
Result<std::string> usual_store_path(std::string_view bridge, const Environment& environment);

}  // namespace mq
