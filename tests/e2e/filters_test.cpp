// What a subscriber asks for, leaves out and counts.
#include <doctest/doctest.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

void publish(const Mosquitto& broker, const Arguments& topics) {
  Arguments arguments{"-q", "1", "-m", "x"};
  for (const std::string& topic : topics) arguments.insert(arguments.end(), {"-t", topic});
  CHECK(run(pub(broker.port(), arguments)).code == 0);
}

}  // namespace

TEST_CASE("several -t, and -T for what is not to be shown; -C counts what is shown") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "a/#", "-t", "b/+", "-T", "a/quiet/#", "-T",
                                     "+/none", "-v", "-C", "3"}));
  broker.await_subscription("reader", "b/+");
  publish(broker, {"a/quiet", "a/1", "b/none", "a/quiet/2", "b/1", "c/1", "b/1/2", "a/1/2"});
  CHECK(reader.wait().out == "a/1 x\nb/1 x\na/1/2 x\n");
}

TEST_CASE("-U takes a subscription back") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  for (const char* version : {"311", "5"}) {
    const std::string id = std::string("reader") + version;
    Process reader(
        sub(broker.port(), {"-V", version, "-i", id, "-t", "a", "-t", "b", "-U", "b", "-v", "-C", "1"}));
    broker.await_log(": " + id + " b\n");
    publish(broker, {"b", "a"});
    CHECK(reader.wait().out == "a x\n");
  }
}

TEST_CASE("-E ends as soon as everything is subscribed") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  for (const char* version : {"31", "311", "5"}) {
    const Outcome outcome = run(sub(broker.port(), {"-V", version, "-t", "a", "-t", "b", "-E"}));
    CHECK(outcome.code == 0);
    CHECK(outcome.out == "");
  }
}

TEST_CASE("-C ends after so many messages, whatever else has come") {
  FakeBroker broker(Reactions{.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (const char* payload : {"1", "2", "3", "4", "5"}) {
      Publish message;
      message.topic = "t";
      message.payload = payload;
      peer.send(message);
    }
  }});
  const Outcome outcome = run(sub(broker.port(), {"-t", "t", "-C", "3"}));
  CHECK(outcome.code == 0);
  CHECK(outcome.out == "1\n2\n3\n");
  broker.await(PacketType::disconnect);
}

TEST_CASE("-W ends a subscriber in time: 5 when it still waited, 0 when it had what it wanted") {
  if (!have_mosquitto()) return;
  const Mosquitto broker;
  const Outcome waited = run(sub(broker.port(), {"-t", "t", "-C", "1", "-W", "0.3"}));
  CHECK(failed_with(waited, 5));
  CHECK(waited.wall >= 300ms);
  CHECK(waited.wall < 5s);
  CHECK(run(sub(broker.port(), {"-t", "t", "-E", "-W", "10"})).code == 0);
}

TEST_CASE("overlapping filters may deliver a message several times: every copy is shown and acknowledged") {
  FakeBroker broker([](FakeBroker& self) {
    Peer peer = self.accept();
    peer.welcome();
    peer.answer(peer.expect(PacketType::subscribe)->packet);
    for (PacketId id = 1; id <= 3; ++id) {
      Publish copy;
      copy.topic = "o/1";
      copy.payload = "same";
      copy.packet_id = id;
      copy.qos = QoS::at_least_once;
      peer.send(copy);
    }
    for (PacketId id = 1; id <= 3; ++id)
      if (peer.expect(PacketType::puback)->as<Puback>().packet_id != id)
        throw PeerFailure("PUBACK out of order");
    peer.expect_end();
  });
  CHECK(run(sub(broker.port(), {"-t", "o/#", "-t", "o/+", "-t", "o/1", "-q", "1", "-C", "3"})).out ==
        "same\nsame\nsame\n");
  broker.finish();
}

TEST_CASE("[MQTT-4.8.2-1][MQTT-4.8.2-2] shared subscriptions divide the messages") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const Arguments shared{"-q", "1", "-t", "end", "-t", "$share/group/s/#", "-F", "%t"};
  Arguments first = shared, second = shared;
  first.insert(first.end(), {"-i", "one"});
  second.insert(second.end(), {"-i", "two"});
  Process one(sub(broker.port(), first)), two(sub(broker.port(), second));
  broker.await_subscription("one", "$share/group/s/#");
  broker.await_subscription("two", "$share/group/s/#");
  publish(broker, {"s/0", "s/1", "s/2", "s/3", "s/4", "s/5", "s/6", "s/7", "s/8", "s/9", "end"});
  one.await_out("end\n");
  two.await_out("end\n");
  const std::string all = one.out() + two.out();
  CHECK(count_of("end\n", all) == 2);
  for (int i = 0; i < 10; ++i) CHECK(count_of("s/" + std::to_string(i) + "\n", all) == 1);
  for (const char* wrong : {"$share//t", "$share/g", "$share/g/", "$share/g+/t", "$share/#/t"})
    CHECK(failed_with(run(sub(broker.port(), {"-t", wrong})), 2));
}

TEST_CASE("[MQTT-3.8.3-4] no-local on a shared subscription is refused before a connection is made") {
  FakeBroker broker;
  CHECK(failed_with(run(sub(broker.port(), {"-t", "$share/g/t", "--no-local"})), 2));
  CHECK(broker.connections() == 0);
}

TEST_CASE("a line is out before the program waits for the next message") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  Process reader(sub(broker.port(), {"-i", "reader", "-t", "a", "-t", "b", "-v"}));
  broker.await_subscription("reader", "b");
  publish(broker, {"a"});
  reader.await_out("a x\n");
  publish(broker, {"b"});
  reader.await_out("b x\n");
  reader.signal(SIGINT);
  CHECK(reader.wait().code == 130);
}
