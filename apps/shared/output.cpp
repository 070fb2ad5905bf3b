#include "shared/output.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

#include "base/system_error.hpp"

namespace mq {
namespace {

// /dev/null and its kin, which are memory.
bool is_memory_device(const struct stat& status) {
  constexpr unsigned memory_major = 1;
  return S_ISCHR(status.st_mode) && major(status.st_rdev) == memory_major;
}

// Opening a pipe or terminal again by its name under /proc gives a second file description of it, whose flags
// are ours alone. It may be refused: no /proc, or a terminal of another user.
int open_again(int descriptor) {
  const std::string name = fmt::format("/proc/self/fd/{}", descriptor);
  return ::open(name.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool is_ready(int descriptor) {
  pollfd request{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&request, 1, 0) > 0;
}

}  // namespace

Output::Output(int descriptor) : descriptor_(descriptor) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return;
  terminal_ = S_ISCHR(status.st_mode);
  if (S_ISSOCK(status.st_mode)) {
    way_ = Way::socket;
  } else if (S_ISFIFO(status.st_mode) || (S_ISCHR(status.st_mode) && !is_memory_device(status))) {
    const int again = open_again(descriptor);
    way_ = again < 0 ? Way::small_pieces : Way::own;
    if (again >= 0) descriptor_ = again;
  }
}

Output::~Output() {
  if (way_ == Way::own) ::close(descriptor_);
}

ssize_t Output::write_some(Bytes bytes) {
  switch (way_) {
    case Way::plain:
    case Way::own:
      break;
    case Way::socket:
      return ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    case Way::small_pieces:
      // A pipe that can be written at all takes this much; a terminal does so nearly always.
      bytes = bytes.substr(0, PIPE_BUF);
      if (!is_ready(descriptor_)) {
        errno = EAGAIN;
        return -1;
      }
      break;
  }
  return ::write(descriptor_, bytes.data(), bytes.size());
}

Result<Output::State> Output::flush() {
  while (size() > 0) {
    const ssize_t count = write_some(Bytes(buffer_).substr(written_));
    if (count >= 0) {
      written_ += static_cast<std::size_t>(count);
      continue;
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (error == EAGAIN || error == EWOULDBLOCK) {
      drop_written();
      return State::blocked;
    }
    // Of a terminal EIO says that it was hung up, of a file that the disk has failed.
    if (error == EPIPE || error == ECONNRESET || (error == EIO && terminal_)) {
      clear();
      return State::closed;
    }
    return fail(ErrorKind::io, fmt::format("cannot write the output: {}", system_error(error)));
  }
  clear();
  return State::drained;
}

// Moves what waits to the front once that is less than what it frees.
void Output::drop_written() {
  if (written_ < size()) return;
  buffer_.erase(0, written_);
  written_ = 0;
}

void Output::clear() {
  constexpr std::size_t most_kept = 1 << 20;
  buffer_.clear();
  written_ = 0;
  if (buffer_.capacity() > most_kept) buffer_.shrink_to_fit();
}

Result<Output::State> Output::finish(std::optional<std::chrono::milliseconds> patience) {
  const int timeout =
      patience ? static_cast<int>(std::clamp<std::int64_t>(patience->count(), 0, INT_MAX)) : -1;
  for (;;) {
    const auto state = flush();
    if (!state || *state != State::blocked) return state;
    pollfd request{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    if (::poll(&request, 1, timeout) <= 0) return state;
  }
}

}  // namespace mq
