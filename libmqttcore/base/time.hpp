// Monotonic time as an argument, in nanoseconds. Only the loop (net/loop.cpp) reads the clock.
#pragma once

#include <chrono>

namespace mq {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

}  // namespace mq
