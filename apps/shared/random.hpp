// Fast random numbers (xoshiro256**), for test data: the same seed gives the same numbers on every machine.
// Nothing here is fit for secrets.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace mq {

class Random {
 public:
  // Without a seed every run is another.
  explicit Random(std::optional<std::uint64_t> seed = std::nullopt);

  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // 0 to `most`, each as likely as the others.
  std::uint64_t up_to(std::uint64_t most);

  void fill(Buffer& bytes);  // all that are there

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace mq
