// The pause before the next try to connect: doubles from `least` to `most`, each time spread by a quarter to
// both sides so that many clients of a server that was away do not come back at the same moment.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

#include "base/time.hpp"

namespace mq {

class Backoff {
 public:
  Backoff(Duration least, Duration most, std::uint32_t seed)
      : least_(least), most_(most), pause_(least), random_(seed) {}

  Duration next() {
    std::uniform_real_distribution<double> spread(0.75, 1.25);
    const Duration pause = std::chrono::duration_cast<Duration>(pause_ * spread(random_));
    pause_ = std::min(pause_ * 2, most_);
    return std::min(pause, most_);
  }
  void reset() { pause_ = least_; }

 private:
  Duration least_, most_, pause_;
  std::minstd_rand random_;
};

}  // namespace mq
