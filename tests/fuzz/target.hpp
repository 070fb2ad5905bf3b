// What the fuzz targets share: how one says that something is wrong, and how it takes its input apart.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"

namespace mq {

// A finding.
inline void require(bool right, const char* what = "what always holds does not") {
  if (right) return;
  std::fprintf(stderr, "error: %s\n", what);
  __builtin_trap();
}

// What this machine does not give says nothing about the code under test.
inline void expect(bool right, const char* what) {
  if (right) return;
  std::perror(what);
  std::_Exit(77);
}

// The bytes that choose what happens, first to last; zeros when there are no more.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}
  bool empty() const { return rest_.empty(); }
  std::uint8_t byte() {
    const Bytes one = bytes(1);
    return one.empty() ? std::uint8_t{0} : octet(one[0]);
  }
  bool bit() { return (byte() & 1U) != 0; }
  Bytes bytes(std::size_t count) {
    const Bytes taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  Bytes rest_;
};

// A client's end of a connection to a server on this machine.
class ClientSocket {
 public:
  ClientSocket() = default;
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;
  ~ClientSocket() { close(); }

  bool open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

  void connect(std::uint16_t port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    // A signal may come: libFuzzer's clock.
    int done = -1;
    while (open() && done != 0) {
      done = ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&place), sizeof place);
      if (done != 0 && errno != EINTR) break;
    }
    expect(done == 0, "connect");
  }

  // Without a trace: a port that waits a minute each time would soon be the last.
  void close() {
    if (!open()) return;
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(std::exchange(descriptor_, -1));
  }

  void end() const { ::shutdown(descriptor_, SHUT_WR); }

  void send(Bytes bytes) const {
    (void)!::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

 private:
  int descriptor_ = -1;
};

}  // namespace mq
