// A peer that takes PUBLISH packets as fast as they come: it reads headers and the number at the start of
// each payload, acknowledges in batches and reports on stdout, as one line of JSON, what arrived. A server by
// default, for one client; with -p a subscriber instead, which measures bench_source.
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "bench/numbers.hpp"
#include "bench/options.hpp"
#include "bench/packets.hpp"
#include "bench/socket.hpp"

namespace mq::bench {
namespace {

using Clock = std::chrono::steady_clock;

class Sink {
 public:
  Sink(Socket& socket, PacketReader& reader, const Options& options, bool v5)
      : socket_(socket),
        reader_(reader),
        options_(options),
        v5_(v5),
        arrivals_(options.from_source || options.port != 0 ? source_cycle : all_numbers) {}

  void run() {
    Packet packet;
    do {
      while (!done_ && reader_.next(packet)) take(packet);
      flush();
      if (arrivals_.received() > seen_) note_time();
    } while (!done_ && reader_.fill());
  }

  void report() const {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    std::printf(
        R"({"received": %ju, "distinct": %ju, "out_of_order": %ju, "doubles": %ju, "handshakes": %ju, )"
        R"("disconnected": %s, "seconds": %.6f, "cpu_seconds": %.6f, "tenths": [)",
        static_cast<std::uintmax_t>(arrivals_.received()), static_cast<std::uintmax_t>(arrivals_.distinct()),
        static_cast<std::uintmax_t>(arrivals_.out_of_order()), static_cast<std::uintmax_t>(doubles_),
        static_cast<std::uintmax_t>(handshakes_), disconnected_ ? "true" : "false",
        std::chrono::duration<double>(last_ - first_).count(),
        seconds(usage.ru_utime) + seconds(usage.ru_stime));
    for (std::size_t i = 0; i < tenths_.size(); ++i)
      std::printf("%s%.6f", i == 0 ? "" : ", ",
                  std::chrono::duration<double>(tenths_[i] - (i == 0 ? first_ : tenths_[i - 1])).count());
    std::puts("]}");
  }

 private:
  void take(const Packet& packet) {
    unsigned granted = 0;
    switch (packet.type()) {
      case publish:
        take_publish(packet);
        break;
      case pubrel: {
        const unsigned id = packet.u16(0);
        handshakes_ += pending_[id];
        pending_[id] = 0;
        acknowledge(pubcomp, id);
        break;
      }
      case disconnect:
        disconnected_ = true;
        done_ = true;
        return;
      default:
        if (!answer(socket_, packet, v5_, 2, granted)) die("a packet that a sink does not expect");
    }
    const std::uint64_t finished = options_.qos == 2 ? handshakes_ : arrivals_.received();
    done_ = options_.count > 0 && finished == options_.count;
  }

  void take_publish(const Packet& packet) {
    const Publish message = read_publish(packet, v5_);
    if (packet.qos() == 1) acknowledge(puback, message.id);
    if (packet.qos() == 2) {
      acknowledge(pubrec, message.id);
      if (pending_[message.id] != 0) {
        ++doubles_;
        return;
      }
      pending_[message.id] = 1;
    }
    arrivals_.add(message.payload);
  }

  void acknowledge(Type type, unsigned id) {
    at_ = put_ack(at_, type, id);
    if (at_ == acks_.data() + acks_.size()) flush();
  }

  void flush() {
    socket_.send_all({acks_.data(), at_});
    at_ = acks_.data();
  }

  void note_time() {
    if (seen_ == 0) {
      first_ = Clock::now();
      std::this_thread::sleep_for(std::chrono::milliseconds(options_.stall_ms));
    }
    last_ = Clock::now();
    seen_ = arrivals_.received();
    constexpr std::size_t parts = 10;
    while (options_.count > 0 && tenths_.size() < parts &&
           seen_ >= options_.count * (tenths_.size() + 1) / parts)
      tenths_.push_back(last_);
  }

  Socket& socket_;
  PacketReader& reader_;
  const Options& options_;
  bool v5_;
  bool done_ = false;
  bool disconnected_ = false;
  Arrivals arrivals_;
  std::uint64_t doubles_ = 0;
  std::uint64_t handshakes_ = 0;  // QoS 2 messages that were released
  std::uint64_t seen_ = 0;
  Clock::time_point first_;
  Clock::time_point last_;
  std::vector<Clock::time_point> tenths_;      // of the count that is asked for, as they were complete
  std::array<std::uint8_t, 65536> pending_{};  // QoS 2: received and not yet released
  std::array<std::uint8_t, batch_size> acks_;
  std::uint8_t* at_ = acks_.data();
};

int run(const Options& options) {
  const bool subscriber = options.port != 0;
  Socket socket = subscriber ? Socket::connect(options.port) : Socket::accept_one();
  PacketReader reader(socket, true);
  bool v5 = true;
  if (subscriber) {
    open_connection(socket, reader, options.window);
    subscribe_to(socket, reader, options.topic, options.qos);
  } else {
    v5 = welcome(socket, reader).v5;
  }
  Sink sink(socket, reader, options, v5);
  sink.run();
  if (subscriber) {
    close_connection(socket);
  } else {
    socket.finish();
  }
  sink.report();
  return 0;
}

}  // namespace
}  // namespace mq::bench

int main(int argc, char** argv) { return mq::bench::run(mq::bench::parse_options(argc, argv)); }
