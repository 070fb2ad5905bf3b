// Load that the bridge can't pass on at once: both ways, at every QoS, to servers that take less.
#include <doctest/doctest.h>

#include <csignal>
#include <optional>
#include <string>

#include "e2e/bridge_run.hpp"

using namespace mq;

namespace {

std::string numbered_lines(const std::string& topic, int qos, int count, const std::string& end = "") {
  std::string lines;
  for (int i = 0; i < count; ++i)
    lines += R"({"topic":")" + topic + R"(","payload":")" + std::to_string(i) + end + R"(","qos":)" +
             std::to_string(qos) + "}\n";
  return lines;
}

}  // namespace

TEST_CASE("a load of QoS 0 and 1 in both directions holds nothing up for good") {
  if (!have_mosquitto()) return;
  constexpr int count = 5000;
  Mosquitto a(keeping_broker()), b(keeping_broker());
  const TempDir dir;
  const std::string file =
      dir.write("bridge.toml",
                bridge_file({a.port(), b.port()}, "store = \"through\"", "",
                            "[[route]]\nname = \"up\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"up/#\"]\n"
                            "[[route]]\nname = \"down\"\nfrom = \"b\"\nto = \"a\"\ntopics = [\"down/#\"]\n"));
  Process carrier(bridge(file));
  await_bridge(carrier, 2);
  a.await_subscription("bridge-a", "up/#");
  b.await_subscription("bridge-b", "down/#");
  Process up(sub(b.port(), {"-i", "up", "-t", "up/1", "-q", "1", "-F", "%p"}));
  Process down(sub(a.port(), {"-i", "down", "-t", "down/1", "-q", "1", "-F", "%p"}));
  b.await_subscription("up", "up/1");
  a.await_subscription("down", "down/1");
  const auto load = [](const Mosquitto& at, const std::string& to, int qos) {
    return with_input(pub(at.port(), {"-l", "--input", "json"}),
                      numbered_lines(to + "/" + std::to_string(qos), qos, count));
  };
  Process up_one(load(a, "up", 1)), down_one(load(b, "down", 1));
  Process up_none(load(a, "up", 0)), down_none(load(b, "down", 0));
  for (Process* const each : {&up_one, &down_one, &up_none, &down_none}) CHECK(each->wait().code == 0);
  up.await_lines(count);
  down.await_lines(count);
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}

TEST_CASE(
    "to a server that takes QoS 1 alone a message goes at QoS 1, also one that came while it was away") {
  if (!have_mosquitto()) return;
  constexpr int count = 50;
  MosquittoConfig lesser = keeping_broker();
  lesser.lines += "max_qos 1\n";
  Mosquitto a(keeping_broker()), b(lesser);
  const TempDir dir;
  const std::string file =
      dir.write("bridge.toml",
                bridge_file({a.port(), b.port()}, "store-path = \"" + dir.file("store") + "\"", "",
                            "[[route]]\nname = \"up\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"up/#\"]\n"));
  CHECK(run(sub(b.port(), {"-t", "up/#", "-q", "1", "-c", "-i", "checker", "-E"})).code == 0);
  b.stop();
  Process carrier(bridge(file));
  await_bridge(carrier, 1);
  a.await_subscription("bridge-a", "up/#");
  const auto publish = [&a] {
    CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json"}), numbered_lines("up/2", 2, count))).code ==
          0);
  };
  publish();
  b.start();
  publish();
  Process checker(sub(b.port(), {"-t", "up/#", "-q", "1", "-c", "-i", "checker", "-F", "%q"}));
  checker.await_lines(2 * count);
  CHECK(checker.out().find('2') == std::string::npos);
  carrier.signal(SIGTERM);
  const Outcome outcome = carrier.wait();
  CHECK(outcome.code == 0);
  CAPTURE(outcome.err);
  CHECK(holds(outcome.err, "up: 100 came, 100 delivered"));
}

TEST_CASE("to a server that takes QoS 0 alone nothing is lost that has waited, faster than it is written") {
  if (!have_mosquitto()) return;
  constexpr int count = 3000;
  MosquittoConfig least = keeping_broker();
  least.lines += "max_qos 0\n";
  Mosquitto a(keeping_broker()), b(least);
  const TempDir dir;
  const std::string file =
      dir.write("bridge.toml",
                bridge_file({a.port(), b.port()}, "store-path = \"" + dir.file("store") + "\"", "",
                            "[[route]]\nname = \"up\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"up/#\"]\n"));
  std::optional<Process> carrier(bridge(file));
  await_bridge(*carrier, 2);
  a.await_subscription("bridge-a", "up/#");
  b.stop();
  const std::string lines = numbered_lines("up/1", 1, count, std::string(4000, 'x'));
  CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json"}), lines)).code == 0);
  carrier->signal(SIGTERM);
  CHECK(carrier->wait().code == 0);
  b.start();
  Process checker(sub(b.port(), {"-t", "up/#", "-i", "checker", "-F", "%t"}));
  b.await_subscription("checker", "up/#");
  carrier.emplace(bridge(file));
  checker.await_lines(count);
  carrier->signal(SIGTERM);
  const Outcome outcome = carrier->wait();
  CAPTURE(outcome.err);
  CHECK(outcome.code == 0);
  CHECK_FALSE(holds(outcome.err, "refused"));
}

TEST_CASE("servers that don't know each other's sessions get everything at least once, at QoS 1") {
  if (!have_mosquitto()) return;
  constexpr int count = 300;
  Mosquitto a(keeping_broker()), first(keeping_broker()), second(keeping_broker());
  const TempDir dir;
  const std::string file = dir.write(
      "bridge.toml", "name = \"bridge\"\nstore-path = \"" + dir.file("store") +
                         "\"\n[endpoint.a]\nhost = \"127.0.0.1\"\nport = " + std::to_string(a.port()) +
                         "\n[endpoint.b]\nurl = [\"mqtt://127.0.0.1:" + std::to_string(first.port()) +
                         "\", \"mqtt://127.0.0.1:" + std::to_string(second.port()) +
                         "\"]\nshared-sessions = false\nretry-delay = \"0.05:0.2\"\n"
                         "[[route]]\nname = \"up\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"up/#\"]\n");
  Process carrier(bridge(file));
  await_bridge(carrier, 2);
  a.await_subscription("bridge-a", "up/#");
  Process there(
      sub(first.port(), {"-i", "there", "-t", "up/#", "-q", "2", "-F", "%q %p", "--retry-delay", "30"}));
  Process then(sub(second.port(), {"-i", "then", "-t", "up/#", "-q", "2", "-F", "%q %p"}));
  first.await_subscription("there", "up/#");
  second.await_subscription("then", "up/#");
  Process publisher(with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "500"}),
                               numbered_lines("up/2", 2, count)));
  there.await_lines(count / 4);
  first.stop();
  CHECK(publisher.wait().code == 0);
  then.await_out("1 " + std::to_string(count - 1) + "\n");
  const std::string all = "\n" + there.out() + then.out();
  for (int i = 0; i < count; ++i) CHECK(all.find("\n1 " + std::to_string(i) + "\n") != std::string::npos);
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
}
