// The least that an open loop can cost: many connections that each send a message at a fixed rate, one write
// each, whatever became of those before; what `mqtt-bench pub --rate` is compared with. Their times are
// evenly spread, which makes the schedule a wheel with one connection in each place: no heap could be
// cheaper. One wait of epoll up to the next time, exact to the microsecond. Prints as one line of JSON what
// was sent, the processor time, and how late messages left.
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <deque>
#include <string>
#include <vector>

#include "bench/cost.hpp"
#include "bench/options.hpp"
#include "bench/packets.hpp"
#include "bench/socket.hpp"

namespace mq::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

struct Connection {
  Connection(const Options& options, unsigned number)
      : socket(Socket::connect(options.port)),
        packet(publish_head(options.topic + "/" + std::to_string(number), 0, true, options.size)) {
    packet.resize(packet.size() + options.size, 'x');
    PacketReader reader(socket);
    open_connection(socket, reader, options.window);
  }

  Socket socket;
  Bytes packet;  // the next one, but for its number
};

class OpenLoop {
 public:
  explicit OpenLoop(const Options& options) : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    for (unsigned number = 0; number < options.connections; ++number) {
      Connection& made = connections_.emplace_back(options, number);
      epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.ptr = &made}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, made.socket.descriptor(), &event);
    }
    ::prctl(PR_SET_TIMERSLACK, 1UL);
  }
  OpenLoop(const OpenLoop&) = delete;
  OpenLoop& operator=(const OpenLoop&) = delete;
  ~OpenLoop() { ::close(epoll_); }

  void run() {
    const std::uint64_t per_second = std::uint64_t{options_.connections} * options_.rate;
    const std::uint64_t total = per_second * options_.seconds;
    late_.resize(total);
    const double cpu_before = cpu_seconds();
    const Clock::time_point start = Clock::now();
    Clock::time_point now = start;
    for (std::uint64_t number = 0; number < total;) {
      const auto due = start + nanoseconds(number * 1'000'000'000 / per_second);
      for (now = Clock::now(); now < due; now = Clock::now()) wait(due - now);
      late_[number] = static_cast<std::uint32_t>((now - due).count() / 1000);
      send(connections_[number % options_.connections], number);
      ++number;
    }
    const double cpu = cpu_seconds() - cpu_before;
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    std::ranges::sort(late_);
    std::printf(R"({"messages": %ju, "seconds": %.6f, "cpu_seconds": %.6f, "p50_us": %u, "p99_us": %u, )"
                R"("max_us": %u})"
                "\n",
                static_cast<std::uintmax_t>(total), seconds, cpu, late_[total / 2], late_[total * 99 / 100],
                late_.back());
    for (Connection& connection : connections_) close_connection(connection.socket);
  }

 private:
  void wait(nanoseconds length) {
    const timespec limit{.tv_sec = 0, .tv_nsec = length.count()};
    epoll_event event{};
    if (::epoll_pwait2(epoll_, &event, 1, &limit, nullptr) > 0) die("a server that should only listen");
  }

  void send(Connection& connection, std::uint64_t number) const {
    Bytes& packet = connection.packet;
    std::memcpy(packet.data() + packet.size() - options_.size, &number, sizeof number);
    const ssize_t sent =
        ::send(connection.socket.descriptor(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    // Megabytes fit in there: a sink that falls behind by so much is no measure.
    if (sent != static_cast<ssize_t>(packet.size())) die("send");
  }

  const Options& options_;
  int epoll_;
  std::deque<Connection> connections_;
  std::vector<std::uint32_t> late_;  // microseconds
};

}  // namespace
}  // namespace mq::bench

int main(int argc, char** argv) {
  const mq::bench::Options options = mq::bench::parse_options(argc, argv);
  mq::bench::OpenLoop(options).run();
  return 0;
}
