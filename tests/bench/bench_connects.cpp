// The least that opening many MQTT connections can cost: plain epoll, CONNECT as soon as TCP is there,
// CONNACK, and the connection stays open. Local ports are chosen here, one after the other from the system's
// range, or from a part of it (-P); with -k the kernel chooses them. Prints as one line of JSON the
// connections a second in each tenth of them, the processor time and the resident memory, and with -w leaves
// only so many milliseconds later. It leaves with resets: no port of it is in use after that.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/cost.hpp"
#include "bench/options.hpp"
#include "bench/socket.hpp"

namespace mq::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned under_way_at_once = 100;
constexpr std::size_t tenths = 10;

sockaddr_in loopback(unsigned port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

long resident_kib() {
  long size = 0, resident = 0;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

class Connects {
 public:
  explicit Connects(const Options& options)
      : options_(options), server_(loopback(options.port)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (std::FILE* const file = std::fopen("/proc/sys/net/ipv4/ip_local_port_range", "r")) {
      if (std::fscanf(file, "%u %u", &next_port_, &last_port_) != 2) die("port range");
      std::fclose(file);
    }
    const unsigned ports = last_port_ + 1 - next_port_;
    last_port_ = next_port_ + ports * (options.slice + 1) / options.slices - 1;
    next_port_ += ports * options.slice / options.slices;
  }
  Connects(const Connects&) = delete;
  Connects& operator=(const Connects&) = delete;
  ~Connects() { ::close(epoll_); }

  void run() {
    const long memory_before = resident_kib();
    const Clock::time_point start = Clock::now();
    Clock::time_point tenth_start = start;
    std::array<epoll_event, 256> events;
    while (connected_ < options_.count) {
      while (begun_ < options_.count && begun_ - connected_ < under_way_at_once) begin();
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int at = 0; at < ready; ++at) advance(events[static_cast<std::size_t>(at)]);
      while (rates_.size() < tenths && connected_ >= options_.count * (rates_.size() + 1) / tenths) {
        const Clock::time_point now = Clock::now();
        const double in_tenth = static_cast<double>(options_.count) / tenths;
        rates_.push_back(in_tenth / std::chrono::duration<double>(now - tenth_start).count());
        tenth_start = now;
      }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    const auto count = static_cast<double>(options_.count);
    std::printf(R"({"connections": %ju, "seconds": %.3f, "per_second": %.0f, "tenths": [)",
                static_cast<std::uintmax_t>(connected_), seconds, count / seconds);
    for (std::size_t at = 0; at < rates_.size(); ++at) std::printf("%s%.0f", at > 0 ? ", " : "", rates_[at]);
    std::printf(R"(], "cpu_seconds": %.3f, "ports_in_use": %u, "kib_per_connection": %.2f})"
                "\n",
                cpu_seconds(), ports_in_use_, static_cast<double>(resident_kib() - memory_before) / count);
    std::fflush(stdout);
    ::usleep(options_.stall_ms * 1000);
    // With a reset, or all these ports would be of no use to the next one for a minute.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    for (const int fd : sockets_) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

 private:
  void begin() {
    while (true) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      if (fd < 0) die("socket");
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      if (!options_.kernel_ports) {
        if (next_port_ > last_port_) die("there are no more ports");
        const sockaddr_in source = loopback(next_port_++);
        ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (::bind(fd, reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
          if (errno != EADDRINUSE) die("bind");
          ++ports_in_use_;
          ::close(fd);
          continue;
        }
      }
      if (::connect(fd, reinterpret_cast<const sockaddr*>(&server_), sizeof server_) != 0 &&
          errno != EINPROGRESS) {
        if (errno != EADDRNOTAVAIL || options_.kernel_ports) die("connect");
        ++ports_in_use_;
        ::close(fd);
        continue;
      }
      epoll_event event{.events = EPOLLOUT, .data = {.fd = fd}};
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
      ++begun_;
      sockets_.push_back(fd);
      return;
    }
  }

  void advance(const epoll_event& event) {
    const int fd = event.data.fd;
    if ((event.events & EPOLLOUT) != 0) {
      send_connect(fd);
      epoll_event next{.events = EPOLLIN, .data = {.fd = fd}};
      ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &next);
      return;
    }
    std::array<std::uint8_t, 256> answer;
    const ssize_t got = ::recv(fd, answer.data(), answer.size(), 0);
    if (got < 4 || answer[0] != 0x20 || answer[3] != 0) die("CONNACK");
    ++connected_;
  }

  void send_connect(int fd) {
    std::array<char, 64> packet;
    const int size = std::snprintf(packet.data() + 14, packet.size() - 14, "bench-%d-%08ju", ::getpid(),
                                   static_cast<std::uintmax_t>(named_++));
    constexpr std::array<std::uint8_t, 12> head{0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0};
    std::ranges::copy(head, packet.begin());
    packet[1] = static_cast<char>(12 + size);
    packet[12] = 0;
    packet[13] = static_cast<char>(size);
    if (::send(fd, packet.data(), 14U + static_cast<std::size_t>(size), MSG_NOSIGNAL) < 0) die("send");
  }

  const Options& options_;
  sockaddr_in server_;
  int epoll_;
  unsigned next_port_ = 32768, last_port_ = 60999, ports_in_use_ = 0;
  std::uint64_t begun_ = 0, connected_ = 0, named_ = 0;
  std::vector<int> sockets_;
  std::vector<double> rates_;
};

}  // namespace
}  // namespace mq::bench

int main(int argc, char** argv) {
  const mq::bench::Options options = mq::bench::parse_options(argc, argv);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  mq::bench::Connects(options).run();
  return 0;
}
