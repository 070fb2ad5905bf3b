// A bridge of two endpoints that the command line alone describes.
#pragma once

#include "base/error.hpp"
#include "bridge/settings.hpp"
#include "shared/command_line.hpp"

namespace mq {

// Kind usage.
Result<BridgePlan> one_liner_plan(const BridgeSettings& settings, const Environment& environment);

}  // namespace mq
