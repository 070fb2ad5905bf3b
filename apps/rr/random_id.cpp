#include "rr/random_id.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace mq {

Buffer random_id(std::size_t count) {
  // Many at a time: each asking is a call of the kernel.
  constexpr std::size_t most_at_once = 256;
  static std::array<char, most_at_once> pool;
  static std::size_t left = 0;
  Buffer id;
  while (id.size() < count) {
    if (left == 0) {
      // It fails where the kernel has no randomness at all, and then nothing here is safe.
      if (::getentropy(pool.data(), pool.size()) != 0) std::abort();
      left = pool.size();
    }
    id += pool[--left];
  }
  return id;
}

}  // namespace mq
