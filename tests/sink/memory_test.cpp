// What many idle connections cost.
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "sink/sink_test.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

// The sanitizers bring an allocator that doesn't count this way.
std::size_t allocated() { return ::mallinfo2().uordblks; }

}  // namespace

TEST_CASE("five thousand idle connections take less than 600 bytes each, and leave nothing behind") {
  constexpr std::size_t connections = 5000;
  rlimit limit{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 2 * connections + 100);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
  REQUIRE(limit.rlim_cur >= 2 * connections + 100);

  const auto sink = start();
  const auto await = [&](std::size_t open) {
    const Time patient = std::chrono::steady_clock::now() + patience;
    while (sink->counts().connections != open || sink->counts().sessions != open) {
      REQUIRE(std::chrono::steady_clock::now() < patient);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  std::vector<FileHandle> sockets;
  const std::size_t begin = allocated();
  sockets.reserve(connections);
  for (std::size_t number = 0; number < connections; ++number) {
    Client client(sink->port(), {.id = "bench-client-" + std::to_string(number), .version = Version::v311});
    sockets.push_back(client.take_socket());
  }
  await(connections);
  if (begin > 0) {
    const std::size_t each = (allocated() - begin - sizeof(FileHandle) * connections) / connections;
    MESSAGE("bytes of user memory for each idle connection: ", each);
    CHECK(each < 600);
  }
  sockets.clear();
  await(0);
}
