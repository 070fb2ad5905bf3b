// A bridge at work: connects to its endpoints and carries messages along its routes until a signal ends it.
#pragma once

#include <functional>

#include "base/error.hpp"
#include "bridge/plan.hpp"

namespace mq {

// Its plan as it is now, with its secrets; for SIGHUP.
using ReadAgain = std::function<Result<BridgePlan>()>;

// The exit code.
int run_bridge(BridgePlan plan, ReadAgain read_again);

}  // namespace mq
