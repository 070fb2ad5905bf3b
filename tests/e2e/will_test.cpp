// The will: published when a subscriber dies, not when it leaves.
#include <doctest/doctest.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;

TEST_CASE("[MQTT-3.1.2-9][MQTT311-3.1.2-9] the will of a killed subscriber is published") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  for (const char* version : {"31", "311", "5"}) {
    CAPTURE(std::string(version));
    Process watcher(
        sub(broker.port(), {"-i", "watcher", "-t", "will/#", "-q", "2", "-F", "%t %q %p", "-C", "1"}));
    broker.await_subscription("watcher", "will/#");
    const std::string id = std::string("mortal") + version;
    Process mortal(sub(broker.port(), {"-V", version, "-i", id, "-t", "t", "--will-topic", "will/a",
                                       "--will-payload", "gone", "--will-qos", "1", "--will-retain"}));
    broker.await_subscription(id, "t");
    mortal.signal(SIGKILL);
    CHECK(watcher.wait().out == "will/a 1 gone\n");
    CHECK(run(sub(broker.port(), {"-t", "will/a", "-C", "1", "-F", "%r %p", "--remove-retained"})).out ==
          "1 gone\n");
  }
}

TEST_CASE("a will without a payload is published as an empty message, with its properties") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process watcher(sub(broker.port(), {"-i", "watcher", "-t", "will/#", "-F", "%C %P <%p>", "-C", "1"}));
  broker.await_subscription("watcher", "will/#");
  Process mortal(sub(broker.port(), {"-i", "mortal", "-t", "t", "--will-topic", "will/a", "-D", "will",
                                     "content-type", "none", "-D", "will", "user-property", "k", "v"}));
  broker.await_subscription("mortal", "t");
  mortal.signal(SIGKILL);
  CHECK(watcher.wait().out == "none k:v <>\n");
}

TEST_CASE(
    "[MQTT-3.14.4-1][MQTT-3.14.4-2][MQTT311-3.14.4-1][MQTT311-3.14.4-2] who leaves sends DISCONNECT last, "
    "closes, and leaves no will") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process watcher(sub(broker.port(), {"-i", "watcher", "-t", "will/#", "-C", "1"}));
  broker.await_subscription("watcher", "will/#");
  const Arguments will{"--will-topic", "will/a", "--will-payload", "gone"};
  for (const char* version : {"311", "5"}) {
    Arguments leaving{"-V", version, "-t", "t", "-E"};
    leaving.insert(leaving.end(), will.begin(), will.end());
    CHECK(run(sub(broker.port(), leaving)).code == 0);
    // A server that never closes by itself sees the client do it.
    FakeBroker fake([](FakeBroker& self) {
      Peer peer = self.accept();
      peer.welcome();
      peer.answer(peer.expect(PacketType::subscribe)->packet);
      peer.expect(PacketType::disconnect);
      peer.expect_end();
    });
    CHECK(run(sub(fake.port(), leaving)).code == 0);
    fake.finish();
    CHECK(fake.records().back()->type() == PacketType::disconnect);
  }
  CHECK(run(pub(broker.port(), {"-q", "1", "-t", "will/b", "-m", "no will"})).code == 0);
  CHECK(watcher.wait().out == "no will\n");
}

TEST_CASE(
    "[MQTT-3.1.2-12][MQTT-3.1.3-11][MQTT-3.1.2-11][MQTT311-3.1.2-14][MQTT311-3.1.3-10] an impossible will is "
    "refused before a connection is made") {
  FakeBroker broker;
  const std::vector<Arguments> impossible{{"--will-topic", "w", "--will-qos", "3"},
                                          {"--will-topic", "w/#"},
                                          {"--will-topic", "w\xC0\x80"},
                                          {"--will-topic", ""},
                                          {"--will-payload", "x"},
                                          {"--will-qos", "1"},
                                          {"--will-retain"}};
  for (const Arguments& arguments : impossible) {
    CAPTURE(arguments.front());
    Arguments all{"-t", "t"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    CHECK(failed_with(run(sub(broker.port(), all)), 2, "will"));
  }
  CHECK(broker.connections() == 0);
}
