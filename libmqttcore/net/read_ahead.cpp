#include "net/read_ahead.hpp"

#include <cstring>
#include <utility>

namespace mq {
namespace {

constexpr std::size_t idle_size = 512;
constexpr std::size_t busy_size = 64 * 1024;

}  // namespace

std::span<char> ReadAhead::room() {
  if (capacity_ == 0) resize(idle_size);
  return {buffer_.get() + end_, capacity_ - end_};
}

void ReadAhead::added(std::size_t count) {
  const bool alone = empty();
  end_ += count;
  if (!alone) return;
  if (capacity_ > idle_size && count < idle_size) {
    resize(idle_size);  // the burst is over, or begins anew
  } else if (begin_ > capacity_ / 2) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, count);
    begin_ = 0;
    end_ = count;
  }
}

Bytes ReadAhead::take() {
  const Bytes all(buffer_.get() + begin_, end_ - begin_);
  begin_ = end_;
  return all;
}

void ReadAhead::recycle() {
  if (!empty()) return;
  const bool was_full = full();
  begin_ = end_ = 0;
  if (was_full && capacity_ < busy_size) resize(busy_size);
}

void ReadAhead::resize(std::size_t capacity) {
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  const std::size_t count = end_ - begin_;
  if (count > 0) std::memcpy(larger.get(), buffer_.get() + begin_, count);
  buffer_ = std::move(larger);
  capacity_ = capacity;
  begin_ = 0;
  end_ = count;
}

}  // namespace mq
