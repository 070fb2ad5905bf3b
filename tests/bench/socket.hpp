// Blocking loopback sockets for the benchmark programs. They stand apart from mqttkit's own libraries on
// purpose: a yardstick that shared code with what it measures would hide what that code costs.
// Whatever fails ends the program with one line on stderr.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mq::bench {

[[noreturn]] void die(const char* what);

class Socket {
 public:
  // Waits for the one connection to a free port of 127.0.0.1, after writing the port to stdout as a line.
  static Socket accept_one();
  static Socket connect(std::uint16_t port);

  explicit Socket(int fd);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  int descriptor() const { return fd_; }
  // False when the peer has gone.
  bool send_all(std::span<const std::uint8_t> bytes);
  // As send_all, for `size` bytes of a file from `offset` on, which the kernel need not copy.
  bool send_file(int file, std::size_t offset, std::size_t size);
  // 0 at the end of the stream, also when the peer has reset it.
  std::size_t receive(std::span<std::uint8_t> into);
  // As receive, but asks again and again for a while before it sleeps: waking up takes longer than a packet.
  std::size_t receive_eagerly(std::span<std::uint8_t> into);
  // How long it had nothing to do but wait for the peer, so far.
  double seconds_waited() const { return std::chrono::duration<double>(waited_).count(); }
  // Says that nothing more is sent and reads until the peer has closed too.
  void finish();

 private:
  int fd_;
  std::chrono::steady_clock::duration waited_{};
};

}  // namespace mq::bench
