#include "shared/random.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <random>

namespace mq {

Random::Random(std::optional<std::uint64_t> seed) {
  if (!seed) {
    std::random_device device;
    for (std::uint64_t& word : state_) word = (std::uint64_t{device()} << 32U) | device();
    state_[0] |= 1;  // not all may be zero
    return;
  }
  // SplitMix64 spreads a small seed over all of the state.
  std::uint64_t sum = *seed;
  for (std::uint64_t& word : state_) {
    sum += 0x9E3779B97F4A7C15;
    std::uint64_t mixed = sum;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EB;
    word = mixed ^ (mixed >> 31U);
  }
}

std::uint64_t Random::up_to(std::uint64_t most) {
  if (most == std::numeric_limits<std::uint64_t>::max()) return next();
  // The smallest mask that holds `most`: at least every second number fits.
  const std::uint64_t mask = std::numeric_limits<std::uint64_t>::max() >> std::countl_zero(most | 1);
  std::uint64_t number = next() & mask;
  while (number > most) number = next() & mask;
  return number;
}

void Random::fill(Buffer& bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
    const std::uint64_t number = next();
    std::memcpy(bytes.data() + at, &number, std::min(sizeof number, bytes.size() - at));
  }
}

}  // namespace mq
