// A file descriptor that closes itself, and the few loopback sockets that peers need.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace mq {

class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int number) : number_(number) {}
  FileHandle(FileHandle&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileHandle() { close(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  void close();

 private:
  int number_ = -1;
};

// A TCP socket bound to a port of 127.0.0.1, a free one if it is 0, not listening: as long as it lives,
// connecting there is refused.
FileHandle bind_loopback(std::uint16_t port = 0);
std::uint16_t port_of(const FileHandle& socket);
// A Unix socket bound to that path, not listening.
FileHandle bind_unix(const std::string& path);

// A port that was free a moment ago.
std::uint16_t free_port();

}  // namespace mq
