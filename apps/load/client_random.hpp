// Random numbers of a client, or of one of its messages: the same whichever thread, process or machine has
// that client.
#pragma once

#include <cstdint>

#include "shared/random.hpp"

namespace mq {

enum class RandomUse : std::uint8_t { arrivals = 1, message = 2, size = 3, pauses = 4 };

// `message`: its number, where each message has numbers of its own.
inline Random client_random(std::uint64_t seed, RandomUse use, std::uint64_t client,
                            std::uint64_t message = 0) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
  std::uint64_t mixed = (seed ^ static_cast<std::uint64_t>(use) << 56U) * odd;
  mixed = (mixed ^ mixed >> 32U ^ client) * odd;
  mixed = (mixed ^ mixed >> 29U ^ message) * odd;
  return Random(mixed ^ mixed >> 32U);
}

}  // namespace mq
