// The CONNECT that a configuration amounts to. Its views point into the configuration.
#pragma once

#include "session/config.hpp"
#include "wire/packet.hpp"

namespace mq {

Connect connect_of(const SessionConfig& config);

}  // namespace mq
