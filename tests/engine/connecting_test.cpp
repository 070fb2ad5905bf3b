#include "engine/connecting.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/epoll_transport.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;

namespace {

Target target_at(std::uint16_t port) {
  Target target;
  target.endpoint = Endpoint{"127.0.0.1", port, {}};
  target.address = *numeric_address("127.0.0.1", port);
  return target;
}

}  // namespace

TEST_CASE("without a socket there is an error, and nothing is left behind") {
  Poller poller;
  const OpenOptions options;
  WayIn way{.options = &options, .tls = {}};
  // Of no family: the kernel makes no socket for it. (Where descriptors have run out UBSan can't work.)
  Target target = target_at(1883);
  target.address.storage.ss_family = AF_UNSPEC;
  std::optional<Error> error;
  {
    Connecting connecting(poller, target, way, [&](Result<std::unique_ptr<Transport>> opened) {
      REQUIRE_FALSE(opened);
      error = opened.error();
    });
    poller.turn(poller.moment());
    // Gone before its turn: nobody calls it any more.
    const auto given_up = std::make_unique<Connecting>(
        poller, target, way, [](const Result<std::unique_ptr<Transport>>&) { FAIL("called"); });
  }
  REQUIRE(error);
  CHECK(error->text.find("cannot make a socket") == 0);
  poller.turn(poller.moment());
}

TEST_CASE("a socket that the kernel does not watch is an error that says so") {
  Poller poller;
  struct Nobody final : Poller::Waiter {
    void ready(std::uint32_t) override {}
    void resume() override {}
  } nobody;
  // epoll takes no regular files.
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  const auto place = poller.add(file, nobody);
  ::close(file);
  REQUIRE_FALSE(place);
  CHECK(place.error().kind == ErrorKind::io);
  CHECK(place.error().text == "cannot wait for a socket: operation not permitted");
}

TEST_CASE("a port is free again when what comes after TCP has failed") {
  // It closes instead of answering TLS.
  FakeBroker broker([](FakeBroker& self) { self.accept(); });
  // An address that only this process has sockets at, and a single port.
  const int pid = static_cast<int>(::getpid());
  const std::string own = "127.90." + std::to_string(pid >> 8 & 0xFF) + "." + std::to_string(1 + pid % 250);
  Machine machine;
  machine.ports = {40001, 40001};
  auto ports = Ports::make({.sources = {own}, .connections = Ports::few}, machine);
  REQUIRE(ports);
  const OpenOptions options;
  auto tls = TlsContext::make({});
  REQUIRE(tls);
  WayIn way{.options = &options, .tls = *tls};
  way.ports.push_back(std::move(*ports));
  Target target = target_at(broker.port());
  target.endpoint.tls = true;
  Poller poller;
  bool over = false;
  auto connecting =
      std::make_unique<Connecting>(poller, target, way, [&](const Result<std::unique_ptr<Transport>>& made) {
        CHECK_FALSE(made);
        over = true;
      });
  const auto leased = [&way] {
    const FileHandle socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return way.ports.front().bind(socket.get(), AF_INET)->number == 0;
  };
  CHECK(leased());
  const Time limit = poller.moment() + patience;
  while (!over && poller.moment() < limit) poller.turn(poller.moment() + std::chrono::milliseconds(5));
  REQUIRE(over);
  connecting.reset();
  CHECK_FALSE(leased());
}
