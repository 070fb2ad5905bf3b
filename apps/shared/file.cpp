#include "shared/file.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/system_error.hpp"
#include "base/text.hpp"

namespace mq {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::unexpected<Error> cannot(const char* verb, const std::string& path, int error,
                              ErrorKind kind = ErrorKind::io) {
  return fail(kind, fmt::format("cannot {} {}: {}", verb, quoted(path, 300), system_error(error)));
}

bool write_all(int descriptor, Bytes content) {
  while (!content.empty()) {
    const ssize_t count = ::write(descriptor, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// Makes a rename last. Not every file system can, so failing is no error.
void sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const int descriptor = opened.number();
  if (descriptor >= 0) static_cast<void>(::fsync(descriptor));
}

}  // namespace

Result<Buffer> read_file(const std::string& path, std::uint64_t limit) {
  const Descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const int descriptor = opened.number();
  if (descriptor < 0) return cannot("read", path, errno, ErrorKind::usage);
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return cannot("read", path, errno);
  if (S_ISDIR(status.st_mode)) return cannot("read", path, EISDIR, ErrorKind::usage);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (S_ISREG(status.st_mode) && size > limit) {
    return fail(ErrorKind::usage,
                fmt::format("{} is {} bytes, at most {} are accepted", quoted(path, 300), size, limit));
  }
  return read_all(descriptor, quoted(path, 300), limit);
}

Result<Buffer> read_all(int descriptor, const std::string& name, std::uint64_t limit) {
  constexpr std::size_t block = 64 * 1024;
  Buffer content;
  for (;;) {
    const std::size_t start = content.size();
    // One byte beyond the limit tells a stream that is too long from one that just fits.
    content.resize(start + std::min<std::uint64_t>(std::max(block, start / 2), limit + 1 - start));
    const ssize_t count = ::read(descriptor, content.data() + start, content.size() - start);
    const int error = errno;
    content.resize(start + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count == 0) break;
    if (content.size() > limit) {
      return fail(ErrorKind::usage,
                  fmt::format("{} is longer than the {} bytes that are accepted", name, limit));
    }
    if (count > 0 || error == EINTR) continue;
    if (error != EAGAIN && error != EWOULDBLOCK) {
      return fail(ErrorKind::io, fmt::format("cannot read {}: {}", name, system_error(error)));
    }
    pollfd request{.fd = descriptor, .events = POLLIN, .revents = 0};
    static_cast<void>(::poll(&request, 1, -1));
  }
  content.shrink_to_fit();
  return content;
}

// What is no regular file (a FIFO, /dev/stdout) is written to, not replaced.
static Result<void> write_to(const std::string& path, Bytes content) {
  const Descriptor opened(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (opened.number() < 0 || !write_all(opened.number(), content)) return cannot("write", path, errno);
  return {};
}

Result<void> write_file_atomically(const std::string& path, Bytes content, mode_t mode) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    return write_to(path, content);
  // A link stays one: its target is replaced.
  std::error_code unresolved;
  std::filesystem::path target = std::filesystem::canonical(path, unresolved);
  const std::string file = unresolved ? path : target.string();
  std::string temporary = file + ".XXXXXX";
  const Descriptor opened(::mkostemp(temporary.data(), O_CLOEXEC));
  const int descriptor = opened.number();
  if (descriptor < 0) return cannot("write", path, errno);
  if (::fchmod(descriptor, mode) != 0 || !write_all(descriptor, content) || ::fsync(descriptor) != 0 ||
      ::rename(temporary.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return cannot("write", path, error);
  }
  sync_folder_of(file);
  return {};
}

}  // namespace mq
