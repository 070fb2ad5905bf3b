// Monotonic time as an argument. Only the loop (net/loop.cpp) reads the clock; everyone else is told.
#pragma once

#include <chrono>

namespace mq {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

}  // namespace mq
