// A peer that sends numbered PUBLISH packets, encoded before the start, as fast as they are taken. Reports on
// stdout, as one line of JSON, what was sent and acknowledged. A server by default, for one client that
// subscribes; with -p a publisher instead, which measures bench_sink.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <optional>

#include "bench/numbers.hpp"
#include "bench/options.hpp"
#include "bench/packets.hpp"
#include "bench/socket.hpp"

namespace mq::bench {
namespace {

// With -J, the reading of a sensor.
constexpr const char* json_reading =
    R"({"id":"pump-%08u","ts":1700000000123,"temp":21.50,"hum":48,"unit":"C","ok":true,"tags":["roof","n"],"pos":[52.5,13]})";

// A file in memory with a message per slot: the packet identifier is the slot's number plus 1.
class Messages {
 public:
  static constexpr std::size_t slots = source_cycle;

  Messages(const Options& options, bool v5, unsigned qos) : v5_(v5), qos_(qos) {
    const Bytes head = publish_head(options.topic, qos, v5, options.size);
    size_ = head.size() + options.size;
    Bytes all;
    all.reserve(slots * size_);
    for (unsigned slot = 0; slot < slots; ++slot) {
      all.insert(all.end(), head.begin(), head.end());
      if (qos > 0) {
        std::uint8_t* const id = all.data() + all.size() - id_offset(v5);
        id[0] = static_cast<std::uint8_t>((slot + 1) >> 8);
        id[1] = static_cast<std::uint8_t>(slot + 1);
      }
      std::array<char, json_size + 1> text;
      const int size = std::snprintf(text.data(), text.size(), options.json ? json_reading : "%08u", slot);
      all.insert(all.end(), text.begin(), text.begin() + size);
      all.resize((slot + 1) * size_, 'x');
    }
    file_ = ::memfd_create("messages", MFD_CLOEXEC);
    if (file_ < 0) die("memfd_create");
    if (::write(file_, all.data(), all.size()) != static_cast<ssize_t>(all.size())) die("write");
  }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;
  ~Messages() { ::close(file_); }

  bool v5() const { return v5_; }
  unsigned qos() const { return qos_; }
  std::size_t size() const { return size_; }
  int file() const { return file_; }

 private:
  bool v5_;
  unsigned qos_;
  std::size_t size_ = 0;
  int file_ = -1;
};

double read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

class Source {
 public:
  Source(Socket& socket, PacketReader& reader, const Messages& messages, std::uint64_t count, unsigned window)
      : socket_(socket), reader_(reader), messages_(messages), count_(count), window_(window) {}

  void run() {
    const double start = read_clock(CLOCK_MONOTONIC);
    const double waited_before = socket_.seconds_waited();
    const double cpu_start = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    while (!gone_ && (sent_ < count_ || in_flight_ > 0)) {
      const std::size_t room = sendable();
      if (room > 0) {
        send(room);
      } else {
        gone_ = !reader_.fill();
        take_acks();
      }
    }
    seconds_ = read_clock(CLOCK_MONOTONIC) - start;
    cpu_seconds_ = read_clock(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    waited_ = socket_.seconds_waited() - waited_before;
  }

  // Until the client says goodbye or just closes.
  void wait_for_end() {
    do {
      take_acks();
    } while (!gone_ && reader_.fill());
  }

  void report() const {
    std::printf(R"({"sent": %ju, "acknowledged": %ju, "seconds": %.6f, "cpu_seconds": %.6f, "waited": %.6f})"
                "\n",
                static_cast<std::uintmax_t>(sent_), static_cast<std::uintmax_t>(acknowledged_), seconds_,
                cpu_seconds_, waited_);
  }

 private:
  static constexpr std::size_t slots = Messages::slots;

  // How many messages from the next slot on may go in one write.
  std::size_t sendable() const {
    const std::size_t slot = sent_ % slots;
    const std::size_t fits = std::max<std::size_t>(1, 2 * batch_size / messages_.size());
    const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(
        {slots - slot, fits, count_ - sent_, messages_.qos() > 0 ? window_ - in_flight_ : slots}));
    if (messages_.qos() == 0) return most;
    std::size_t free = 0;
    while (free < most && awaited_[slot + free] == 0) ++free;
    return free;
  }

  void send(std::size_t messages) {
    const std::size_t slot = sent_ % slots;
    if (messages_.qos() > 0) {
      std::fill_n(awaited_.begin() + static_cast<std::ptrdiff_t>(slot), messages,
                  static_cast<std::uint8_t>(messages_.qos() == 1 ? puback : pubrec));
      in_flight_ += messages;
    }
    sent_ += messages;
    if (!socket_.send_file(messages_.file(), slot * messages_.size(), messages * messages_.size()))
      gone_ = true;
  }

  void take_acks() {
    unsigned granted = 0;
    Packet packet;
    while (!gone_ && reader_.next(packet)) {
      if (packet.type() == disconnect) {
        gone_ = true;
      } else if (packet.type() >= puback && packet.type() <= pubcomp) {
        take_ack(packet);
      } else if (!answer(socket_, packet, messages_.v5(), messages_.qos(), granted)) {
        die("a packet that a source does not expect");
      }
    }
    flush();
  }

  void flush() {
    if (!socket_.send_all({releases_.data(), at_})) gone_ = true;
    at_ = releases_.data();
  }

  void take_ack(const Packet& packet) {
    const unsigned id = packet.u16(0);
    if (id == 0 || id > slots || awaited_[id - 1] != packet.type()) die("an acknowledgement of nothing");
    if (packet.size > 2 && packet.body[2] >= 0x80) die("a message was refused");
    if (packet.type() == pubrec) {
      awaited_[id - 1] = pubcomp;
      at_ = put_ack(at_, pubrel, id);
      if (at_ == releases_.data() + releases_.size()) flush();
      return;
    }
    awaited_[id - 1] = 0;
    ++acknowledged_;
    --in_flight_;
  }

  Socket& socket_;
  PacketReader& reader_;
  const Messages& messages_;
  std::uint64_t count_;
  unsigned window_;
  // The packet type that goes on with each slot's handshake; 0 when the slot is free.
  std::array<std::uint8_t, slots> awaited_{};
  std::array<std::uint8_t, batch_size> releases_;
  std::uint8_t* at_ = releases_.data();
  std::uint64_t sent_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t acknowledged_ = 0;
  bool gone_ = false;
  double seconds_ = 0;
  double cpu_seconds_ = 0;
  double waited_ = 0;
};

void publish_all(const Options& options) {
  const Messages messages(options, true, options.qos);
  Socket socket = Socket::connect(options.port);
  PacketReader reader(socket, true);
  open_connection(socket, reader, options.window);
  Source source(socket, reader, messages, options.count, options.window);
  source.run();
  close_connection(socket);
  source.report();
}

void serve(const Options& options) {
  std::optional<Messages> messages(std::in_place, options, true, options.qos);
  Socket socket = Socket::accept_one();
  PacketReader reader(socket, true);
  const Client client = welcome(socket, reader);
  unsigned granted = 0;
  while (true) {
    const Packet packet = reader.wait();
    const bool subscribed = packet.type() == subscribe;
    if (!answer(socket, packet, client.v5, options.qos, granted)) die("the client did not subscribe");
    if (subscribed) break;
  }
  if (client.v5 != messages->v5() || granted != messages->qos())
    messages.emplace(options, client.v5, granted);
  Source source(socket, reader, *messages, options.count, std::min(options.window, client.receive_maximum));
  source.run();
  source.wait_for_end();
  socket.finish();
  source.report();
}

}  // namespace
}  // namespace mq::bench

int main(int argc, char** argv) {
  const mq::bench::Options options = mq::bench::parse_options(argc, argv);
  if (options.port != 0) {
    mq::bench::publish_all(options);
  } else {
    mq::bench::serve(options);
  }
  return 0;
}
