// [[route]] of a bridge's file.
#pragma once

#include <string>

#include "base/error.hpp"
#include "bridge/plan.hpp"
#include "payload/toml_tree.hpp"

namespace mq {

// A route between endpoints of `plan`, not yet checked beside others. Kind usage; texts begin with
// "FILE:LINE: ".
Result<RoutePlan> read_route(const TomlNode& table, const std::string& file, const BridgePlan& plan);

}  // namespace mq
