// What can be known of a scenario before a connection is made, and takes more than looking at its options:
// files that its templates name, the first message of everybody who publishes, and whether anybody gets it.
#pragma once

#include "load/scenario.hpp"
#include "shared/log.hpp"

namespace mq {

// Kind usage, io, payload or schema.
Result<void> check_scenario(const Scenario& scenario, const Log& log);

}  // namespace mq
