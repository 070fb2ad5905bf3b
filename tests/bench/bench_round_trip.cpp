// The least that asking and answering through a broker can cost: MQTT 5 at QoS 0 by blocking sockets, a
// prepared packet, one request at a time. Writes the times from sending to having the answer as JSON, in
// microseconds.
//   bench_round_trip two -p PORT -C COUNT     a requester's and a responder's socket: request and answer
//   bench_round_trip one -p PORT -C COUNT     one socket: a message to itself, there and back
//   bench_round_trip answer -p PORT           answers whoever asks, until it is killed; "ready" once it does
// -t TOPIC, -s SIZE of the payload; -w MILLISECONDS of rest before each request.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>

#include "bench/options.hpp"
#include "bench/packets.hpp"
#include "bench/socket.hpp"

namespace mq::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint8_t response_topic = 0x08;
constexpr std::uint8_t correlation_data = 0x09;

std::string_view as_text(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void append_varint(Bytes& out, std::size_t value) {
  for (; value > 0x7f; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80U));
  out.push_back(static_cast<std::uint8_t>(value));
}

void append_text(Bytes& out, std::string_view text) {
  out.push_back(static_cast<std::uint8_t>(text.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
}

void append_property(Bytes& out, std::uint8_t id, std::string_view value) {
  out.push_back(id);
  append_text(out, value);
}

Bytes publish_packet(std::string_view topic, const Bytes& properties, std::string_view payload) {
  Bytes body;
  append_text(body, topic);
  append_varint(body, properties.size());
  body.insert(body.end(), properties.begin(), properties.end());
  body.insert(body.end(), payload.begin(), payload.end());
  Bytes packet{publish << 4};
  append_varint(packet, body.size());
  packet.insert(packet.end(), body.begin(), body.end());
  return packet;
}

struct Request {
  std::string_view response;
  std::string_view correlation;
  std::string_view payload;
};

Request read_request(const Packet& packet) {
  Request request;
  const auto text = [&](std::size_t at) {
    return std::string_view(reinterpret_cast<const char*>(packet.body + at + 2), packet.u16(at));
  };
  std::size_t at = 2 + packet.u16(0) + (packet.qos() > 0 ? 2 : 0);
  const VarInt size = read_varint(packet.body + at, packet.body + packet.size);
  at += size.size;
  const std::size_t end = at + size.value;
  while (at < end) {
    const std::uint8_t id = packet.body[at++];
    switch (id) {
      case 0x01:  // payload format
        at += 1;
        break;
      case 0x02:  // expiry
        at += 4;
        break;
      case 0x03:  // content type
      case response_topic:
      case correlation_data:
        if (id == response_topic) request.response = text(at);
        if (id == correlation_data) request.correlation = text(at);
        at += 2 + packet.u16(at);
        break;
      case 0x26:  // user property
        at += 2 + packet.u16(at);
        at += 2 + packet.u16(at);
        break;
      default:
        die("a request has an unknown property");
    }
  }
  if (end > packet.size) die("a request is shorter than it says");
  request.payload = {reinterpret_cast<const char*>(packet.body + end), packet.size - end};
  return request;
}

Packet next_publish(PacketReader& reader) {
  Packet packet = reader.wait();
  while (packet.type() != publish) packet = reader.wait();
  return packet;
}

void answer_one(Socket& socket, PacketReader& reader) {
  const Packet packet = next_publish(reader);
  const Request request = read_request(packet);
  if (request.response.empty()) return;
  Bytes properties;
  append_property(properties, correlation_data, request.correlation);
  socket.send_all(publish_packet(request.response, properties, request.payload));
}

struct Connection {
  Connection(const Options& options, std::string_view filter)
      : socket(Socket::connect(options.port)), reader(socket) {
    open_connection(socket, reader, options.window);
    subscribe_to(socket, reader, filter, 0);
  }

  Socket socket;
  PacketReader reader;
};

void write_figures(std::vector<double> times) {
  std::ranges::sort(times);
  const auto percentile = [&](std::size_t percent) { return times[(times.size() - 1) * percent / 100]; };
  std::printf("{\"count\": %zu, \"p50\": %.1f, \"p90\": %.1f, \"p99\": %.1f, \"max\": %.1f}\n", times.size(),
              percentile(50), percentile(90), percentile(99), times.back());
}

// `trip` makes one, of the number given.
template <class Trip>
void measure(const Options& options, const Trip& trip) {
  std::vector<double> times;
  for (std::uint64_t number = 0; number < std::max<std::uint64_t>(options.count, 1); ++number) {
    if (options.stall_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(options.stall_ms));
    const Clock::time_point start = Clock::now();
    trip(number);
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  write_figures(std::move(times));
}

void through_two_sockets(const Options& options) {
  const std::string answers = options.topic + "/answers";
  Connection asker(options, answers);
  Connection responder(options, options.topic);
  const std::string payload(options.size, 'x');
  const Bytes before(8);
  measure(options, [&](std::uint64_t number) {
    Bytes correlation = before;
    std::memcpy(correlation.data(), &number, sizeof number);
    Bytes properties;
    append_property(properties, response_topic, answers);
    append_property(properties, correlation_data, as_text(correlation));
    asker.socket.send_all(publish_packet(options.topic, properties, payload));
    answer_one(responder.socket, responder.reader);
    const Request answer = read_request(next_publish(asker.reader));
    if (answer.correlation != as_text(correlation)) die("an answer to something else");
  });
  close_connection(asker.socket);
  close_connection(responder.socket);
}

void through_one_socket(const Options& options) {
  Connection self(options, options.topic);
  const Bytes packet = publish_packet(options.topic, {}, std::string(options.size, 'x'));
  measure(options, [&](std::uint64_t) {
    self.socket.send_all(packet);
    next_publish(self.reader);
  });
  close_connection(self.socket);
}

void answer_for_ever(const Options& options) {
  Connection responder(options, options.topic);
  std::puts("ready");
  std::fflush(stdout);
  while (true) answer_one(responder.socket, responder.reader);
}

}  // namespace
}  // namespace mq::bench

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode != "two" && mode != "one" && mode != "answer") {
    std::fputs(
        "usage: bench_round_trip two|one|answer -p PORT [-t TOPIC] [-C COUNT] [-s SIZE] [-w MILLISECONDS]\n",
        stderr);
    return 2;
  }
  const mq::bench::Options options = mq::bench::parse_options(argc - 1, argv + 1);
  if (mode == "two") {
    mq::bench::through_two_sockets(options);
  } else if (mode == "one") {
    mq::bench::through_one_socket(options);
  } else {
    mq::bench::answer_for_ever(options);
  }
  return 0;
}
