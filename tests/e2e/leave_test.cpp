// How the programs end: signals, closed pipes, unread pipes.
#include <doctest/doctest.h>

#include <csignal>
#include <future>
#include <thread>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

void send_text(Peer& peer, std::string_view payload) {
  Publish publish;
  publish.topic = "t";
  publish.payload = payload;
  peer.send(publish);
}

Reactions sending(std::vector<std::string> payloads) {
  return {.subscribe = [payloads = std::move(payloads)](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (const std::string& payload : payloads) send_text(peer, payload);
  }};
}

}  // namespace

TEST_CASE("SIGINT and SIGTERM end a subscriber with 130 and 143, its messages shown and DISCONNECT sent") {
  for (const auto& [number, code] : {std::pair(SIGINT, 130), std::pair(SIGTERM, 143)}) {
    FakeBroker broker(sending({"shown"}));
    Process reader(sub(broker.port(), {"-t", "t"}));
    reader.await_lines(1);
    reader.signal(number);
    const Outcome outcome = reader.wait();
    CHECK(outcome.code == code);
    CHECK(outcome.signal == 0);
    CHECK(outcome.out == "shown\n");
    CHECK(outcome.err == "");
    CHECK(broker.await(PacketType::disconnect));
  }
}

TEST_CASE("SIGTERM lets a publisher drain what is in flight, and reads no further") {
  std::promise<void> signalled;
  FakeBroker broker(
      Reactions{.publish = [&, held = std::vector<PacketId>()](Peer& peer, const Publish& message) mutable {
        held.push_back(message.packet_id);
        if (held.size() < 3) return;
        signalled.get_future().wait();
        for (const PacketId id : held) peer.send(Puback{{id, ReasonCode::success, {}}});
      }});
  Process writer(with_input(pub(broker.port(), {"-t", "t", "-q", "1", "-l"}), Input::pipe));
  writer.write("1\n2\n3\n");
  broker.await(PacketType::publish, 3);
  writer.signal(SIGTERM);
  signalled.set_value();
  const Outcome outcome = writer.wait();
  CHECK(outcome.code == 143);
  CHECK_FALSE(holds(outcome.err, "not acknowledged"));
  CHECK(broker.await(PacketType::disconnect));
}

TEST_CASE("SIGINT with acknowledgements missing: 130, in time, and how many") {
  FakeBroker broker(Reactions{.publish = [](Peer&, const Publish&) {}});
  Process writer(with_input(pub(broker.port(), {"-t", "t", "-q", "1", "-l", "-W", "0.7"}), Input::pipe));
  writer.write("1\n2\n3\n");
  broker.await(PacketType::publish, 3);
  writer.signal(SIGINT);
  const Outcome outcome = writer.wait();
  CHECK(outcome.code == 130);
  CHECK(holds(outcome.err, "3 messages"));
  CHECK(outcome.wall < 5s);
}

TEST_CASE("a second signal ends it now") {
  FakeBroker broker(Reactions{.publish = [](Peer&, const Publish&) {}});
  Process writer(pub(broker.port(), {"-d", "-t", "t", "-q", "1", "-m", "x"}));
  broker.await(PacketType::publish);
  const Clock::time_point start = Clock::now();
  writer.signal(SIGTERM);
  while (writer.running() && Clock::now() - start < 4s) {  // the second must not be merged with the first
    writer.signal(SIGTERM);
    std::this_thread::yield();
  }
  const Outcome outcome = writer.wait();
  CHECK(outcome.code == 143);
  CHECK(holds(outcome.err, "1 message"));
  CHECK(Clock::now() - start < 4s);
}

TEST_CASE("a signal while nothing is connected yet") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.expect(PacketType::connect);
    peer.expect_end();
  });
  Process reader(sub(broker.port(), {"-t", "t"}));
  broker.await(PacketType::connect);
  reader.signal(SIGINT);
  CHECK(reader.wait().code == 130);
  broker.finish();
}

TEST_CASE("a reader that is gone ends a subscriber with 0, as `mqtt-sub | head -1` does") {
  FakeBroker first(sending({"1", "2", "3"}));
  CHECK(run(with_output(sub(first.port(), {"-t", "t"}), Output::broken)).code == 0);

  FakeBroker second(sending({"1"}));
  CHECK(run({.command = {"sh", "-c", "\"$@\" | head -1", "sh", sub(Arguments{}).command[0], "-h", "127.0.0.1",
                         "-p", std::to_string(second.port()), "-t", "t", "-C", "1"}})
            .out == "1\n");

  std::promise<void> closed;
  FakeBroker third(Reactions{.subscribe = [&](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    send_text(peer, "1");
    closed.get_future().wait();
    send_text(peer, "2");
  }});
  Process reader(sub(third.port(), {"-t", "t"}));
  reader.await_lines(1);
  reader.close_output();
  closed.set_value();
  const Outcome outcome = reader.wait();
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
}

TEST_CASE("a reader that has seen enough ends a subscriber at once, but not one that does more than show") {
  const auto piped = [](const Arguments& more) {
    FakeBroker broker(sending({"first"}));
    Launch launch = sub(broker.port(), more);
    const char* script = "{ \"$@\"; echo $? >&2; } | head -n 1";
    launch.command.insert(launch.command.begin(), {"sh", "-c", script, "sh"});
    return run(launch);
  };
  const Outcome shown = piped({"-t", "t"});
  CHECK(shown.out == "first\n");
  CHECK(shown.err == "0\n");
  const Outcome judged = piped({"-t", "t", "--expect", ".payload == \"never\"", "-W", "1"});
  CHECK(judged.err.ends_with("9\n"));
}

TEST_CASE("[MQTT311-4.8.0-2] a full disk ends a subscriber with 1 and says so") {
  FakeBroker broker(sending({"1"}));
  Launch reader = with_output(sub(broker.port(), {"-t", "t", "-C", "1"}), Output::file);
  reader.output_path = "/dev/full";
  CHECK(failed_with(run(reader), 1, "no space left"));
}

TEST_CASE("a subscriber needs no standard input, and a file takes its output") {
  const TempDir dir;
  FakeBroker broker(sending({"1"}));
  Launch reader = with_input(sub(broker.port(), {"-t", "t", "-C", "1"}), Input::closed);
  reader.output = Output::file;
  reader.output_path = dir.file("out");
  CHECK(run(reader).code == 0);
  CHECK(run({.command = {"cat", dir.file("out")}}).out == "1\n");
}

TEST_CASE("[MQTT-3.1.2-20][MQTT311-3.1.2-23] an idle client sends PINGREQ within the keep alive") {
  for (const char* version : {"311", "5"}) {
    FakeBroker broker;
    Process reader(sub(broker.port(), {"-V", version, "-t", "t", "-k", "1"}));
    const RecordPtr subscribed = broker.await(PacketType::subscribe);
    const RecordPtr ping = broker.await(PacketType::pingreq);
    CHECK(ping->when - subscribed->when < 3s);  // the session's own tests are exact
  }
}

TEST_CASE("[MQTT-3.1.2-21][MQTT-3.2.2-21] the server's keep alive counts, not the client's") {
  FakeBroker broker(
      Reactions{.connect = [](Peer& peer, const Connect&) { peer.send_hex("20 06 00 00 03 13 00 01"); }});
  Process reader(sub(broker.port(), {"-t", "t", "-k", "60"}));
  const RecordPtr subscribed = broker.await(PacketType::subscribe);
  CHECK(broker.await(PacketType::pingreq)->when - subscribed->when < 3s);
}

TEST_CASE("a server that answers no PINGREQ is a connection lost") {
  FakeBroker broker(Reactions{.pingreq = [](Peer&, const Pingreq&) {}});
  const Outcome outcome = run(sub(broker.port(), {"-t", "t", "-k", "1", "--retries", "0"}));
  CHECK(outcome.code == 6);
  CHECK(holds(outcome.err, "error: "));
}

TEST_CASE("a subscriber whose reader has stopped goes on pinging and keeps its connection") {
  constexpr int pings = 3;
  std::promise<void> seen;
  FakeBroker broker([&](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.answer(peer.expect(PacketType::subscribe)->packet);
    const Buffer message = Buffer("\x30\xEB\x07\0\x01t\0", 7) + Buffer(999, 'x');
    Buffer unsent;
    for (int seen_pings = 0; seen_pings < pings;) {
      // As much as it takes, without ever stopping to listen.
      for (std::size_t got = 1; got > 0;) {
        while (unsent.size() < 100'000) unsent += message;
        got = peer.send_some(unsent);
        unsent.erase(0, got);
      }
      if (!peer.readable(100ms)) continue;
      peer.expect(PacketType::pingreq);
      ++seen_pings;
    }
    seen.set_value();
    peer.expect_end();
  });
  Process reader(with_output(sub(broker.port(), {"-t", "t", "-k", "1", "--retries", "0"}), Output::unread));
  REQUIRE(seen.get_future().wait_for(patience) == std::future_status::ready);
  CHECK(reader.running());
  if (!sanitized) CHECK(reader.peak_memory_kib() < 60'000);
  reader.read_output();
  reader.await_lines(1000);
  reader.signal(SIGTERM);
  CHECK(reader.wait().code == 143);
}
