// The socket that a sink accepts connections at. Those that it gives out are non-blocking, without Nagle's
// delay, and the caller's to close.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"

namespace mq::sink {

class Listener {
 public:
  Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  // A numeric address of either family; port 0 is any free one.
  Result<void> open(const std::string& address, std::uint16_t port);
  int number() const { return socket_; }
  std::uint16_t port() const { return port_; }

  // -1 when nobody is waiting; `exhausted` when somebody is, but there is no descriptor left.
  int accept(bool& exhausted) const;

 private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace mq::sink
