// What held a load back, as far as its own figures can tell: the generator, the server, the network, or
// nothing.
#pragma once

#include "engine/connection.hpp"
#include "engine/delays.hpp"
#include "engine/load_plan.hpp"
#include "load/outcome.hpp"

namespace mq {

// Whether it is connecting alone that a load is about: its clients are there, or come and go.
bool measures_connecting(const Scenario& scenario);

// `delays`: of what the schedule's lag is about.
Limit limit_of(const LoadOutcome& outcome, const SocketTimes& sockets, const Delays& delays,
               const LoadPlan& plan);

}  // namespace mq
