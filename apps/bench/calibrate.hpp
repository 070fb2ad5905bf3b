// What the generator itself can do on this machine: a scenario against a sink in this process instead of its
// servers.
#pragma once

#include "bench/settings.hpp"
#include "engine/run.hpp"

namespace mq {

// Kind usage: it only waits for what others do.
Result<void> can_calibrate(const Scenario& scenario);

// The scenario as it stands, or with everything as fast as can be; at most a few seconds of it.
Result<LoadOutcome> against_sink(const BenchSettings& settings, bool flooded, RunOwner& owner, int& signal);

// What it came to a second: messages sent, requests answered or connections made, whatever the scenario is
// about.
double rate_of(const LoadOutcome& outcome);

}  // namespace mq
