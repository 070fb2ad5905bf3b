// What was begun late, and whether it was held up: by a connection that was not there, a window without room,
// a socket that took no more. What was late without that waited for this machine alone. Counts that add up.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.hpp"

namespace mq {

// Lateness that anything may have before it counts: what two programs on one core do to each other.
inline constexpr Duration little_lag = std::chrono::milliseconds(5);

struct Delays {
  std::uint64_t late = 0;  // begun later than that
  std::uint64_t held = 0;  // of these

  void count(Duration lag, bool was_held) {
    if (lag <= little_lag) [[likely]]
      return;
    ++late;
    if (was_held) ++held;
  }
  void add(const Delays& other) {
    late += other.late;
    held += other.held;
  }
};

}  // namespace mq
