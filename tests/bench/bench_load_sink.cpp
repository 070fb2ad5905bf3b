// The load generator's in-process sink as a program of its own, for probes: prints its port, serves until its
// standard input ends, and then prints as one line of JSON what it has seen and what it cost. It also tells
// how many connections had been accepted when, in seconds of the monotonic clock, which several of these and
// their clients share: so all who connect are held to the same watch.
#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include "bench/options.hpp"
#include "sink/sink.hpp"

int main(int argc, char** argv) {
  const mq::bench::Options options = mq::bench::parse_options(argc, argv);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  auto sink = mq::Sink::start({.port = options.port});
  if (!sink) {
    std::fprintf(stderr, "error: %s\n", sink.error().text.c_str());
    return 1;
  }
  std::printf("%d\n", (*sink)->port());
  std::fflush(stdout);
  std::vector<std::pair<double, std::uint64_t>> accepted;  // only where it has changed
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  while (::poll(&input, 1, 1) == 0) {
    const std::uint64_t so_far = (*sink)->counts().accepted;
    if (so_far == (accepted.empty() ? 0 : accepted.back().second)) continue;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    accepted.emplace_back(std::chrono::duration<double>(now).count(), so_far);
  }
  const mq::SinkCounts counts = (*sink)->counts();
  std::printf(R"({"accepted": %ju, "connections": %ju, "received": %ju, "sent": %ju, "held": %ju, )"
              R"("cpu_seconds": %.6f, "heap_bytes": %zu, "accepted_at": [)",
              static_cast<std::uintmax_t>(counts.accepted), static_cast<std::uintmax_t>(counts.connections),
              static_cast<std::uintmax_t>(counts.received[0] + counts.received[1] + counts.received[2]),
              static_cast<std::uintmax_t>(counts.sent[0] + counts.sent[1] + counts.sent[2]),
              static_cast<std::uintmax_t>(counts.held), (*sink)->cpu_seconds(), ::mallinfo2().uordblks);
  for (std::size_t i = 0; i < accepted.size(); ++i)
    std::printf("%s[%.6f, %ju]", i > 0 ? ", " : "", accepted[i].first,
                static_cast<std::uintmax_t>(accepted[i].second));
  std::printf("]}\n");
  return 0;
}
