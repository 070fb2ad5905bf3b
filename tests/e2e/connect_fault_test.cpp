// Everything that can go wrong up to CONNACK: each with its own exit code, one true sentence, and in time.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/file_handle.hpp"
#include "peers/temp_dir.hpp"
#include "wire/reason_code.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

// Both programs, with little to do and the given options.
std::vector<Launch> both(std::uint16_t port, const Arguments& options) {
  Arguments publish{"-t", "t", "-m", "x", "-q", "1"}, subscribe{"-t", "t", "-E"};
  publish.insert(publish.end(), options.begin(), options.end());
  subscribe.insert(subscribe.end(), options.begin(), options.end());
  return {pub(port, publish), sub(port, subscribe)};
}

FakeBroker::Script each_time(std::function<void(Peer&)> answer) {
  return [answer = std::move(answer)](FakeBroker& self) {
    while (true) {
      Peer peer = self.accept(1h);
      peer.expect(PacketType::connect);
      answer(peer);
    }
  };
}

}  // namespace

TEST_CASE("a server that never answers CONNECT: 5 when -W is over, 5 when --connect-timeout is") {
  FakeBroker broker(each_time([](Peer& peer) { peer.expect_end(); }));
  for (const char* limit : {"-W", "--connect-timeout"}) {
    CAPTURE(std::string(limit));
    for (const Launch& launch : both(broker.port(), {limit, "0.3"})) {
      const Outcome outcome = run(launch);
      CHECK(failed_with(outcome, 5));
      CHECK(outcome.wall >= 300ms);
      CHECK(outcome.wall < 5s);
    }
  }
}

TEST_CASE(
    "[MQTT-3.1.2-2][MQTT-4.13.2-1] every reason of 5.0 to refuse CONNECT: 4, and the reason in words, tried "
    "once") {
  std::vector<ReasonCode> refusals;
  for (const ReasonRow& row : reason_rows())
    if (is_failure(row.code) && (row.by_server & bit_of(PacketType::connack)) != 0)
      refusals.push_back(row.code);
  REQUIRE(refusals.size() >= 20);
  FakeBroker broker([&refusals](FakeBroker& self) {
    for (const ReasonCode reason : refusals) {
      for (int program = 0; program < 2; ++program) {
        Peer peer = self.accept();
        peer.expect(PacketType::connect);
        Connack connack;
        connack.reason = reason;
        peer.send(connack);
        peer.expect_end();  // the client closes, the server need not
      }
    }
  });
  for (const ReasonCode reason : refusals)
    for (const Launch& launch : both(broker.port(), {"-V", "5"}))
      CHECK(failed_with(run(launch), 4, name_of(reason, PacketType::connack)));
  broker.finish();
  CHECK(broker.connections() == static_cast<int>(refusals.size()) * 2);
}

TEST_CASE("[MQTT311-3.1.2-2] every return code of 3.1.1 and 3.1: 4") {
  for (const char* version : {"31", "311"}) {
    for (const char* code : {"01", "02", "03", "04", "05"}) {
      CAPTURE(std::string(version));
      CAPTURE(std::string(code));
      FakeBroker broker(each_time([code](Peer& peer) {
        peer.send_hex(std::string("20 02 00 ") + code);
        peer.finish();
      }));
      for (const Launch& launch : both(broker.port(), {"-V", version})) CHECK(failed_with(run(launch), 4));
      CHECK(broker.connections() == 2);
    }
  }
}

TEST_CASE("the server's own words about a refusal are shown") {
  FakeBroker broker(each_time([](Peer& peer) {
    Connack connack;
    connack.reason = ReasonCode::not_authorized;
    PropertyList properties;
    (void)properties.add(PropertyId::reason_string, "come back\non \x1b[1mMonday");
    connack.properties = properties.view();
    peer.send(connack);
    peer.finish();
  }));
  for (const Launch& launch : both(broker.port(), {})) {
    const Outcome outcome = run(launch);
    CHECK(failed_with(outcome, 4, "come back"));
    CHECK_FALSE(holds(outcome.err, "\x1b"));
    CHECK_FALSE(holds(outcome.err, "back\non"));
  }
}

TEST_CASE("nobody listens: 3, at once") {
  const FileHandle reserved = bind_loopback();
  for (const Launch& launch : both(port_of(reserved), {})) {
    const Outcome outcome = run(launch);
    CHECK(failed_with(outcome, 3, "127.0.0.1:" + std::to_string(port_of(reserved)) + ": connection refused"));
    CHECK(outcome.wall < 5s);
  }
  const TempDir dir;
  CHECK(failed_with(run(pub({"--unix", dir.file("none"), "-t", "t", "-m", "x"})), 3, "no such file"));
}

TEST_CASE("an unknown host: 3 when a name server says so, 5 when none answers, and in time") {
  for (const Launch& launch : {pub({"-h", "mqttkit.invalid", "-t", "t", "-m", "x", "-W", "1"}),
                               sub({"-h", "mqttkit.invalid", "-t", "t", "-W", "1", "--retries", "9"})}) {
    const Outcome outcome = run(launch);
    const bool known_to_be_unknown = outcome.code == 3;
    CHECK((known_to_be_unknown || outcome.code == 5));
    CHECK(holds(outcome.err, "mqttkit.invalid"));
    CHECK(outcome.wall < 4s);
  }
}

TEST_CASE("a connection that ends within CONNACK, after any byte of it: 6") {
  const Buffer v5("\x20\x03\0\0\0", 5), v311("\x20\x02\0\0", 4);
  for (const Buffer& connack : {v5, v311}) {
    const char* version = connack.size() == 5 ? "5" : "311";
    for (std::size_t length = 0; length < connack.size(); ++length) {
      CAPTURE(std::string(version));
      CAPTURE(length);
      FakeBroker broker(each_time([&](Peer& peer) {
        peer.send_bytes(Bytes(connack).substr(0, length));
        peer.finish();
      }));
      for (const Launch& launch : both(broker.port(), {"-V", version})) CHECK(failed_with(run(launch), 6));
      CHECK(broker.connections() == 2);
    }
  }
  FakeBroker resetting(each_time([](Peer& peer) { peer.reset(); }));
  for (const Launch& launch : both(resetting.port(), {})) CHECK(failed_with(run(launch), 6));
}

TEST_CASE("what is no CONNACK in its place ends with 1") {
  for (const char* answer : {"d0 00",                       // PINGRESP
                             "40 02 00 01",                 // PUBACK
                             "20 03 02 00 00",              // reserved flag
                             "20 03 00 01 00",              // no reason code
                             "20 ff ff ff ff 01",           // overlong length
                             "00 00",                       // no packet type
                             "20 06 00 00 03 21 00 00"}) {  // receive maximum 0
    CAPTURE(std::string(answer));
    FakeBroker broker(each_time([answer](Peer& peer) {
      peer.send_hex(answer);
      peer.finish();
    }));
    for (const Launch& launch : both(broker.port(), {"-V", "5"})) CHECK(failed_with(run(launch), 1));
  }
}

TEST_CASE("a web server in its place ends with 1") {
  FakeBroker broker(each_time([](Peer& peer) {
    peer.send_bytes(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n\r\n400");
    peer.finish();
  }));
  for (const Launch& launch : both(broker.port(), {})) CHECK(failed_with(run(launch), 1));
}

TEST_CASE("the first connection is tried once, and as often as --retries says") {
  const auto third_time = [](FakeBroker& self) {
    for (int i = 0; i < 2; ++i) {
      Peer peer = self.accept();
      peer.expect(PacketType::connect);
    }
    self.accept().serve();
  };
  FakeBroker patient(third_time);
  CHECK(run(pub(patient.port(), {"-t", "t", "-m", "x", "-q", "1", "--retries", "2", "--retry-delay", "0.05"}))
            .code == 0);
  CHECK(patient.connections() == 3);
  FakeBroker twice(third_time);
  const Outcome outcome =
      run(pub(twice.port(), {"-t", "t", "-m", "x", "--retries", "1", "--retry-delay", "0.05"}));
  CHECK(failed_with(outcome, 6));
  CHECK(twice.connections() == 2);
}

TEST_CASE("refused credentials are never tried again") {
  for (const char* code : {"86", "87"}) {
    FakeBroker broker(each_time([code](Peer& peer) {
      peer.send_hex(std::string("20 03 00 ") + code + " 00");
      peer.finish();
    }));
    for (const Launch& launch : both(broker.port(), {"--retries", "-1", "--retry-delay", "0.05"}))
      CHECK(failed_with(run(launch), 4));
    CHECK(broker.connections() == 2);
  }
}
