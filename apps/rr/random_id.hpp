// Identifiers that nobody can guess.
#pragma once

#include "base/bytes.hpp"

namespace mq {

// So many random bytes of the kernel's.
Buffer random_id(std::size_t count);

}  // namespace mq
