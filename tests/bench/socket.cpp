#include "bench/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace mq::bench {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int new_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  // Room for much at a time, and none of the timers that BBR paces with where it is the default: what the
  // peer costs itself must not slow the program under test. Either may be refused.
  const int room = 4 << 20;
  ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
  ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
  return fd;
}

}  // namespace

void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

Socket Socket::accept_one() {
  const int listener = new_socket();
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) != 0) die("bind");
  if (::listen(listener, 1) != 0) die("listen");
  if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) die("getsockname");
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) die("accept");
  ::close(listener);
  return Socket(fd);
}

Socket Socket::connect(std::uint16_t port) {
  const int fd = new_socket();
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) die("connect");
  return Socket(fd);
}

Socket::Socket(int fd) : fd_(fd) {
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Socket::~Socket() { ::close(fd_); }

bool Socket::send_all(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE || errno == ECONNRESET) return false;
      die("send");
    }
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Socket::send_file(int file, std::size_t offset, std::size_t size) {
  while (size > 0) {
    off_t at = static_cast<off_t>(offset);
    const ssize_t sent = ::sendfile(fd_, file, &at, size);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE || errno == ECONNRESET) return false;
      die("sendfile");
    }
    offset += static_cast<std::size_t>(sent);
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

std::size_t Socket::receive(std::span<std::uint8_t> into) {
  while (true) {
    const ssize_t got = ::recv(fd_, into.data(), into.size(), 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == ECONNRESET) return 0;
    if (errno != EINTR) die("recv");
  }
}

std::size_t Socket::receive_eagerly(std::span<std::uint8_t> into) {
  ssize_t got = ::recv(fd_, into.data(), into.size(), MSG_DONTWAIT);
  if (got >= 0) return static_cast<std::size_t>(got);
  const auto start = std::chrono::steady_clock::now();
  for (int tries = 0; tries < 500 && got < 0 && errno == EAGAIN; ++tries) {
    std::this_thread::yield();
    got = ::recv(fd_, into.data(), into.size(), MSG_DONTWAIT);
  }
  const std::size_t size = got >= 0 ? static_cast<std::size_t>(got) : receive(into);
  waited_ += std::chrono::steady_clock::now() - start;
  return size;
}

void Socket::finish() {
  ::shutdown(fd_, SHUT_WR);
  std::array<std::uint8_t, 4096> rest;
  while (receive(rest) > 0) {
  }
}

}  // namespace mq::bench
