// The option rows of mqtt-rr that say how requests wait for their answers: how many at the same time, how
// long, how often, and for how many answers each.
#pragma once

#include "rr/settings.hpp"
#include "shared/option.hpp"

namespace mq {

void asking_options(OptionRows& rows, RrSettings& settings);

}  // namespace mq
