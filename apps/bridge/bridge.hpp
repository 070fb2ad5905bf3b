// A bridge at work: connects to its endpoints and carries messages along its routes until a signal ends it.
#pragma once

#include "bridge/plan.hpp"

namespace mq {

// The exit code. `plan` outlives the call.
int run_bridge(const BridgePlan& plan);

}  // namespace mq
