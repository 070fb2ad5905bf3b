// What --check tells: a plan in words, without its secrets, and what may not be meant so.
#pragma once

#include <string>
#include <vector>

#include "bridge/plan.hpp"

namespace mq {

std::string described(const BridgePlan& plan);

// Each a fragment that can follow "warning: ".
std::vector<std::string> doubts_about(const BridgePlan& plan);

}  // namespace mq
