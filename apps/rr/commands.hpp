// What mqtt-rr can do beside asking: its commands, in the order in which help shows them. A new one is its
// Program here and a page in man/.
#pragma once

#include <span>

#include "shared/program.hpp"

namespace mq {

std::span<const Program* const> rr_commands();

}  // namespace mq
