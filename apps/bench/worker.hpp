// The life of a worker process: does what it is told over a socket until the other end is closed.
#pragma once

#include "engine/load_plan.hpp"

namespace mq {

// Owns the socket; returns the process's exit code.
int work_for(int socket, const LoadPlan& plan);

}  // namespace mq
