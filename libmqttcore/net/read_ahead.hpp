// Bytes of one connection that are read before somebody takes them: 512 bytes of room while it is idle, 64
// KiB in a burst. For net/ alone.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "base/bytes.hpp"

namespace mq {

class ReadAhead {
 public:
  bool empty() const { return begin_ == end_; }
  bool full() const { return capacity_ > 0 && end_ == capacity_; }

  // Where the next bytes go; stays where it is until added() or recycle().
  std::span<char> room();
  void added(std::size_t count);

  // Everything there is, which stays as it is until recycle() or added().
  Bytes take();
  // To be called when nobody uses what was taken, nor the room.
  void recycle();

 private:
  void resize(std::size_t capacity);

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;  // taken up to here
  std::size_t end_ = 0;
};

}  // namespace mq
