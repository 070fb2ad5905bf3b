// The most that messages over several connections can be: each is encoded into a batch of 64 KiB, and a batch
// is one write; at QoS 1 no more than the window are without acknowledgement. What `mqtt-bench pub --flood`
// is compared with. Blocking writes, one connection after the other: whoever has nothing else to do need not
// ask which of them has room. Prints as one line of JSON the messages, seconds and processor time.
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>

#include "bench/cost.hpp"
#include "bench/options.hpp"
#include "bench/packets.hpp"
#include "bench/socket.hpp"

namespace mq::bench {
namespace {

using Clock = std::chrono::steady_clock;

class Publisher {
 public:
  Publisher(const Options& options, unsigned number)
      : socket_(Socket::connect(options.port)),
        reader_(socket_),
        qos_(options.qos),
        window_(options.window),
        head_(publish_head(options.topic + "/" + std::to_string(number), options.qos, true, options.size)),
        payload_(options.size, 'x'),
        batch_(batch_size) {
    open_connection(socket_, reader_, options.window);
  }

  int descriptor() const { return socket_.descriptor(); }

  // With a quarter of the window free there is enough for a write.
  bool has_room() const { return qos_ == 0 || in_flight_ <= window_ - window_ / 4; }

  std::uint64_t send_batch() {
    std::uint64_t count = 0;
    std::uint8_t* at = batch_.data();
    const std::uint8_t* const end = at + batch_.size() - head_.size() - payload_.size();
    for (; at <= end && (qos_ == 0 || in_flight_ < window_); ++count) {
      std::memcpy(at, head_.data(), head_.size());
      at += head_.size();
      if (qos_ > 0) {
        id_ = id_ == 65535 ? 1 : id_ + 1;
        (at - id_offset(true))[0] = static_cast<std::uint8_t>(id_ >> 8);
        (at - id_offset(true))[1] = static_cast<std::uint8_t>(id_);
        ++in_flight_;
      }
      std::memcpy(payload_.data(), &number_, sizeof number_);
      ++number_;
      std::memcpy(at, payload_.data(), payload_.size());
      at += payload_.size();
    }
    if (!socket_.send_all({batch_.data(), at})) die("the server has gone");
    return count;
  }

  void take_acknowledgements() {
    if (!reader_.fill()) die("the server closed the connection");
    Packet packet;
    while (reader_.next(packet)) --in_flight_;
  }

  unsigned in_flight() const { return in_flight_; }
  void finish() {
    while (in_flight_ > 0) take_acknowledgements();
    close_connection(socket_);
  }

 private:
  Socket socket_;
  PacketReader reader_;
  unsigned qos_, window_;
  Bytes head_, payload_, batch_;
  std::uint64_t number_ = 0;
  unsigned id_ = 0;
  unsigned in_flight_ = 0;
};

void flood(const Options& options) {
  std::deque<Publisher> publishers;
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  for (unsigned number = 0; number < options.connections; ++number) {
    Publisher& made = publishers.emplace_back(options, number);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &made}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, made.descriptor(), &event);
  }
  std::array<epoll_event, 64> events;
  std::uint64_t sent = 0;
  const double cpu_before = cpu_seconds();
  const Clock::time_point start = Clock::now(), end = start + std::chrono::seconds(options.seconds);
  while (Clock::now() < end) {
    bool busy = false;
    for (Publisher& publisher : publishers) {
      if (!publisher.has_room()) continue;
      sent += publisher.send_batch();
      busy = true;
    }
    if (options.qos == 0) continue;
    const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), busy ? 0 : -1);
    for (int at = 0; at < ready; ++at)
      static_cast<Publisher*>(events[static_cast<std::size_t>(at)].data.ptr)->take_acknowledgements();
  }
  for (Publisher& publisher : publishers) publisher.finish();
  std::printf(R"({"messages": %ju, "seconds": %.6f, "cpu_seconds": %.6f})"
              "\n",
              static_cast<std::uintmax_t>(sent), std::chrono::duration<double>(Clock::now() - start).count(),
              cpu_seconds() - cpu_before);
  ::close(epoll);
}

}  // namespace
}  // namespace mq::bench

int main(int argc, char** argv) {
  mq::bench::flood(mq::bench::parse_options(argc, argv));
  return 0;
}
