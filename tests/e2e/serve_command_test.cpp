// Commands that answer requests: many at once, too slow, too many, too much, and a requester of others.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <csignal>

#include "e2e/programs.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

Launch serve(std::uint16_t port, Arguments options) {
  options.insert(options.end(), {"-i", "server", "-t", "svc"});
  Launch launched = rr(port, options);
  launched.command.insert(launched.command.begin() + 1, "serve");
  return launched;
}

Process serving(Mosquitto& broker, const Arguments& options) {
  Process server(serve(broker.port(), options));
  broker.await_subscription("server", "svc");
  return server;
}

// Asks by python3-paho-mqtt; empty where that is not installed.
std::string ask_by_paho(const Mosquitto& broker, const Arguments& arguments) {
  Arguments command{"/usr/bin/python3", MQTTKIT_SOURCE_DIR "/tests/e2e/paho_requester.py",
                    std::to_string(broker.port()), "svc"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const Outcome outcome = run({.command = command}, 90s);
  if (outcome.code == 77) {
    MESSAGE("SKIPPED: no python3-paho-mqtt");
    return {};
  }
  CHECK(outcome.err.empty());
  return outcome.out;
}

PropertyList to_answer(std::string_view topic) {
  PropertyList properties;
  REQUIRE(properties.add(PropertyId::response_topic, topic));
  return properties;
}

// Sends so many requests to the first who subscribes.
Reactions asking(int count, QoS qos = QoS::at_most_once) {
  return {.subscribe = [=](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    const PropertyList properties = to_answer("ans");
    for (int i = 1; i <= count; ++i)
      peer.send(Publish{.qos = qos,
                        .topic = "svc",
                        .packet_id = static_cast<PacketId>(qos == QoS::at_most_once ? 0 : i),
                        .properties = properties.view(),
                        .payload = "x"});
  }};
}

std::string status_of(const RecordPtr& record) {
  for (const Property& property : record->as<Publish>().properties)
    if (property.id == PropertyId::user_property && property.name == "status")
      return std::string(property.value);
  return "ok";
}

}  // namespace

TEST_CASE("2,000 requests of another library through four commands at once") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "max_queued_messages 10000\n"});
  Process server = serving(broker, {"--exec", "cat", "--jobs", "4", "--queue", "2000"});
  const std::string count = sanitized ? "200" : "2000";
  const std::string seen = ask_by_paho(broker, {count, "1"});
  if (!seen.empty()) CHECK(seen == count + " answered, 0 twice, 0 wrong, [('ok', " + count + ")]\n");
}

TEST_CASE("another library gets its answers at every QoS") {
  if (!have_mosquitto()) return;
  Mosquitto broker({.lines = "max_queued_messages 10000\n"});
  Process server = serving(broker, {"--echo"});
  // At QoS 2 paho 1.6 forgets requests beyond its window while answers come.
  for (const auto& [qos, count] : {std::pair("0", "300"), {"1", "300"}, {"2", "15"}}) {
    const std::string seen = ask_by_paho(broker, {count, qos});
    if (!seen.empty())
      CHECK(seen == fmt::format("{} answered, 0 twice, 0 wrong, [('ok', {})]\n", count, count));
  }
}

TEST_CASE("a command that takes too long is ended with what it has started, and answered") {
  FakeBroker broker(asking(2));
  const TempDir dir;
  Process server(serve(broker.port(),
                       {"--shell", "--request-timeout", "0.2", "--exec",
                        "echo $$ >> '" + dir.file("pids") + "'; trap '' TERM; sleep 100 & wait; sleep 100"}));
  for (std::size_t i = 1; i <= 2; ++i) {
    const auto answer = broker.await(PacketType::publish, i);
    CHECK(status_of(answer) == "timeout");
    CHECK(answer->as<Publish>().payload == "there was no answer within 0.2 s");
  }
  // One ran, the other was still waiting.
  const std::string group = run({.command = {"cat", dir.file("pids")}}).out;
  CHECK(count_of("\n", group) == 1);
  const pid_t leader = std::stoi(group);
  while (::kill(-leader, 0) == 0) (void)run({.command = {"sleep", "0.02"}});
  server.signal(SIGINT);
  CHECK(server.wait().err.ends_with("0 answered, 2 failed, 0 refused, 0 without response topic, 0 busy\n"));
}

TEST_CASE("beyond the queue requests are answered as busy, in no order") {
  FakeBroker broker(asking(5));
  const TempDir dir;
  Process server(
      serve(broker.port(), {"-C", "5", "--queue", "1", "--shell", "--exec",
                            "while ! [ -e '" + dir.file("go") + "' ]; do sleep 0.02; done; echo ok"}));
  for (std::size_t i = 1; i <= 3; ++i) CHECK(status_of(broker.await(PacketType::publish, i)) == "busy");
  dir.write("go", "");
  for (std::size_t i = 4; i <= 5; ++i)
    CHECK(broker.await(PacketType::publish, i)->as<Publish>().payload == "ok\n");
  const Outcome outcome = server.wait();
  CHECK(outcome.code == 0);
  CHECK(outcome.err == "2 answered, 0 failed, 0 refused, 0 without response topic, 3 busy\n");
}

TEST_CASE("an answer that is too long is a failure, and so is one that can't be started") {
  FakeBroker broker(asking(1));
  Process server(serve(broker.port(), {"-C", "1", "--max-answer", "1K", "--exec", "yes"}));
  const auto answer = broker.await(PacketType::publish);
  CHECK(status_of(answer) == "failed");
  CHECK(answer->as<Publish>().payload == "the answer is longer than 1024 bytes");
  CHECK(server.wait().code == 0);
}

TEST_CASE("what can't be started now counts as waiting") {
  FakeBroker broker(asking(40));
  const TempDir dir;
  Launch launch =
      serve(broker.port(), {"-C", "40", "--queue", "2", "--jobs", "100", "--shell", "--exec",
                            "while ! [ -e '" + dir.file("go") + "' ]; do sleep 0.02; done; echo ok"});
  Arguments limited{"/bin/sh", "-c", "ulimit -n 64; exec \"$@\"", "sh"};
  limited.insert(limited.end(), launch.command.begin(), launch.command.end());
  launch.command = limited;
  Process server(launch);
  CHECK(status_of(broker.await(PacketType::publish)) == "busy");
  dir.write("go", "");
  const Outcome outcome = server.wait();
  CHECK(outcome.code == 0);
  CHECK_FALSE(holds(outcome.err, " 0 busy"));
  CHECK(holds(outcome.err, ", 0 failed, "));
}

TEST_CASE("what a command says of a failure is not cut within a character") {
  FakeBroker broker(asking(1));
  Process server(serve(broker.port(), {"-C", "1", "--shell", "--exec",
                                       "{ printf x; yes ü | tr -d '\\n' | head -c 6000; } >&2; exit 1"}));
  const auto answer = broker.await(PacketType::publish);
  CHECK(answer->as<Publish>().payload.size() == 4095);
  CHECK(server.wait().code == 0);
}

TEST_CASE("a jq program's answers have a bound too") {
  FakeBroker broker(asking(1));
  Process server(serve(broker.port(), {"-C", "1", "--max-answer", "1K", "--jq", "\"x\" * 1025"}));
  CHECK(broker.await(PacketType::publish)->as<Publish>().payload == "the answer is longer than 1024 bytes");
  CHECK(server.wait().code == 0);
}

TEST_CASE("a signal lets the command that runs answer, and what waits is told to ask again") {
  FakeBroker broker(asking(2, QoS::at_least_once));
  const TempDir dir;
  Process server(serve(broker.port(), {"--shell", "--exec",
                                       "touch '" + dir.file("begun") + "'; while ! [ -e '" + dir.file("go") +
                                           "' ]; do sleep 0.02; done; echo ok"}));
  while (run({.command = {"test", "-e", dir.file("begun")}}).code != 0) {
  }
  server.signal(SIGINT);
  CHECK(status_of(broker.await(PacketType::publish)) == "busy");
  CHECK(broker.await(PacketType::unsubscribe));
  dir.write("go", "");
  CHECK(broker.await(PacketType::publish, 2)->as<Publish>().payload == "ok\n");
  const Outcome outcome = server.wait();
  CHECK(outcome.code == 130);
  CHECK(outcome.err == "1 answered, 0 failed, 0 refused, 0 without response topic, 1 busy\n");
}

TEST_CASE("an answer that was made while the connection was lost goes out over the next") {
  for (const QoS qos : {QoS::at_most_once, QoS::at_least_once}) {
    const TempDir dir;
    FakeBroker broker(Reactions{.subscribe = [&](Peer& peer, const Subscribe& subscribe) {
      peer.answer(subscribe);
      if (peer.number() > 1) return;
      const PropertyList properties = to_answer("ans");
      peer.send(Publish{.qos = qos,
                        .topic = "svc",
                        .packet_id = static_cast<PacketId>(qos == QoS::at_most_once ? 0 : 1),
                        .properties = properties.view(),
                        .payload = "x"});
      while (run({.command = {"test", "-e", dir.file("begun")}}).code != 0) {
      }
      peer.reset();
    }});
    Process server(serve(broker.port(), {"-C", "1", "--shell", "--exec",
                                         "touch '" + dir.file("begun") + "'; sleep 0.1; echo ok"}));
    const auto answer = broker.await(PacketType::publish);
    CHECK(answer->connection == 2);
    CHECK(answer->as<Publish>().payload == "ok\n");
    CHECK(server.wait().code == 0);
  }
}
