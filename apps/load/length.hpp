// How long what a population does takes by its schedule, for whoever can't see its clients: they may be in
// another shard.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "load/scenario.hpp"

namespace mq {

// From the moment when all are ready to the last thing that is due. nullopt: it has no schedule, or none that
// ends.
std::optional<Duration> scheduled_length(const Scenario& scenario, const Population& population);

}  // namespace mq
