// Slow subscribers: what they can't take yet is neither lost nor piled up, and nobody waits for ever.
#include <sys/socket.h>

#include <thread>

#include "sink/sink_test.hpp"

using namespace mq;
using namespace mq::testing;

namespace {

// Sends numbered messages in a thread of its own, as fast as they are taken, and takes the answers.
class Flood {
 public:
  Flood(std::uint16_t port, std::string topic, QoS qos, int count, std::size_t size)
      : client_(port, {}), thread_([this, topic, qos, count, size] {
          std::string payload(size, '.');
          constexpr int window = 500;
          for (int number = 0; number < count; ++number) {
            const std::string text = std::to_string(number);
            payload.replace(0, text.size(), text).replace(text.size(), 1, " ");
            client_.publish(
                topic, payload, qos,
                qos == QoS::at_most_once ? PacketId{0} : static_cast<PacketId>(number % window + 1));
            if (qos != QoS::at_most_once && number >= window - 1) client_.expect<Puback>();
            sent_ = number + 1;
          }
          done_ = true;
        }) {}
  ~Flood() { thread_.join(); }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

  int sent() const { return sent_; }
  bool done() const { return done_; }

 private:
  Client client_;
  std::atomic<int> sent_ = 0;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

// Receives so many messages of one Flood; true when they are all there, each once and in order.
bool in_order(Client& client, int count) {
  int expected = 0;
  while (expected < count) {
    const Publish& packet = client.expect<Publish>();
    client.acknowledge(packet);
    if (std::stoi(std::string(packet.payload.substr(0, 8))) != expected) return false;
    ++expected;
    client.forget();
  }
  return true;
}

// Waits until the sink has begun to hold messages back.
void await_held(const Sink& sink, std::uint64_t before = 0) {
  const Time limit = std::chrono::steady_clock::now() + patience;
  while (sink.counts().held <= before) {
    REQUIRE(std::chrono::steady_clock::now() < limit);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

TEST_CASE("while a subscriber does not read, publishers wait; then all of it arrives in order") {
  for (const QoS qos : {QoS::at_most_once, QoS::at_least_once}) {
    constexpr int count = 60'000;
    constexpr std::size_t size = 1000;
    const auto sink = start();
    Client slow(sink->port(), {}), quick(sink->port(), {});
    slow.subscribe("f/#", qos);
    quick.subscribe("f/#", qos);
    {
      const Flood flood(sink->port(), "f/1", qos, count, size);
      std::jthread reading([&quick] { CHECK(in_order(quick, count)); });
      await_held(*sink);
      CHECK_FALSE(flood.done());
      Client other(sink->port(), {});  // who does not publish is served as ever
      CHECK(other.silent());
      other.subscribe("g");
      CHECK(in_order(slow, count));
      reading.join();
    }
    CHECK(slow.silent());
    CHECK(sink->counts().sent[static_cast<std::size_t>(qos)] == 2 * count);
    CHECK(sink->counts().stored_bytes == 0);
  }
}

TEST_CASE("a narrow window holds publishers too, and its acknowledgements get through") {
  constexpr int count = 8'000;
  const auto sink = start();
  Client subscriber(sink->port(), {.properties = with({{PropertyId::receive_maximum, 10}})});
  subscriber.subscribe("f", QoS::at_least_once);
  const Flood flood(sink->port(), "f", QoS::at_least_once, count, 1000);
  await_held(*sink);
  CHECK(in_order(subscriber, count));
  CHECK(subscriber.silent());
}

TEST_CASE("a client that floods itself through a narrow window gets all of it") {
  constexpr int count = 40'000;
  const auto sink = start();
  Client client(sink->port(), {.properties = with({{PropertyId::receive_maximum, 5}})});
  client.subscribe("self", QoS::at_least_once);
  const std::string payload(500, 'x');
  int published = 0, received[2]{}, acknowledged = 0;
  const auto publish = [&] {
    if (published == count) return;
    client.publish("self", payload);
    client.publish("self", payload, QoS::at_least_once, static_cast<PacketId>(published++ % 60'000 + 1));
  };
  for (int window = 0; window < 300; ++window) publish();
  while (received[0] < count || received[1] < count || acknowledged < count) {
    const Packet& packet = client.next();
    if (const auto* const message = std::get_if<Publish>(&packet)) {
      ++received[static_cast<int>(message->qos)];
      client.acknowledge(*message);
    } else {
      acknowledged += std::holds_alternative<Puback>(packet) ? 1 : 0;
      publish();
    }
    client.forget();
  }
  CHECK(client.silent());
}

TEST_CASE("messages that are held when their publisher leaves are still delivered") {
  constexpr int count = 50'000;
  const auto sink = start();
  Client slow(sink->port(), {});
  slow.subscribe("f/#");
  for (const bool politely : {true, false}) {
    const std::uint64_t before = sink->counts().held;
    std::jthread publishing([&] {
      Client client(sink->port(), {});
      for (int number = 0; number < count; ++number) {
        client.publish("f/1", std::to_string(number) + std::string(600, ' '));
      }
      if (politely) client.send(Disconnect{});
      ::shutdown(client.socket(), SHUT_WR);
      client.ended();
    });
    await_held(*sink, before);
    CHECK(in_order(slow, count));
    publishing.join();
    CHECK(slow.silent());
  }
}
