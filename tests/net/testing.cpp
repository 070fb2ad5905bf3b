#include "net/testing.hpp"

#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.hpp"
#include "net/socket_transport.hpp"

namespace mq::testing {

using namespace std::chrono_literals;

void GuardedLoop::run() {
  guard_.set(now() + 30s, [this] {
    FAIL_CHECK("the loop was never stopped");
    stop();
  });
  Loop::run();
  guard_.cancel();
}

Open& Open::operator=(Open&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Open::~Open() {
  if (number_ >= 0) ::close(number_);
}

Listener::Listener(const std::string& address, std::uint16_t port, int backlog) : address_(address) {
  const auto numeric = numeric_address(address, port);
  const Address to = numeric ? *numeric : unix_address(address).value();
  socket_ = Open(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(socket_.number() >= 0);
  REQUIRE(::bind(socket_.number(), to.get(), to.size) == 0);
  if (backlog != refuse_all) REQUIRE(::listen(socket_.number(), backlog) == 0);
  if (!numeric) return;
  sockaddr_in6 bound{};  // its port is where an IPv4 address has it
  socklen_t size = sizeof bound;
  REQUIRE(::getsockname(socket_.number(), reinterpret_cast<sockaddr*>(&bound), &size) == 0);
  port_ = ntohs(bound.sin6_port);
}

Listener::~Listener() {
  if (port_ == 0 && !address_.starts_with('@')) ::unlink(address_.c_str());
}

Endpoint Listener::endpoint() const {
  if (port_ == 0) return {.host = {}, .port = 0, .unix_path = address_};
  return {.host = address_, .port = port_, .unix_path = {}};
}

Open Listener::accept() const { return Open(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC)); }

std::unique_ptr<Transport> transport(Loop& loop, Open socket) {
  return std::make_unique<SocketTransport>(loop, Descriptor(loop, socket.release()), "accepted");
}

Result<std::unique_ptr<Transport>> dial(GuardedLoop& loop, Endpoint endpoint, DialOptions options) {
  Result<std::unique_ptr<Transport>> result;
  const Dial dialling(loop, std::move(endpoint), std::move(options),
                      [&](Result<std::unique_ptr<Transport>> outcome) {
                        result = std::move(outcome);
                        loop.stop();
                      });
  loop.run();
  return result;
}

Resolver fixed(std::vector<std::string> addresses) {
  return [addresses](const std::string&) -> Result<std::vector<std::string>> { return addresses; };
}

Error dial_error(GuardedLoop& loop, Endpoint endpoint, DialOptions options) {
  const auto result = dial(loop, std::move(endpoint), std::move(options));
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

Joined join(GuardedLoop& loop, const Listener& listener, DialOptions options) {
  auto near = dial(loop, listener.endpoint(), std::move(options));
  REQUIRE(near.has_value());
  return {std::move(*near), transport(loop, listener.accept())};
}

void read_to_end(Transport& from, std::move_only_function<void(std::string)> done, std::string before) {
  from.read_some([&from, done = std::move(done), all = std::move(before)](Result<Bytes> bytes) mutable {
    if (!bytes) return done(all.append(bytes.error().text));
    if (bytes->empty()) return done(std::move(all));
    all.append(*bytes);
    read_to_end(from, std::move(done), std::move(all));
  });
}

bool machine_has_ipv6() {
  const Address loopback = numeric_address("::1", 0).value();
  const Open socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::bind(socket.number(), loopback.get(), loopback.size) == 0) return true;
  MESSAGE("not tested: this machine has no IPv6");
  return false;
}

std::string unused_path() {
  static int count = 0;
  return fmt::format("/tmp/mqttkit-net-{}-{}", ::getpid(), ++count);
}

}  // namespace mq::testing
