// Transports: how much of what was written has not got to the peer, which the keep alive asks for.
#include "net/memory_transport.hpp"
#include "net/tls_peer.hpp"
#include "net/web_socket_open.hpp"

using namespace mq;
using namespace mq::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t much = 16UL << 20U;

// For a moment: what the kernel does meanwhile tells nobody when it is done.
void pause(GuardedLoop& loop) {
  Timer timer(loop);
  timer.set(loop.now() + 1ms, [&] { loop.stop(); });
  loop.run();
}

// Writes much, and looks at what is left of it until all has got there; meanwhile it never grows by more than
// `rounding`.
void follow(GuardedLoop& loop, Transport& transport, const std::string& bytes, std::size_t rounding) {
  bool written = false;
  transport.write(bytes, [&](Result<void> outcome) { written = outcome.has_value(); });
  std::size_t left = transport.undelivered();
  CHECK(left > much / 2);
  while (!written || left > 0) {
    pause(loop);
    const std::size_t now = transport.undelivered();
    CHECK(now <= left + rounding);
    left = now;
  }
}

}  // namespace

TEST_CASE("undelivered: of a socket, until the peer's system has it") {
  GuardedLoop loop;
  std::string address = "127.0.0.1";
  SUBCASE("TCP") {}
  SUBCASE("Unix") { address = unused_path(); }
  const Listener listener(address);
  auto [near, far] = join(loop, listener);
  CHECK(near->undelivered() == 0);
  std::size_t count = 0;
  std::function<void()> read = [&] {
    far->read_some([&](Result<Bytes> bytes) {
      REQUIRE(bytes);
      count += bytes->size();
      if (count < much) read();
    });
  };
  read();
  follow(loop, *near, std::string(much, 'x'), 0);
  while (count < much) pause(loop);
  near->close();
  CHECK(near->undelivered() == 0);
}

TEST_CASE("undelivered: through TLS") {
  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  auto [near, far] = join(loop, listener);
  TlsPeer peer(TlsPeer::house(), std::move(far));
  auto client = connect(loop, std::move(near), context());
  REQUIRE(client);
  follow(loop, **client, std::string(much, 'x'), 8192);  // what 128 KiB grow by in records
  while (peer.heard().size() < much) pause(loop);
}

TEST_CASE("undelivered: through a WebSocket") {
  GuardedLoop loop;
  const std::string bytes(much, 'x');
  WebSocketServer server([&](WebSocketPeer& peer) {
    peer.accept();
    CHECK((peer.read() == bytes));
    peer.read_to_close();
  });
  const auto client = open(loop, server);
  follow(loop, *client, bytes, 64UL << 10U);  // a piece that Beast has begun to write
  client->shut_down();
  while (!read_once(loop, *client).empty()) {
  }
}

TEST_CASE("undelivered: of a write that is held") {
  GuardedLoop loop;
  auto [near, far] = MemoryTransport::pair(loop, {.hold_writes = true});
  near->write("12345", [](Result<void>) {});
  CHECK(near->undelivered() == 5);
  near->release();
  CHECK(near->undelivered() == 0);
}
