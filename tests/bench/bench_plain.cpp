// The plain loops that mqtt-pub and mqtt-sub are compared with: the least work that does the same job, with
// no regard for errors, reconnection or limits.
//   bench_plain pub -p PORT   lines of stdin, each a message; PUBLISH packets leave in batches of 64 KiB
//   bench_plain sub -p PORT   payloads to stdout, each with a newline, in batches of 64 KiB
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string_view>

#include "bench/options.hpp"
#include "bench/packets.hpp"
#include "bench/socket.hpp"

namespace mq::bench {
namespace {

class Publisher {
 public:
  Publisher(Socket& socket, PacketReader& reader, const Options& options)
      : socket_(socket), reader_(reader), options_(options), out_(2 * batch_size) {}

  void add(std::string_view line) {
    if (line.size() != head_for_) set_head(line.size());
    if (used_ + head_.size() + line.size() > batch_size) flush();
    std::uint8_t* const at = out_.data() + used_;
    std::memcpy(at, head_.data(), head_.size());
    std::memcpy(at + head_.size(), line.data(), line.size());
    used_ += head_.size() + line.size();
    if (options_.qos == 0) return;
    id_ = id_ == 65535 ? 1 : id_ + 1;
    std::uint8_t* const id = at + head_.size() - id_offset(true);
    id[0] = static_cast<std::uint8_t>(id_ >> 8);
    id[1] = static_cast<std::uint8_t>(id_);
    ++in_flight_;
    while (in_flight_ == options_.window) wait_for_acks();
  }

  void flush() {
    socket_.send_all({out_.data(), used_});
    used_ = 0;
  }

  void finish() {
    while (in_flight_ > 0) wait_for_acks();
    flush();
  }

 private:
  void set_head(std::size_t size) {
    head_ = publish_head(options_.topic, options_.qos, true, size);
    head_for_ = size;
    if (out_.size() < head_.size() + size) out_.resize(head_.size() + size);
  }

  void wait_for_acks() {
    flush();
    if (!reader_.fill()) die("the server closed the connection");
    Packet packet;
    while (reader_.next(packet)) {
      if (packet.type() == pubrec) {
        if (used_ + 4 > batch_size) flush();
        put_ack(out_.data() + used_, pubrel, packet.u16(0));
        used_ += 4;
      } else {
        --in_flight_;
      }
    }
  }

  Socket& socket_;
  PacketReader& reader_;
  const Options& options_;
  Bytes out_;
  std::size_t used_ = 0;
  Bytes head_;
  std::size_t head_for_ = SIZE_MAX;
  unsigned id_ = 0;
  unsigned in_flight_ = 0;
};

void publish_lines(const Options& options) {
  Socket socket = Socket::connect(options.port);
  PacketReader reader(socket);
  open_connection(socket, reader, options.window);
  Publisher publisher(socket, reader, options);
  Bytes in(batch_size);
  std::size_t kept = 0;
  for (ssize_t got = 0; (got = ::read(STDIN_FILENO, in.data() + kept, in.size() - kept)) > 0;) {
    const char* at = reinterpret_cast<const char*>(in.data());
    const char* const end = at + kept + got;
    while (const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
      const char* const stop = static_cast<const char*>(newline);
      publisher.add({at, stop});
      at = stop + 1;
    }
    kept = static_cast<std::size_t>(end - at);
    std::memmove(in.data(), at, kept);
    if (kept == in.size()) in.resize(2 * in.size());
    if (options.qos > 0 || static_cast<std::size_t>(got) < batch_size / 2) publisher.flush();
  }
  if (kept > 0) publisher.add({reinterpret_cast<const char*>(in.data()), kept});
  publisher.finish();
  close_connection(socket);
}

class Printer {
 public:
  void add(std::string_view payload) {
    if (used_ + payload.size() + 1 > out_.size()) {
      flush();
      if (payload.size() + 1 > out_.size()) out_.resize(payload.size() + 1);
    }
    std::memcpy(out_.data() + used_, payload.data(), payload.size());
    used_ += payload.size();
    out_[used_++] = '\n';
  }

  void flush() {
    for (std::size_t done = 0; done < used_;) {
      const ssize_t written = ::write(STDOUT_FILENO, out_.data() + done, used_ - done);
      if (written < 0) die("write");
      done += static_cast<std::size_t>(written);
    }
    used_ = 0;
  }

 private:
  Bytes out_ = Bytes(batch_size);
  std::size_t used_ = 0;
};

void print_messages(const Options& options) {
  Socket socket = Socket::connect(options.port);
  PacketReader reader(socket);
  open_connection(socket, reader, options.window);
  subscribe_to(socket, reader, options.topic, options.qos);
  Printer printer;
  Bytes acks(batch_size);
  std::uint64_t received = 0;
  std::uint64_t released = 0;
  const auto finished = [&] {
    return options.count > 0 && (options.qos == 2 ? released : received) >= options.count;
  };
  do {
    std::uint8_t* at = acks.data();
    const auto acknowledge = [&](Type type, unsigned id) {
      at = put_ack(at, type, id);
      if (at == acks.data() + acks.size()) {
        socket.send_all(acks);
        at = acks.data();
      }
    };
    Packet packet;
    while (!finished() && reader.next(packet)) {
      if (packet.type() == publish) {
        const Publish message = read_publish(packet, true);
        printer.add(message.payload);
        ++received;
        if (packet.qos() > 0) acknowledge(packet.qos() == 1 ? puback : pubrec, message.id);
      } else if (packet.type() == pubrel) {
        ++released;
        acknowledge(pubcomp, packet.u16(0));
      }
    }
    printer.flush();
    socket.send_all({acks.data(), at});
  } while (!finished() && reader.fill());
  close_connection(socket);
}

}  // namespace
}  // namespace mq::bench

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode != "pub" && mode != "sub") {
    std::fputs("usage: bench_plain pub|sub -p PORT [-t TOPIC] [-q QOS] [-M WINDOW] [-C COUNT]\n", stderr);
    return 2;
  }
  const mq::bench::Options options = mq::bench::parse_options(argc - 1, argv + 1);
  if (mode == "pub") {
    mq::bench::publish_lines(options);
  } else {
    mq::bench::print_messages(options);
  }
  return 0;
}
