// Secrets that are not needed any more, overwritten in a way that no optimiser leaves out.
#pragma once

#include <cstring>  // explicit_bzero is glibc's
#include <string>

namespace mq {

// All that the string has room for, which is more than it holds; it is empty afterwards.
inline void wipe(std::string& secret) {
  secret.resize(secret.capacity());
  ::explicit_bzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace mq
