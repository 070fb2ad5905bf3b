// Sessions that outlive a connection and a run.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

namespace {

Publish message(PacketId id, QoS qos, std::string_view payload, bool dup = false) {
  Publish publish;
  publish.topic = "t";
  publish.packet_id = id;
  publish.qos = qos;
  publish.payload = payload;
  publish.dup = dup;
  return publish;
}

// Whether the client is back with its session: 20 02 01 00 / 20 03 01 00 00.
void resume(Peer& peer, bool session_present) {
  const RecordPtr connect = peer.expect(PacketType::connect);
  if (connect->as<Connect>().clean_start) throw PeerFailure("the client wants a clean start");
  Connack connack;
  connack.session_present = session_present;
  peer.send(connack);
}

}  // namespace

TEST_CASE(
    "[MQTT-3.1.2-23][MQTT311-3.1.2-4] what came between two runs of a subscriber is delivered in the "
    "second") {
  if (!have_mosquitto()) return;
  for (const char* version : {"31", "311", "5"}) {
    for (const char* qos : {"1", "2"}) {
      CAPTURE(std::string(version));
      CAPTURE(std::string(qos));
      const Mosquitto broker;
      const Arguments session{"-V", version, "-i", "lasting", "-c", "-q", qos, "-t", "s/#"};
      Arguments first = session, second = session;
      first.emplace_back("-E");
      second.insert(second.end(), {"-C", "2"});
      CHECK(run(sub(broker.port(), first)).code == 0);
      for (const char* payload : {"one", "two"})
        CHECK(run(pub(broker.port(), {"-q", qos, "-t", "s/1", "-m", payload})).code == 0);
      const Outcome outcome = run(sub(broker.port(), second));
      CHECK(outcome.code == 0);
      CHECK(outcome.out == "one\ntwo\n");
    }
  }
}

TEST_CASE("-x 0 leaves no session behind") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Arguments session{"-i", "brief", "-c", "-x", "0", "-q", "1", "-t", "s"};
  Arguments first = session, second = session;
  first.emplace_back("-E");
  second.insert(second.end(), {"-C", "1"});
  CHECK(run(sub(broker.port(), first)).code == 0);
  CHECK(run(pub(broker.port(), {"-q", "1", "-t", "s", "-m", "missed"})).code == 0);
  const std::size_t before = broker.log().size();
  Process reader(sub(broker.port(), second));
  broker.await_log(": brief 1 s\n", before);
  CHECK(run(pub(broker.port(), {"-q", "1", "-t", "s", "-m", "live"})).code == 0);
  CHECK(reader.wait().out == "live\n");
}

TEST_CASE(
    "[MQTT311-4.3.3-2][MQTT-4.1.0-1] --session-file: a QoS 2 message of the last run is not shown again") {
  for (const char* version : {"311", "5"}) {
    CAPTURE(std::string(version));
    const TempDir dir;
    FakeBroker broker([](FakeBroker& self) {
      {
        Peer peer = self.accept();
        resume(peer, false);
        peer.answer(peer.expect(PacketType::subscribe)->packet);
        peer.send(message(7, QoS::exactly_once, "first"));
        peer.expect(PacketType::pubrec);
        peer.finish();
      }
      Peer peer = self.accept();
      resume(peer, true);
      peer.send(message(7, QoS::exactly_once, "first", true));
      while (true) {  // a SUBSCRIBE may come first
        const RecordPtr record = peer.next();
        if (!record) throw PeerFailure("no PUBREC");
        if (record->type() == PacketType::pubrec) break;
        peer.answer(record->packet);
      }
      peer.send(Pubrel{{7, ReasonCode::success, {}}});
      while (true) {
        const RecordPtr record = peer.next();
        if (!record) throw PeerFailure("no PUBCOMP");
        if (record->type() == PacketType::pubcomp) break;
        peer.answer(record->packet);
      }
      peer.send(message(7, QoS::exactly_once, "second"));
      peer.serve();
    });
    const Launch reader = sub(broker.port(), {"-V", version, "-i", "s", "-t", "t", "-q", "2", "-C", "1",
                                              "--session-file", dir.file("session")});
    CHECK(run(reader).out == "first\n");
    const Outcome again = run(reader);
    CHECK(again.code == 0);
    CHECK(again.out == "second\n");
    broker.finish();
  }
}

TEST_CASE(
    "[MQTT-3.3.1-1][MQTT-4.4.0-1][MQTT311-3.3.1-1][MQTT311-4.4.0-1] --session-file: what the last run could "
    "not "
    "have acknowledged is sent again, first and with DUP") {
  for (const char* version : {"311", "5"}) {
    CAPTURE(std::string(version));
    const TempDir dir;
    FakeBroker broker([](FakeBroker& self) {
      {
        Peer peer = self.accept();
        resume(peer, false);
        peer.expect(PacketType::publish);
        peer.expect_end();
      }
      Peer peer = self.accept();
      resume(peer, true);
      peer.serve();
    });
    const auto publish = [&](const char* payload, const char* seconds) {
      return run(pub(broker.port(), {"-V", version, "-i", "s", "-t", "t", "-q", "1", "-m", payload, "-W",
                                     seconds, "--session-file", dir.file("session")}));
    };
    CHECK(failed_with(publish("one", "0.3"), 5, "1"));
    CHECK(publish("two", "10").code == 0);
    const std::vector<RecordPtr> sent = broker.records(PacketType::publish);
    REQUIRE(sent.size() == 3);
    CHECK_FALSE(sent[0]->as<Publish>().dup);
    CHECK(sent[1]->as<Publish>().dup);
    CHECK(sent[1]->as<Publish>().payload == "one");
    CHECK(sent[1]->as<Publish>().packet_id == sent[0]->as<Publish>().packet_id);
    CHECK(sent[2]->as<Publish>().payload == "two");
    CHECK_FALSE(sent[2]->as<Publish>().dup);
  }
}

TEST_CASE("[MQTT-3.2.2-5] a server that has lost the session gets the unacknowledged message as a new one") {
  const TempDir dir;
  FakeBroker broker([](FakeBroker& self) {
    {
      Peer peer = self.accept();
      resume(peer, false);
      peer.expect(PacketType::publish);
      peer.expect_end();
    }
    Peer peer = self.accept();
    resume(peer, false);
    peer.serve();
  });
  const auto publish = [&](const char* payload, const char* seconds) {
    return run(pub(broker.port(), {"-i", "s", "-t", "t", "-q", "2", "-m", payload, "-W", seconds,
                                   "--session-file", dir.file("session")}));
  };
  CHECK(publish("one", "0.3").code == 5);
  CHECK(publish("two", "10").code == 0);
  const std::vector<RecordPtr> sent = broker.records(PacketType::publish);
  REQUIRE(sent.size() == 3);
  CHECK(sent[1]->as<Publish>().payload == "one");
  CHECK_FALSE(sent[1]->as<Publish>().dup);
}

TEST_CASE("[MQTT-3.2.2-4] a client without a session closes when the server claims one") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.expect(PacketType::connect);
    peer.send_hex("20 03 01 00 00");
    peer.expect_end();
  });
  CHECK(failed_with(run(sub(broker.port(), {"-t", "t", "--retries", "0"})), 1, "session"));
  broker.finish();
}

TEST_CASE("a session file that is none, or another client's, is refused before a connection is made") {
  const TempDir dir;
  FakeBroker broker;
  const std::string file = dir.write("session", "this is no session file\n");
  CHECK(failed_with(run(sub(broker.port(), {"-i", "s", "-t", "t", "--session-file", file})), 2));
  CHECK(failed_with(run(sub(broker.port(), {"-t", "t", "--session-file", dir.file("new")})), 2, "-i"));
  CHECK(broker.connections() == 0);
}

TEST_CASE("a session file goes on after a fall-back to 3.1.1") {
  FakeBroker broker({.connect = [](Peer& peer, const Connect& connect) {
    if (connect.version == Version::v5)
      peer.send_hex("20 02 00 01");  // as servers say that know only 3.1.1
    else
      peer.send(Connack{!connect.clean_start && peer.number() > 2, ReasonCode::success, {}});
  }});
  const TempDir dir;
  const Arguments arguments{"-i", "w", "--session-file", dir.file("session"), "-t", "t", "-m", "x",
                            "-q", "2"};
  CHECK(run(pub(broker.port(), arguments)).code == 0);
  const Outcome again = run(pub(broker.port(), arguments));
  CHECK(again.code == 0);
  CHECK(again.err.empty());
  CHECK(broker.connections() == 3);  // asked in 5.0 once
}
