#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "net/socket_transport.hpp"
#include "net/testing.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

// The sanitizers bring an allocator that doesn't count this way.
std::size_t allocated() { return ::mallinfo2().uordblks; }

}  // namespace

TEST_CASE("two thousand connections live on one loop, idle ones below one KiB each") {
  constexpr std::size_t connections = 2000;
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 2 * connections + 100);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  REQUIRE(limit.rlim_cur >= 2 * connections + 100);

  GuardedLoop loop;
  const Listener listener("127.0.0.1");
  std::vector<Open> peers(connections);
  std::vector<std::unique_ptr<Transport>> transports(connections);
  std::size_t answered = 0;
  const std::size_t before = allocated();
  for (std::size_t i = 0; i < connections; ++i) {
    auto near = dial(loop, listener.endpoint());
    REQUIRE(near.has_value());
    peers[i] = listener.accept();
    transports[i] = std::move(*near);
    transports[i]->read_some([&](Result<Bytes> bytes) {
      REQUIRE(bytes.has_value());
      if (++answered == connections) loop.stop();
    });
  }
  if (before > 0) {
    const std::size_t each = (allocated() - before) / connections;
    MESSAGE("bytes of user memory for each connection that waits for input: ", each);
    CHECK(each < 1024);
  }

  for (const Open& peer : peers) REQUIRE(::send(peer.number(), "x", 1, 0) == 1);
  loop.run();
  CHECK(answered == connections);
}
