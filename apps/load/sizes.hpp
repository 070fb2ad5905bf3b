// Sizes of payloads, fixed or drawn from a distribution.
#pragma once

#include <cstdint>

#include "load/scenario.hpp"
#include "shared/random.hpp"

namespace mq {

std::uint64_t draw_size(const SizePlan& plan, Random& random);

}  // namespace mq
