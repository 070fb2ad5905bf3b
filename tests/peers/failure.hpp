// What goes wrong in a peer of a test (a program, a broker, a script). Thrown, so that doctest shows the text
// as the failure of the test case, and so that this library needs no test framework: the benchmarks use it
// too.
#pragma once

#include <chrono>
#include <stdexcept>

#include "base/time.hpp"

namespace mq {

struct PeerFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Sanitizers need memory of their own, and time.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

// How long a test waits for something that is sure to come: only ever reached when it fails.
constexpr Duration patience = std::chrono::seconds(sanitized ? 60 : 20);

}  // namespace mq
