// What the net tests share: a loop that doesn't hang, listeners on free ports, joined transports.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/dial.hpp"
#include "net/loop.hpp"
#include "net/transport.hpp"

namespace mq::testing {

// A loop whose run() fails the test, instead of waiting for ever, when nobody stops it.
class GuardedLoop : public Loop {
 public:
  void run();

 private:
  Timer guard_{*this};
};

// An open descriptor, closed at the end.
class Open {
 public:
  explicit Open(int number = -1) : number_(number) {}
  Open(Open&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Open& operator=(Open&& other) noexcept;
  ~Open();
  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// Listens on a numeric address and a port (0 = any free one), or on a Unix socket path ('@' = abstract). With
// `refuse_all` it only keeps others from listening there.
class Listener {
 public:
  static constexpr int refuse_all = -1;

  explicit Listener(const std::string& address, std::uint16_t port = 0, int backlog = 128);
  ~Listener();
  std::uint16_t port() const { return port_; }
  Endpoint endpoint() const;
  Open accept() const;  // waits
  int number() const { return socket_.number(); }

 private:
  std::string address_;
  std::uint16_t port_ = 0;
  Open socket_;
};

std::unique_ptr<Transport> transport(Loop& loop, Open socket);

// Two ends of one connection through `listener`, the first of them dialled.
struct Joined {
  std::unique_ptr<Transport> near;
  std::unique_ptr<Transport> far;
};
Joined join(GuardedLoop& loop, const Listener& listener, DialOptions options = {});

// What Dial gives.
Result<std::unique_ptr<Transport>> dial(GuardedLoop& loop, Endpoint endpoint, DialOptions options = {});

// The error of one that must fail.
Error dial_error(GuardedLoop& loop, Endpoint endpoint, DialOptions options = {});

// Gives these addresses for every name.
Resolver fixed(std::vector<std::string> addresses);

// Everything up to the end of the stream, or the error's text after what was read.
void read_to_end(Transport& from, std::move_only_function<void(std::string)> done, std::string before = {});

// Says so when it has none.
bool machine_has_ipv6();

// A path below /tmp that nothing has yet.
std::string unused_path();

}  // namespace mq::testing
