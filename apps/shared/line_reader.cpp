#include "shared/line_reader.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/system_error.hpp"

namespace mq {

void LineReader::Free::operator()(char* memory) const { std::free(memory); }

LineReader::LineReader(int descriptor, char delimiter, std::size_t longest)
    : descriptor_(descriptor), delimiter_(delimiter), longest_(longest) {}

std::optional<Bytes> LineReader::next_line() {
  const char* const base = memory_.get();
  const void* const found =
      scanned_ < end_ ? std::memchr(base + scanned_, delimiter_, end_ - scanned_) : nullptr;
  if (found != nullptr) {
    const auto stop = static_cast<std::size_t>(static_cast<const char*>(found) - base);
    const Bytes line(base + begin_, stop - begin_);
    begin_ = scanned_ = stop + 1;
    ++lines_;
    return line;
  }
  scanned_ = end_;
  if (!at_end_ || begin_ == end_) return std::nullopt;
  const Bytes line(base + begin_, end_ - begin_);
  begin_ = end_;
  ++lines_;
  return line;
}

Result<LineReader::State> LineReader::fill() {
  if (at_end_) return State::end;
  const std::size_t kept = end_ - begin_;
  if (begin_ > 0 && kept > 0) std::memmove(memory_.get(), memory_.get() + begin_, kept);
  begin_ = 0;
  scanned_ = end_ = kept;

  // Reading no further than this keeps every line within the bound, with its delimiter.
  const std::size_t room = std::min(block, longest_ + 1 - kept);
  if (room == 0) {
    return fail(ErrorKind::payload, fmt::format("line {} is longer than what a packet can carry ({} bytes)",
                                                lines_ + 1, longest_));
  }
  constexpr std::size_t usual = 2 * block;
  const std::size_t needed = kept + room;
  if ((capacity_ < needed && !resize(std::max({usual, needed, std::min(2 * capacity_, longest_ + 1)}))) ||
      (capacity_ > usual && needed <= usual && !resize(usual))) {
    return fail(ErrorKind::io, fmt::format("no memory for line {}", lines_ + 1));
  }

  const ssize_t count = ::read(descriptor_, memory_.get() + kept, room);
  if (count > 0) {
    end_ += static_cast<std::size_t>(count);
  } else if (count == 0) {
    at_end_ = true;
    return State::end;
  } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    return fail(ErrorKind::io, fmt::format("cannot read the input: {}", system_error(errno)));
  }
  return State::more;
}

// realloc moves large blocks by their pages, so that a growing line is not held twice.
bool LineReader::resize(std::size_t capacity) {
  char* const memory = static_cast<char*>(std::realloc(memory_.get(), capacity));
  if (memory == nullptr) return false;
  static_cast<void>(memory_.release());
  memory_.reset(memory);
  capacity_ = capacity;
  return true;
}

}  // namespace mq
