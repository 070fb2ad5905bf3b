// Bytes that nobody can guess.
#pragma once

#include <random>

#include "base/bytes.hpp"

namespace mq {

inline Buffer random_id(std::size_t count) {
  std::random_device random;
  Buffer bytes;
  while (bytes.size() < count) bytes += static_cast<char>(random() & 0xFF);
  return bytes;
}

}  // namespace mq
