// What can go wrong with a subscription and with what it brings.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Publish message(std::string_view topic, std::string_view payload, QoS qos = QoS::at_most_once,
                PacketId id = 0) {
  Publish publish;
  publish.topic = topic;
  publish.payload = payload;
  publish.qos = qos;
  publish.packet_id = id;
  return publish;
}

// Answers SUBSCRIBE with those octets, then sends what `then` sends.
Reactions granting(std::string codes, std::function<void(Peer&)> then = [](Peer&) {}) {
  return {.subscribe = [codes = std::move(codes), then = std::move(then)](Peer& peer,
                                                                          const Subscribe& subscribe) {
    peer.send(Suback{subscribe.packet_id, {}, codes});
    then(peer);
  }};
}

}  // namespace

TEST_CASE("every subscription refused: 8, and the reason in words") {
  for (const char* code : {"\x80", "\x83", "\x87", "\x8F", "\x91", "\x97", "\x9E", "\xA1", "\xA2"}) {
    const auto reason = static_cast<ReasonCode>(octet(*code));
    FakeBroker broker(granting(code));
    CHECK(failed_with(run(sub(broker.port(), {"-t", "t"})), 8, name_of(reason, PacketType::suback)));
    CHECK(broker.await(PacketType::disconnect));
  }
  FakeBroker old(granting("\x80"));
  CHECK(failed_with(run(sub(old.port(), {"-V", "311", "-t", "t"})), 8));
}

TEST_CASE("some subscriptions refused: the others go on, and the exit code is 8 at the end") {
  for (const char* version : {"311", "5"}) {
    CAPTURE(std::string(version));
    FakeBroker broker(
        granting(std::string("\x01\x80\x00", 3), [](Peer& peer) { peer.send(message("a", "granted")); }));
    const Outcome outcome =
        run(sub(broker.port(), {"-V", version, "-t", "a", "-t", "b", "-t", "c", "-q", "1", "-C", "1"}));
    CHECK(outcome.out == "granted\n");
    CHECK(outcome.code == 8);
    CHECK(holds(outcome.err, "'b'"));
    CHECK_FALSE(holds(outcome.err, "'a'"));
  }
}

TEST_CASE("an unsubscription refused: 8 at the end, and the reason in words") {
  FakeBroker broker(Reactions{.unsubscribe = [](Peer& peer, const Unsubscribe& unsubscribe) {
    peer.send(Unsuback{unsubscribe.packet_id, {}, "\x87"});
  }});
  CHECK(failed_with(run(sub(broker.port(), {"-t", "a", "-U", "b", "-E"})), 8, "not authorized"));
}

TEST_CASE("a server that never answers SUBSCRIBE: 5 when -W is over") {
  FakeBroker broker(Reactions{.subscribe = [](Peer&, const Subscribe&) {}});
  CHECK(failed_with(run(sub(broker.port(), {"-t", "t", "-E", "-W", "0.3"})), 5));
}

TEST_CASE("a message that comes before SUBACK is shown") {
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.send(message("t", "early"));
    peer.answer(subscribe);
    peer.send(message("t", "late"));
  }});
  CHECK(run(sub(broker.port(), {"-t", "t", "-C", "2"})).out == "early\nlate\n");
}

TEST_CASE(
    "[MQTT-3.3.4-1][MQTT311-3.3.4-1][MQTT-2.2.1-5][MQTT311-2.3.1-6] what comes is answered by its QoS, with "
    "its identifier") {
  for (const char* version : {"311", "5"}) {
    FakeBroker broker(granting("\x02", [](Peer& peer) {
      peer.send(message("t", "0"));
      peer.send(message("t", "1", QoS::at_least_once, 0xABCD));
      peer.send(message("t", "2", QoS::exactly_once, 0xABCE));
    }));
    Process reader(sub(broker.port(), {"-V", version, "-t", "t", "-q", "2"}));
    CHECK(broker.await(PacketType::puback)->as<Puback>().packet_id == 0xABCD);
    CHECK(broker.await(PacketType::pubrec)->as<Pubrec>().packet_id == 0xABCE);
    CHECK(broker.await(PacketType::pubcomp)->as<Pubcomp>().packet_id == 0xABCE);
    reader.await_out("0\n1\n2\n");
  }
}

TEST_CASE(
    "[MQTT-4.3.3-10][MQTT311-4.3.3-2] a QoS 2 message is shown once however often it is sent before PUBREL") {
  FakeBroker broker(granting("\x02", [](Peer& peer) {
    Publish twice = message("t", "once", QoS::exactly_once, 7);
    peer.send(twice);
    twice.dup = true;
    peer.send(twice);
    peer.send(Pubrel{{7, ReasonCode::success, {}}});
    peer.send(message("t", "new", QoS::exactly_once, 7));
  }));
  Process reader(sub(broker.port(), {"-t", "t", "-q", "2", "-C", "2"}));
  CHECK(reader.wait().out == "once\nnew\n");
  CHECK(broker.records(PacketType::pubrec).size() == 3);
}

TEST_CASE("a malformed packet: what came before is shown, DISCONNECT says 0x81, and 1") {
  for (const char* bytes : {"36 05 00 01 74 00 01", "30 04 00 09 74 00", "b5 00", "91 03 00 01 00"}) {
    CAPTURE(std::string(bytes));
    FakeBroker broker(granting(std::string(1, '\0'), [bytes](Peer& peer) {
      peer.send(message("t", "good"));
      peer.send_hex(bytes);
    }));
    const Outcome outcome = run(sub(broker.port(), {"-t", "t", "--retries", "0"}));
    CHECK(failed_with(outcome, 1));
    CHECK(outcome.out == "good\n");
    CHECK(broker.await(PacketType::disconnect)->as<Disconnect>().reason == ReasonCode::malformed_packet);
  }
}

TEST_CASE("a packet above what the client takes: DISCONNECT says 0x95, without waiting for its end") {
  FakeBroker broker(
      granting(std::string(1, '\0'), [](Peer& peer) { peer.send_hex("30 ff ff ff 7f 00 01 74 00"); }));
  CHECK(failed_with(
      run(sub(broker.port(), {"-t", "t", "--retries", "0", "-D", "connect", "maximum-packet-size", "1000"})),
      1));
  CHECK(broker.await(PacketType::disconnect)->as<Disconnect>().reason == ReasonCode::packet_too_large);
}

TEST_CASE(
    "[MQTT-3.3.2-10] topic aliases from 1 to the announced maximum are understood, others are an error") {
  FakeBroker broker(granting(std::string(1, '\0'), [](Peer& peer) {
    peer.send_hex("30 08 00 01 61 03 23 00 05 31");  // alias 5 = a
    peer.send_hex("30 07 00 00 03 23 00 05 32");
    peer.send_hex("30 08 00 01 62 03 23 00 05 33");  // alias 5 = b
    peer.send_hex("30 07 00 00 03 23 00 05 34");
    peer.send_hex("30 07 00 00 03 23 00 06 35");
  }));
  const Outcome outcome = run(
      sub(broker.port(), {"-t", "#", "-v", "--retries", "0", "-D", "connect", "topic-alias-maximum", "5"}));
  CHECK(outcome.out == "a 1\na 2\nb 3\nb 4\n");
  CHECK(failed_with(outcome, 1));
  CHECK(broker.await(PacketType::disconnect)->as<Disconnect>().reason == ReasonCode::topic_alias_invalid);
}

TEST_CASE("bytes that come one by one are the same messages") {
  FakeBroker broker(granting(std::string(1, '\0'), [](Peer& peer) {
    for (const char byte : Buffer("\x30\x08\0\x01t\0slow\x30\x08\0\x01t\0ly..", 20)) {
      peer.send_bytes(Bytes(&byte, 1));
      peer.pause(1ms);
    }
  }));
  CHECK(run(sub(broker.port(), {"-t", "t", "-C", "2"})).out == "slow\nly..\n");
}
