// What can go wrong with a publish: each with its own exit code and one true sentence.
#include <doctest/doctest.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Launch publish(const FakeBroker& broker, const Arguments& more = {}) {
  Arguments arguments{"-t", "t", "-m", "x", "-q", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return pub(broker.port(), arguments);
}

Reactions on_publish(std::function<void(Peer&, const Publish&)> reaction) {
  return {.publish = std::move(reaction)};
}

}  // namespace

TEST_CASE("a server that never acknowledges: 5 when -W is over, and how many are missing") {
  FakeBroker broker(on_publish([](Peer&, const Publish&) {}));
  const Outcome one = run(publish(broker, {"-W", "0.3"}));
  CHECK(failed_with(one, 5, "1 message"));
  CHECK(one.wall >= 300ms);
  CHECK(one.wall < 5s);
  CHECK(
      failed_with(run(with_input(pub(broker.port(), {"-t", "t", "-q", "2", "-l", "-W", "0.3"}), "1\n2\n3\n")),
                  5, "3 messages"));
}

TEST_CASE("a publish that the server refuses: 8, and the reason in words") {
  for (const ReasonCode reason :
       {ReasonCode::not_authorized, ReasonCode::quota_exceeded, ReasonCode::topic_name_invalid,
        ReasonCode::payload_format_invalid, ReasonCode::unspecified_error}) {
    const std::string_view words = name_of(reason, PacketType::puback);
    CAPTURE(words);
    FakeBroker broker(on_publish([reason](Peer& peer, const Publish& message) {
      if (message.qos == QoS::exactly_once) return peer.send(Pubrec{{message.packet_id, reason, {}}});
      peer.send(Puback{{message.packet_id, reason, {}}});
    }));
    CHECK(failed_with(run(publish(broker)), 8, words));
    CHECK(failed_with(run(publish(broker, {"-q", "2"})), 8, words));
  }
}

TEST_CASE("one refusal among many: the others are sent, and the exit code is 8 all the same") {
  FakeBroker broker(on_publish([](Peer& peer, const Publish& message) {
    const bool refused = message.payload == "2";
    peer.send(Puback{{message.packet_id, refused ? ReasonCode::quota_exceeded : ReasonCode::success, {}}});
  }));
  CHECK(failed_with(run(with_input(pub(broker.port(), {"-t", "t", "-q", "1", "-l"}), "1\n2\n3\n4\n")), 8));
  CHECK(broker.records(PacketType::publish).size() == 4);
}

TEST_CASE("0x10, no matching subscribers, is success") {
  FakeBroker broker(on_publish([](Peer& peer, const Publish& message) {
    if (message.qos == QoS::exactly_once)
      return peer.send(Pubrec{{message.packet_id, ReasonCode::no_matching_subscribers, {}}});
    peer.send(Puback{{message.packet_id, ReasonCode::no_matching_subscribers, {}}});
  }));
  const Outcome outcome = run(publish(broker));
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "");
  CHECK(run(publish(broker, {"-q", "2"})).code == 0);
}

TEST_CASE("a connection that ends before the acknowledgement: 6, and how many are missing") {
  const auto ending = [](bool with_reset) {
    return [with_reset](FakeBroker& self) {
      while (true) {
        Peer peer = self.accept(1h);
        peer.welcome();
        peer.expect(PacketType::publish);
        if (with_reset)
          peer.reset();
        else
          peer.finish();
      }
    };
  };
  for (const bool with_reset : {false, true}) {
    FakeBroker broker(ending(with_reset));
    for (const char* version : {"311", "5"}) {
      for (const char* qos : {"1", "2"}) {
        const Outcome outcome = run(publish(broker, {"-V", version, "-q", qos}));
        CHECK(failed_with(outcome, 6));
        CHECK(holds(outcome.err, "1 message"));
      }
    }
  }
}

TEST_CASE("a server that says why it goes is quoted") {
  FakeBroker broker(on_publish([](Peer& peer, const Publish&) {
    Disconnect disconnect;
    disconnect.reason = ReasonCode::server_shutting_down;
    peer.send(disconnect);
    peer.finish();
  }));
  CHECK(failed_with(run(publish(broker)), 6, "shutting down"));
}

TEST_CASE(
    "[MQTT-2.1.3-1][MQTT-3.3.1-4][MQTT-3.6.1-1][MQTT-3.14.1-1] a malformed packet: DISCONNECT 0x81 and 1") {
  for (const char* bytes :
       {"41 02 00 01", "36 05 00 01 74 00 01", "60 02 00 01", "e1 00", "40 01 00", "f1 00"}) {
    CAPTURE(std::string(bytes));
    FakeBroker broker(on_publish([bytes](Peer& peer, const Publish&) { peer.send_hex(bytes); }));
    CHECK(failed_with(run(publish(broker)), 1));
    CHECK(broker.await(PacketType::disconnect)->as<Disconnect>().reason == ReasonCode::malformed_packet);
  }
}

TEST_CASE("[MQTT311-2.2.2-2][MQTT311-4.8.0-1] a malformed packet at 3.1.1: the connection is closed, and 1") {
  FakeBroker broker(on_publish([](Peer& peer, const Publish&) {
    peer.send_hex("41 02 00 01");
    peer.expect_end();
  }));
  CHECK(failed_with(run(publish(broker, {"-V", "311"})), 1));
}

TEST_CASE("a packet that has no place here: DISCONNECT 0x82 and 1") {
  for (const char* bytes : {"20 03 00 00 00", "c0 00", "82 07 00 01 00 00 01 74 00"}) {
    CAPTURE(std::string(bytes));
    FakeBroker broker(on_publish([bytes](Peer& peer, const Publish&) { peer.send_hex(bytes); }));
    CHECK(failed_with(run(publish(broker)), 1));
    CHECK(broker.await(PacketType::disconnect)->as<Disconnect>().reason == ReasonCode::protocol_error);
  }
}

TEST_CASE(
    "[MQTT-3.2.2-11][MQTT-3.2.2-14][MQTT-3.2.2-15] what the server has said that it does not take is not "
    "sent: 8") {
  struct Limit {
    const char* connack;
    Arguments arguments;
  };
  const std::vector<Limit> limits{
      {"20 05 00 00 02 24 00", {"-q", "1"}},                    // maximum QoS 0
      {"20 05 00 00 02 25 00", {"-r"}},                         // no retained messages
      {"20 08 00 00 05 27 00 00 00 10", {"-m", "123456789"}}};  // 16 bytes a packet
  for (const auto& [connack, arguments] : limits) {
    CAPTURE(std::string(connack));
    FakeBroker broker(
        Reactions{.connect = [bytes = connack](Peer& peer, const Connect&) { peer.send_hex(bytes); }});
    CHECK(failed_with(run(publish(broker, arguments)), 8));
    CHECK(broker.records(PacketType::publish).empty());
  }
}

TEST_CASE("[MQTT-3.3.4-7][MQTT-4.9.0-1][MQTT-4.9.0-2] no more are in flight than the server takes") {
  int in_flight = 0, most = 0;  // the broker's thread alone, until it has ended
  {
    std::vector<PacketId> held;
    FakeBroker broker(
        Reactions{.connect = [](Peer& peer, const Connect&) { peer.send_hex("20 06 00 00 03 21 00 03"); },
                  .publish =
                      [&](Peer& peer, const Publish& message) {
                        held.push_back(message.packet_id);
                        most = std::max(most, ++in_flight);
                        if (held.size() < 3) return;
                        for (const PacketId id : held) peer.send(Puback{{id, ReasonCode::success, {}}});
                        held.clear();
                        in_flight = 0;
                      }});
    Buffer lines;
    for (int i = 0; i < 30; ++i) lines += "x\n";
    CHECK(run(with_input(pub(broker.port(), {"-t", "t", "-q", "1", "-l"}), lines)).code == 0);
    CHECK(broker.records(PacketType::publish).size() == 30);
  }
  CHECK(most == 3);
}

TEST_CASE("-M bounds what is in flight as well") {
  FakeBroker broker(on_publish([](Peer&, const Publish&) {}));
  Process writer(
      with_input(pub(broker.port(), {"-t", "t", "-q", "1", "-l", "-M", "2", "-W", "0.5"}), "1\n2\n3\n4\n"));
  CHECK(writer.wait().code == 5);
  CHECK(broker.records(PacketType::publish).size() == 2);
}

TEST_CASE("-W covers a server whose system does not even take the connection") {
  const FileHandle listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::bind(listener.get(), generic, size) == 0);
  REQUIRE(::listen(listener.get(), 0) == 0);
  REQUIRE(::getsockname(listener.get(), generic, &size) == 0);
  std::vector<FileHandle> waiting;  // more than its queue holds
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    (void)::connect(waiting.back().get(), generic, size);
  }
  const Outcome outcome = run(pub(ntohs(address.sin_port), {"-t", "t", "-m", "x", "-W", "0.3"}));
  CHECK(failed_with(outcome, 5, "no connection to"));
  CHECK(outcome.wall >= 300ms);
  CHECK(outcome.wall < 5s);
}

TEST_CASE("-W covers a server that reads nothing, and one that never ends a QoS 2 exchange") {
  FakeBroker deaf([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.hold();
  });
  const Outcome stuck = run(pub(deaf.port(), {"-t", "t", "--size", "32M", "-W", "0.5"}));
  CHECK(failed_with(stuck, 5, "the server does not take what is sent"));
  CHECK(stuck.wall < 5s);
  FakeBroker silent(Reactions{.pubrel = [](Peer&, const Pubrel&) {}});
  CHECK(failed_with(run(publish(silent, {"-q", "2", "-W", "0.3"})), 5, "1 message was not acknowledged"));
}
