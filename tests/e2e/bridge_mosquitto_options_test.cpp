// The options of mosquitto's bridges that have a like here, each with its effect on a bridge that runs. What
// has none is named by import: bridge.mosquitto_import.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include "e2e/bridge_mosquitto.hpp"
#include "peers/fake_broker.hpp"

using namespace mq;

namespace {

constexpr std::array both_ways{BridgedBy::mosquitto, BridgedBy::mqtt_bridge};

// What CONNECT says to the remote server, in words.
std::string connect_text(const Connect& connect) {
  return fmt::format("{} bridge {} clean {} keep {} id {} user {} password {} will {}",
                     static_cast<int>(connect.version), connect.bridge, connect.clean_start,
                     connect.keep_alive, connect.client_id, connect.user_name.value_or("-"),
                     connect.password.value_or("-"), connect.will ? connect.will->topic : "-");
}

std::string connect_of(BridgedBy by, const std::string& lines) {
  FakeBroker remote;
  const SectionRun run(
      by, {.lines = fmt::format("address 127.0.0.1:{}\ntopic a/# both 1\n", remote.port()) + lines});
  return connect_text(remote.await(PacketType::connect)->as<Connect>());
}

void publish(const Mosquitto& at, const std::string& topic, const std::string& payload) {
  CHECK(run(pub(at.port(), {"-t", topic, "-q", "1", "-m", payload})).code == 0);
}

// What comes there.
Process checker_at(Mosquitto& broker) {
  Process checker(sub(broker.port(), {"-t", "a/#", "-q", "2", "-i", "checker", "-F", "%t %p"}));
  broker.await_subscription("checker", "a/#");
  return checker;
}

const BridgeSection both_directions{"topic a/# both 1\n", {"a/#"}, {"a/#"}};

BridgeSection with_lines(const std::string& lines) {
  BridgeSection section = both_directions;
  section.lines += lines;
  return section;
}

}  // namespace

TEST_CASE("mosquitto.conf: CONNECT says what mosquitto's says") {
  if (!have_mosquitto()) return;
  for (const std::string lines :
       {"bridge_protocol_version mqttv311\nkeepalive_interval 33\ncleansession false\nstart_type automatic\n",
        "bridge_protocol_version mqttv31\nremote_username ru\nremote_password r p\n",
        "bridge_protocol_version mqttv50\nusername ru\npassword rp\n",
        "bridge_protocol_version mqttv311\ntry_private false\nremote_username ru\n"}) {
    CAPTURE(lines);
    CHECK(connect_of(BridgedBy::mqtt_bridge, lines + "notifications false\n") ==
          connect_of(BridgedBy::mosquitto, lines + "notifications false\n"));
  }
}

// mosquitto 2.0.11 has none of them yet.
TEST_CASE("mosquitto.conf: bridge_receive_maximum, bridge_max_topic_alias, bridge_session_expiry_interval") {
  FakeBroker remote;
  if (!have_mosquitto()) return;
  const SectionRun run(BridgedBy::mqtt_bridge,
                       {.lines = fmt::format("address 127.0.0.1:{}\ntopic a/#\n"
                                             "bridge_protocol_version mqttv50\nbridge_receive_maximum 9\n"
                                             "bridge_max_topic_alias 4\nbridge_session_expiry_interval 77\n",
                                             remote.port())});
  const RecordPtr record = remote.await(PacketType::connect);
  const Properties said = record->as<Connect>().properties;
  CHECK(said.number(PropertyId::receive_maximum) == 9U);
  CHECK(said.number(PropertyId::topic_alias_maximum) == 4U);
  CHECK(said.number(PropertyId::session_expiry_interval) == 77U);
}

TEST_CASE("mosquitto.conf: local_username and local_password are for the local broker") {
  if (!have_mosquitto()) return;
  SectionRun ran(BridgedBy::mqtt_bridge,
                 with_lines("local_username lu\nlocal_password lp\nremote_username ru\nremote_password rp\n"),
                 {.users = {{"ru", "rp"}}}, {.users = {{"lu", "lp"}}});
  ran.await_carrying();
  CHECK(holds(ran.local.log(), " as lid (p5, c0, k60, u'lu')"));
  CHECK(holds(ran.remote.log(), " as rid (p5, c0, k60, u'ru')"));
}

// mosquitto 2.0.11 itself takes any address.
TEST_CASE("mosquitto.conf: bridge_bind_address") {
  if (!have_mosquitto()) return;
  SectionRun ran(BridgedBy::mqtt_bridge, with_lines("bridge_bind_address 127.0.0.2\n"));
  ran.await_carrying();
  CHECK(holds(ran.remote.log(), "New client connected from 127.0.0.2:"));
}

TEST_CASE("mosquitto.conf: several addresses, of which the first has no server, all equal (round_robin)") {
  if (!have_mosquitto()) return;
  for (const std::string word : {"address", "addresses"})
    for (const BridgedBy by : both_ways) {
      SectionRun ran(by, with_lines(word + " 127.0.0.1:{remote2} 127.0.0.1:{remote}\nround_robin true\n"
                                           "restart_timeout 1\n"));
      ran.await_carrying();
      Process checker = checker_at(ran.remote);
      publish(ran.local, "a/1", "x");
      checker.await_out("a/1 x\n");
    }
}

TEST_CASE("mosquitto.conf: cleansession false keeps what comes while the bridge is away") {
  if (!have_mosquitto()) return;
  for (const BridgedBy by : both_ways) {
    SectionRun ran(by, with_lines("cleansession false\n"));
    ran.await_carrying();
    ran.stop();
    publish(ran.remote, "a/1", "kept");
    if (by == BridgedBy::mosquitto) {  // starts with its local broker: a subscriber may come too late
      ran.start();
      ran.await_carrying();
      continue;
    }
    Process checker = checker_at(ran.local);
    ran.start();
    checker.await_out("a/1 kept\n");
  }
}

TEST_CASE(
    "mosquitto.conf: restart_timeout, after which a remote broker that was away is connected to again") {
  if (!have_mosquitto()) return;
  for (const BridgedBy by : both_ways) {
    SectionRun ran(by, with_lines("restart_timeout 1\n"));
    ran.await_carrying();
    ran.remote.stop();
    publish(ran.local, "a/1", "while away");
    ran.remote.start();
    ran.remote.await_log(" as rid ");
    Process checker = checker_at(ran.remote);
    publish(ran.local, "a/1", "after");
    checker.await_out("a/1 after\n");
    // A part of the pause is left to chance.
    if (by == BridgedBy::mqtt_bridge) {
      CHECK(holds(ran.said(), "; trying 127.0.0.1:"));
      CHECK_FALSE(holds(ran.said(), " in 2."));
    }
  }
}

TEST_CASE("mosquitto.conf: notification_topic, retained at both brokers, and a will") {
  if (!have_mosquitto()) return;
  SectionRun ran(BridgedBy::mqtt_bridge, with_lines("notifications true\nnotification_topic state/b\n"));
  CHECK(holds(ran.notes(), "notification_topic: one status topic is kept for the whole bridge"));
  ran.await_carrying();
  for (const Mosquitto* broker : {&ran.local, &ran.remote}) {
    Process state(sub(broker->port(), {"-t", "state/b", "-F", "%r %p"}));
    state.await_out(R"("state":"online")");
  }
  Process later(sub(ran.remote.port(), {"-t", "state/b", "-F", "%p"}));
  later.await_out(R"("state":"online")");
  ran.process().signal(SIGKILL);
  later.await_out(R"("state":"offline")");
}

TEST_CASE("mosquitto.conf: bridge_tcp_keepalive is the socket's") {
  if (!have_mosquitto() || find_program("ss").empty()) return;
  SectionRun ran(BridgedBy::mqtt_bridge, with_lines("bridge_tcp_keepalive 3600 3 2\n"));
  ran.await_carrying();
  // While an acknowledgement is waited for the kernel shows another timer.
  std::string sockets;
  for (int tries = 0; tries < 500 && !holds(sockets, "timer:(keepalive,59min"); ++tries)
    sockets = run({.command = {"ss", "-Htno", "state", "established", "dport", "=",
                               fmt::format(":{}", ran.remote.port())}})
                  .out;
  CAPTURE(sockets);
  CHECK(holds(sockets, "timer:(keepalive,59min"));
}
