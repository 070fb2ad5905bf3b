// A plan that takes the place of another one while the bridge runs.
#pragma once

#include "bridge/plan.hpp"

namespace mq {

// What can't change while it runs stays as it was, and is told.
void keep_what_stays(const BridgePlan& now, BridgePlan& next);

}  // namespace mq
