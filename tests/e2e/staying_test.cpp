// Staying connected: a stream of numbered lines from mqtt-pub through mosquitto to mqtt-sub while the broker
// restarts, stops breathing, or the network delays, stalls, and is cut at any byte. Nothing is lost, at QoS 2
// nothing comes twice, and the order is kept. MQTTKIT_TROUBLES sets how many troubles each run meets.
#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "e2e/programs.hpp"
#include "peers/cable.hpp"
#include "peers/mosquitto.hpp"
#include "wire/decode.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

unsigned troubles() {
  const char* asked = std::getenv("MQTTKIT_TROUBLES");
  return asked == nullptr ? 3 : static_cast<unsigned>(std::atoi(asked));
}

enum class Trouble { restart, breathless, cut, cut_at_byte, stall };

const char* name_of(Trouble trouble) {
  constexpr std::array names{"restart", "breathless", "cut", "cut at byte", "stall"};
  return names[static_cast<std::size_t>(trouble)];
}

// mqtt-pub -l -> cable -> mosquitto -> cable -> mqtt-sub, all with sessions that are kept.
class Stream {
 public:
  Stream(const std::string& qos, const std::string& version)
      : broker_({.persistence = true, .lines = "autosave_interval 1\nautosave_on_changes true\n"}),
        cable_(broker_.port()),
        reader_(sub(cable_.port(), with({"-i", "reader", "-q", qos, "-V", version}))),
        writer_(start_writer(qos, version)) {}

  void write(unsigned count) {
    std::string lines;
    for (unsigned i = 0; i < count; ++i) lines.append(std::to_string(next_++)).append("\n");
    writer_.write(lines);
  }

  void meet(Trouble trouble, std::minstd_rand& random) {
    switch (trouble) {
      case Trouble::restart:
        broker_.stop();
        broker_.start();
        break;
      case Trouble::breathless:
        ::kill(broker_.process().pid(), SIGSTOP);
        std::this_thread::sleep_for(100ms);
        ::kill(broker_.process().pid(), SIGCONT);
        break;
      case Trouble::cut:
        cable_.cut();
        break;
      case Trouble::cut_at_byte:
        cable_.cut_at(1 + random() % 4'000);
        break;
      case Trouble::stall:
        cable_.stall(true);
        std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60));
        cable_.stall(false);
        break;
    }
  }

  // The lines that arrived, once all were sent.
  std::vector<unsigned> finish() {
    writer_.close_input();
    const Outcome written = writer_.wait(60s);
    CHECK(written.code == 0);
    if (written.code != 0) MESSAGE(written.err);
    reader_.await_out(std::to_string(next_ - 1) + "\n", 0, 60s);
    std::istringstream out(reader_.out());
    std::vector<unsigned> lines;
    for (unsigned line = 0; out >> line;) lines.push_back(line);
    reader_.signal(SIGTERM);
    CHECK(reader_.wait().code == 143);
    return lines;
  }

  unsigned written() const { return next_; }
  const Cable& cable() const { return cable_; }
  Cable& cable() { return cable_; }
  Process& reader() { return reader_; }
  Process& writer() { return writer_; }

 private:
  static Arguments with(Arguments arguments) {
    arguments.insert(arguments.end(), {"-c", "-t", "r", "--retries", "1000", "--retry-delay", "0.05:0.2"});
    return arguments;
  }

  Process start_writer(const std::string& qos, const std::string& version) {
    broker_.await_subscription("reader", "r");
    return Process(
        with_input(pub(cable_.port(), with({"-i", "writer", "-q", qos, "-V", version, "-l"})), Input::pipe));
  }

  Mosquitto broker_;
  Cable cable_;
  Process reader_, writer_;
  unsigned next_ = 0;
};

// Order and completeness of first arrivals; how many came more than once.
std::size_t doubles_in(const std::vector<unsigned>& lines, unsigned written) {
  std::set<unsigned> seen;
  unsigned expected = 0;
  std::size_t doubles = 0;
  for (const unsigned line : lines) {
    if (!seen.insert(line).second) {
      ++doubles;
      continue;
    }
    CHECK(line == expected);
    expected = line + 1;
  }
  CHECK(seen.size() == written);
  return doubles;
}

// Every packet that went one way through one connection. What is cut off at its end doesn't count.
std::vector<Packet> packets_in(Bytes bytes, Version version, Sender sender) {
  std::vector<Packet> packets;
  for (auto frame = next_frame(bytes); frame && *frame; frame = next_frame(bytes)) {
    auto packet = decode(**frame, version, sender);
    REQUIRE(packet);
    packets.push_back(std::move(*packet));
    bytes.remove_prefix((*frame)->size);
  }
  return packets;
}

// What the wire says of QoS 2, whatever came out at the end.
struct Wire {
  std::set<std::string> sent_again;  // by us, after the broker's PUBREC
  std::size_t given_again = 0;       // handshakes that the broker has begun beyond the first of each line
};

Wire look_at(const Cable& cable, Version version) {
  Wire wire;
  std::map<PacketId, std::string> ours, theirs;  // identifiers, and the lines that they stand for now
  std::set<std::string> received, given;
  for (const Cable::Record& record : cable.records()) {
    for (const Packet& packet : packets_in(record.to_broker, version, Sender::client)) {
      const auto* publish = std::get_if<Publish>(&packet);
      if (!publish) continue;
      ours[publish->packet_id] = publish->payload;
      if (received.contains(ours[publish->packet_id])) wire.sent_again.insert(ours[publish->packet_id]);
    }
    for (const Packet& packet : packets_in(record.to_client, version, Sender::server)) {
      if (const auto* pubrec = std::get_if<Pubrec>(&packet)) received.insert(ours[pubrec->packet_id]);
      if (const auto* pubrel = std::get_if<Pubrel>(&packet)) theirs.erase(pubrel->packet_id);
      const auto* publish = std::get_if<Publish>(&packet);
      if (!publish) continue;
      std::string& line = theirs[publish->packet_id];
      if (line == publish->payload) continue;  // sent again before its PUBREL
      line = publish->payload;
      if (!given.insert(line).second) ++wire.given_again;
    }
  }
  return wire;
}

void run_stream(const std::string& kind, const std::string& qos, const std::string& version,
                std::minstd_rand& random, std::function<Trouble()> next, Duration delay = {}) {
  CAPTURE(kind);
  CAPTURE(qos);
  CAPTURE(version);
  Stream stream(qos, version);
  stream.cable().delay(static_cast<std::uint32_t>(random()), delay);
  const unsigned lines_each = delay > Duration::zero() ? 60 : 200;
  for (unsigned i = 0; i < troubles(); ++i) {
    stream.write(lines_each);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    stream.meet(next(), random);
  }
  stream.write(lines_each);
  const std::vector<unsigned> lines = stream.finish();
  const std::size_t doubles = doubles_in(lines, stream.written());
  MESSAGE(kind, ", QoS ", qos, ", MQTT ", version, ": ", troubles(), " troubles, ",
          stream.cable().connections(), " connections, ", stream.written(), " lines, ",
          stream.written() + doubles - lines.size(), " lost, ", doubles, " doubled");
  if (qos == "1") return;
  const Wire wire = look_at(stream.cable(), version == "5" ? Version::v5 : Version::v311);
  CHECK(wire.sent_again.empty());
  CHECK(doubles <= wire.given_again);
  if (doubles > 0) MESSAGE("mosquitto itself began ", wire.given_again, " handshakes again");
}

}  // namespace

TEST_CASE("through restarts, stops and cuts: nothing lost, order kept, and at QoS 2 nothing twice") {
  if (!have_mosquitto()) return;
  std::minstd_rand random(20'260'722);
  for (const Trouble trouble : {Trouble::restart, Trouble::breathless, Trouble::cut, Trouble::cut_at_byte})
    for (const char* qos : {"1", "2"})
      for (const char* version : {"311", "5"})
        run_stream(name_of(trouble), qos, version, random, [trouble] { return trouble; });
}

// A restart right after a cut makes mosquitto 2.0 forget a PUBREC that it has answered: it then sends such a
// message again, which is a new one to whoever has ended its handshake [MQTT-4.3.3-12].
TEST_CASE(
    "through all of these mixed: nothing lost, order kept, and nothing twice that the broker did not "
    "double") {
  if (!have_mosquitto()) return;
  std::minstd_rand random(20'260'722);
  for (const char* version : {"311", "5"})
    run_stream("mixed", "2", version, random, [&random] { return static_cast<Trouble>(random() % 4); });
}

TEST_CASE("through a network that delays, stalls and is cut at any byte: nothing lost, order kept") {
  if (!have_mosquitto()) return;
  std::minstd_rand random(20'261'122);
  constexpr std::array met{Trouble::stall, Trouble::cut_at_byte, Trouble::cut};
  for (const char* qos : {"1", "2"})
    for (const char* version : {"311", "5"})
      run_stream("slow", qos, version, random, [&] { return met[random() % met.size()]; }, 30ms);
}

TEST_CASE("each loss and each regain is one line on stderr") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.persistence = true});
  Cable cable(broker.port());
  Process reader(sub(cable.port(), {"-i", "reader", "-c", "-q", "1", "-t", "r", "--retry-delay", "0.1:0.1"}));
  broker.await_subscription("reader", "r");
  cable.cut();
  reader.await_err("the session goes on\n");
  const std::string said = reader.err();
  CHECK(count_of("\n", said) == 2);
  CHECK(holds(said, "; trying again in "));
  CHECK(holds(said, "connected to 127.0.0.1:" + std::to_string(cable.port()) + " again after "));
  reader.signal(SIGTERM);
  CHECK(reader.wait().code == 143);

  Process json(
      sub(cable.port(), {"-i", "json", "-t", "r", "--retry-delay", "0.1:0.1", "--log-format", "json"}));
  broker.await_subscription("json", "r");
  cable.cut();
  json.await_err("\"session\":\"new\"}\n");
  CHECK(holds(json.err(), "\"event\":\"connection-lost\""));
  CHECK(holds(json.err(), "\"event\":\"connected-again\""));
}

TEST_CASE("a connection that has gone silent is noticed within one and a half keep-alive intervals") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Cable cable(broker.port());
  // One reads, one writes at QoS 0 without an end, one does nothing.
  Process idle(sub(cable.port(), {"-i", "idle", "-t", "nothing", "-k", "2", "--retry-delay", "5:5"}));
  Process busy(sub(cable.port(), {"-i", "busy", "-t", "r", "-k", "2", "--retry-delay", "5:5"}));
  broker.await_subscription("idle", "nothing");
  broker.await_subscription("busy", "r");
  Process writer(pub(cable.port(), {"-i", "writer", "-t", "r", "-m", "x", "--repeat", "1000000",
                                    "--repeat-delay", "0.05", "-k", "2"}));
  busy.await_lines(3);
  const auto start = Clock::now();
  cable.stall(true);
  writer.wait(10s);
  const auto noticed = Clock::now() - start;
  busy.await_err("trying again", 0, 10s);
  idle.await_err("trying again", 0, 10s);
  const auto all_noticed = Clock::now() - start;
  CHECK(noticed < 3500ms);
  CHECK(all_noticed < 3500ms);
  CHECK(noticed > 500ms);
}

TEST_CASE("what mosquitto loses when it is killed, it loses itself: the wire shows that we sent it all") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.persistence = true});
  Cable cable(broker.port());
  Process writer(with_input(pub(cable.port(), {"-i", "writer", "-c", "-q", "1", "-t", "r", "-l", "--retries",
                                               "1000", "--retry-delay", "0.05:0.2"}),
                            Input::pipe));
  unsigned next = 0;
  for (unsigned round = 0; round < troubles(); ++round) {
    std::string lines;
    for (int i = 0; i < 300; ++i) lines.append(std::to_string(next++)).append("\n");
    writer.write(lines);
    std::this_thread::sleep_for(5ms);
    broker.crash();
    broker.start();
  }
  writer.close_input();
  CHECK(writer.wait(60s).code == 0);
  // Every line was acknowledged on the wire, and what was acknowledged was not sent again.
  std::set<std::string> acknowledged;
  for (const Cable::Record& record : cable.records()) {
    std::map<PacketId, std::string> sent;
    Bytes rest = record.to_broker;
    for (auto frame = next_frame(rest); frame && *frame; frame = next_frame(rest)) {
      if ((*frame)->type == PacketType::publish) {
        const auto publish = decode_publish(**frame, Version::v5, Sender::client);
        REQUIRE(publish);
        const std::string payload(publish->payload);
        CHECK_FALSE(acknowledged.contains(payload));
        sent[publish->packet_id] = payload;
      }
      rest.remove_prefix((*frame)->size);
    }
    rest = record.to_client;
    for (auto frame = next_frame(rest); frame && *frame; frame = next_frame(rest)) {
      const auto packet = decode(**frame, Version::v5, Sender::server);
      REQUIRE(packet);
      if (const auto* puback = std::get_if<Puback>(&*packet)) acknowledged.insert(sent.at(puback->packet_id));
      rest.remove_prefix((*frame)->size);
    }
  }
  CHECK(acknowledged.size() == next);
  MESSAGE("kill -9: ", troubles(), " troubles, ", cable.connections(), " connections, ", next, " lines, ",
          next - acknowledged.size(), " not acknowledged");
}
