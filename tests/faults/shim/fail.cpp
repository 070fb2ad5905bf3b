// Preloaded, it makes calls of the C library fail, for the program and all its libraries:
//
//   MQTTKIT_FAIL=malloc:7            the 7th request for memory gets none
//   MQTTKIT_FAIL=write:3:ENOSPC      the 3rd write fails
//   MQTTKIT_FAIL=send:3+:EPIPE       the 3rd and all after it fail
//   MQTTKIT_FAIL=recv:1+:short       each is done with a single byte
//   MQTTKIT_STRUCK=FILE              made as soon as a call was struck
//
// Calls are counted from main() on, by group: malloc, read, write, send, recv, connect, socket, open, fsync,
// epoll_wait, epoll_ctl. What goes to standard error is left alone, since a fault is to be told there. Reads
// and writes of eventfds and timers are left alone, and what is short enough for a pipe to be whole always:
// the kernel never breaks these.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "faults/shim/strike.hpp"

// NOLINTBEGIN(google-global-names-in-headers): this is none
using mq::faults::Group;
using mq::faults::next_of;
using mq::faults::strike;
using mq::faults::Struck;
// NOLINTEND(google-global-names-in-headers)

namespace {

// A pipe takes or gives this much as a whole.
constexpr std::size_t whole_on_pipes = 8;

bool breaks(int fd, std::size_t size) {
  struct stat status{};
  if (fd == STDERR_FILENO || ::fstat(fd, &status) != 0) return false;
  if (S_ISFIFO(status.st_mode)) return size > whole_on_pipes || fd <= STDOUT_FILENO;
  return S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode);
}

// Where a descriptor is registered. Asio's registrations are edge-triggered: after a send that took less, the
// kernel reports the room that is there again, and so must we.
struct Registration {
  std::atomic<int> epoll = -1;
  epoll_event event{};
};
std::array<Registration, 1024> registrations;

void ring_again(int fd) {
  if (fd < 0 || static_cast<std::size_t>(fd) >= registrations.size()) return;
  Registration& registration = registrations[static_cast<std::size_t>(fd)];
  if (registration.epoll < 0) return;
  const int saved = errno;
  ::syscall(SYS_epoll_ctl, registration.epoll.load(), EPOLL_CTL_MOD, fd, &registration.event);
  errno = saved;
}

iovec first_byte(const iovec* parts, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (parts[i].iov_len > 0) return {parts[i].iov_base, 1};
  return {nullptr, 0};
}

std::size_t size_of(const iovec* parts, std::size_t count) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) size += parts[i].iov_len;
  return size;
}

// After these the kernel knows no connection any more, whoever asks.
bool ends_connection(int error) { return error == ECONNRESET || error == EPIPE || error == ETIMEDOUT; }

// One call that moves `size` bytes: `whole` does it, `one` with its first byte alone.
template <class Whole, class One>
ssize_t moved(Group group, int fd, std::size_t size, Whole whole, One one) {
  if (!breaks(fd, size)) return whole();
  const Struck struck = strike(group);
  if (struck.error != 0) {
    if (ends_connection(struck.error)) ::shutdown(fd, SHUT_RDWR);
    errno = struck.error;
    return -1;
  }
  if (!struck.brief || size < 2) return whole();
  const ssize_t result = one();
  ring_again(fd);
  return result;
}

}  // namespace

// NOLINTBEGIN(readability-identifier-naming,readability-inconsistent-declaration-parameter-name): the C
// library's names
extern "C" {

// Memory

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

#ifndef MQTTKIT_KEEP_MALLOC
void* malloc(std::size_t size) { return strike(Group::malloc).error != 0 ? nullptr : __libc_malloc(size); }

void* calloc(std::size_t count, std::size_t size) {
  return strike(Group::malloc).error != 0 ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
  return strike(Group::malloc).error != 0 ? nullptr : __libc_realloc(old, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return strike(Group::malloc).error != 0 ? nullptr : __libc_memalign(alignment, size);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size) {
  if (strike(Group::malloc).error != 0) return ENOMEM;
  *result = __libc_memalign(alignment, size);
  return *result == nullptr ? ENOMEM : 0;
}
#endif

// Files and pipes

ssize_t read(int fd, void* bytes, std::size_t size) {
  static const auto next = next_of<ssize_t(int, void*, std::size_t)>("read");
  return moved(
      Group::read, fd, size, [&] { return next(fd, bytes, size); }, [&] { return next(fd, bytes, 1); });
}

ssize_t pread64(int fd, void* bytes, std::size_t size, off64_t at) {
  static const auto next = next_of<ssize_t(int, void*, std::size_t, off64_t)>("pread64");
  return moved(
      Group::read, fd, size, [&] { return next(fd, bytes, size, at); },
      [&] { return next(fd, bytes, 1, at); });
}

ssize_t pread(int fd, void* bytes, std::size_t size, off_t at) { return pread64(fd, bytes, size, at); }

ssize_t write(int fd, const void* bytes, std::size_t size) {
  static const auto next = next_of<ssize_t(int, const void*, std::size_t)>("write");
  return moved(
      Group::write, fd, size, [&] { return next(fd, bytes, size); }, [&] { return next(fd, bytes, 1); });
}

ssize_t pwrite64(int fd, const void* bytes, std::size_t size, off64_t at) {
  static const auto next = next_of<ssize_t(int, const void*, std::size_t, off64_t)>("pwrite64");
  return moved(
      Group::write, fd, size, [&] { return next(fd, bytes, size, at); },
      [&] { return next(fd, bytes, 1, at); });
}

ssize_t pwrite(int fd, const void* bytes, std::size_t size, off_t at) {
  return pwrite64(fd, bytes, size, at);
}

ssize_t writev(int fd, const iovec* parts, int count) {
  static const auto next = next_of<ssize_t(int, const iovec*, int)>("writev");
  const auto parts_count = static_cast<std::size_t>(count);
  const iovec one = first_byte(parts, parts_count);
  return moved(
      Group::write, fd, size_of(parts, parts_count), [&] { return next(fd, parts, count); },
      [&] { return next(fd, &one, 1); });
}

int fsync(int fd) {
  static const auto next = next_of<int(int)>("fsync");
  if (const Struck struck = strike(Group::fsync); struck.error != 0) return errno = struck.error, -1;
  return next(fd);
}

int fdatasync(int fd) {
  static const auto next = next_of<int(int)>("fdatasync");
  if (const Struck struck = strike(Group::fsync); struck.error != 0) return errno = struck.error, -1;
  return next(fd);
}

int openat(int folder, const char* path, int flags, ...) {
  static const auto next = next_of<int(int, const char*, int, ...)>("openat");
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (const Struck struck = strike(Group::open); struck.error != 0) return errno = struck.error, -1;
  return next(folder, path, flags, mode);
}

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return openat(AT_FDCWD, path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return openat(AT_FDCWD, path, flags, mode);
}

int __open_2(const char* path, int flags) { return openat(AT_FDCWD, path, flags); }

// Sockets

int socket(int family, int type, int protocol) {
  static const auto next = next_of<int(int, int, int)>("socket");
  if (const Struck struck = strike(Group::socket); struck.error != 0) return errno = struck.error, -1;
  return next(family, type, protocol);
}

int connect(int fd, const sockaddr* address, socklen_t size) {
  static const auto next = next_of<int(int, const sockaddr*, socklen_t)>("connect");
  if (const Struck struck = strike(Group::connect); struck.error != 0) return errno = struck.error, -1;
  return next(fd, address, size);
}

ssize_t send(int fd, const void* bytes, std::size_t size, int flags) {
  static const auto next = next_of<ssize_t(int, const void*, std::size_t, int)>("send");
  return moved(
      Group::send, fd, size, [&] { return next(fd, bytes, size, flags); },
      [&] { return next(fd, bytes, 1, flags); });
}

ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static const auto next = next_of<ssize_t(int, const msghdr*, int)>("sendmsg");
  iovec one = first_byte(message->msg_iov, message->msg_iovlen);
  msghdr brief = *message;
  brief.msg_iov = &one;
  brief.msg_iovlen = 1;
  return moved(
      Group::send, fd, size_of(message->msg_iov, message->msg_iovlen),
      [&] { return next(fd, message, flags); }, [&] { return next(fd, &brief, flags); });
}

ssize_t recv(int fd, void* bytes, std::size_t size, int flags) {
  static const auto next = next_of<ssize_t(int, void*, std::size_t, int)>("recv");
  return moved(
      Group::recv, fd, size, [&] { return next(fd, bytes, size, flags); },
      [&] { return next(fd, bytes, 1, flags); });
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
  static const auto next = next_of<ssize_t(int, msghdr*, int)>("recvmsg");
  iovec one = first_byte(message->msg_iov, message->msg_iovlen);
  return moved(
      Group::recv, fd, size_of(message->msg_iov, message->msg_iovlen),
      [&] { return next(fd, message, flags); },
      [&] {
        msghdr brief = *message;
        brief.msg_iov = &one;
        brief.msg_iovlen = 1;
        const ssize_t result = next(fd, &brief, flags);
        message->msg_flags = brief.msg_flags;
        return result;
      });
}

// Waiting

int epoll_wait(int fd, epoll_event* events, int count, int timeout) {
  static const auto next = next_of<int(int, epoll_event*, int, int)>("epoll_wait");
  if (const Struck struck = strike(Group::epoll_wait); struck.error != 0) return errno = struck.error, -1;
  return next(fd, events, count, timeout);
}

int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  static const auto next = next_of<int(int, int, int, epoll_event*)>("epoll_ctl");
  // Only an addition needs memory.
  if (operation == EPOLL_CTL_ADD)
    if (const Struck struck = strike(Group::epoll_ctl); struck.error != 0) return errno = struck.error, -1;
  const int result = next(epoll, operation, fd, event);
  if (result == 0 && fd >= 0 && static_cast<std::size_t>(fd) < registrations.size()) {
    Registration& registration = registrations[static_cast<std::size_t>(fd)];
    if (operation != EPOLL_CTL_DEL) registration.event = *event;
    registration.epoll = operation == EPOLL_CTL_DEL ? -1 : epoll;
  }
  return result;
}

// The beginning

using Main = int(int, char**, char**);
static Main* real_main = nullptr;

static int main_begins(int argc, char** argv, char** environment) {
  mq::faults::begin();
  return real_main(argc, argv, environment);
}

int __libc_start_main(Main* program, int argc, char** argv, void (*init)(), void (*fini)(), void (*loader)(),
                      void* stack) {
  const auto next =
      next_of<int(Main*, int, char**, void (*)(), void (*)(), void (*)(), void*)>("__libc_start_main");
  real_main = program;
  return next(main_begins, argc, argv, init, fini, loader, stack);
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming,readability-inconsistent-declaration-parameter-name)
