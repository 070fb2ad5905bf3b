// What a running bridge says of itself: its status at the brokers, and its log.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "e2e/bridge_run.hpp"

using namespace mq;
using nlohmann::json;

namespace {

const std::string way = "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n";
const std::string topic = "bridge/status";
const std::string status_line = "status-topic = \"" + topic + "\"\n";

std::string store_lines(const TempDir& dir, const std::string& kind) {
  return "store = \"" + kind + "\"\n" +
         (kind == "disk" ? "store-path = \"" + dir.file("store.sqlite") + "\"\n" : "");
}

// Waits for the status of a retained message, as it comes to whoever subscribes now.
json retained_status(std::uint16_t port) {
  const Outcome outcome = run(sub(port, {"-t", topic, "-C", "1", "-W", "20", "-F", "%r %p"}));
  CHECK(outcome.code == 0);
  REQUIRE(outcome.out.starts_with("1 "));
  return json::parse(outcome.out.substr(2));
}

}  // namespace

TEST_CASE("the status is online while the bridge is there, and offline however it ends") {
  if (!have_mosquitto()) return;
  for (const std::string version : {"5", "311"}) {
    for (const std::string kind : {"disk", "memory"}) {
      CAPTURE(version);
      CAPTURE(kind);
      Mosquitto a(keeping_broker()), b(keeping_broker());
      const TempDir dir;
      const std::string file =
          dir.write("bridge.toml", bridge_file({a.port(), b.port()}, store_lines(dir, kind) + status_line,
                                               "protocol-version = " + version, way));
      Process watch(sub(b.port(), {"-t", topic, "-i", "watch", "-q", "1"}));
      b.await_subscription("watch", topic);
      Process killed(bridge(file));
      watch.await_out(R"("state":"online")");
      CHECK(retained_status(b.port())["endpoint"] == "b");
      killed.signal(SIGKILL);
      killed.wait();
      watch.await_out(R"("state":"offline")");
      CHECK(retained_status(b.port())["state"] == "offline");

      const std::size_t seen = watch.out().size();
      Process orderly(bridge(file));
      await_bridge(orderly, 2);
      watch.await_out(R"("state":"online")", seen);
      a.await_subscription("bridge-a", "n/#");
      Process checker(sub(b.port(), {"-t", "n/#", "-i", "checker", "-q", "1"}));
      b.await_subscription("checker", "n/#");
      CHECK(run(pub(a.port(), {"-t", "n/1", "-m", "x", "-q", "1"})).code == 0);
      checker.await_lines(1);
      orderly.signal(SIGTERM);
      CHECK(orderly.wait().code == 0);
      for (const Mosquitto* broker : {&a, &b}) {
        const json status = retained_status(broker->port());
        CHECK(status["state"] == "offline");
        // Told, not the will, which can't know of it.
        CHECK(status["routes"]["way"]["received"] == 1);
        // What is on disk may wait there for its acknowledgement.
        if (kind == "memory") CHECK(status["routes"]["way"]["delivered"] == 1);
      }
    }
  }
}

TEST_CASE("at one end the status tells that the other is away, and what was carried since") {
  if (!have_mosquitto()) return;
  Mosquitto a, b;
  const TempDir dir;
  const std::string file = dir.write(
      "bridge.toml", bridge_file({a.port(), b.port()}, "store = \"memory\"\n" + status_line, "", way));
  Process watch(sub(a.port(), {"-t", topic, "-i", "watch", "-q", "1"}));
  a.await_subscription("watch", topic);
  Process carrier(bridge(file));
  watch.await_out(R"("connected":{"a":true,"b":true})");
  std::size_t seen = watch.out().size();
  b.stop();
  watch.await_out(R"("connected":{"a":true,"b":false})", seen);
  seen = watch.out().size();
  b.start();
  watch.await_out(R"("connected":{"a":true,"b":true})", seen);
  seen = watch.out().size();
  a.await_subscription("bridge-a", "n/#");
  CHECK(run(pub(a.port(), {"-t", "n/1", "-m", "x", "-q", "1"})).code == 0);
  watch.await_out(R"("way":{"received":1,"delivered":1,"waiting":0})", seen);
}

TEST_CASE("a route of all topics leaves the status alone, whoever else has an own connection") {
  if (!have_mosquitto()) return;
  Mosquitto a, b;
  const TempDir dir;
  const std::string all =
      "[[route]]\nname = \"all\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"#\"]\nown-connection = true\n" + way;
  const std::string file = dir.write(
      "bridge.toml", bridge_file({a.port(), b.port()}, "store = \"memory\"\n" + status_line, "", all));
  Process watch(sub(b.port(), {"-t", "#", "-i", "watch", "-q", "1", "-F", "%t %p"}));
  b.await_subscription("watch", "#");
  Process carrier(bridge(file));
  await_bridge(carrier, 3);
  a.await_subscription("bridge-a-all", "#");
  CHECK(run(pub(a.port(), {"-t", topic, "-m", R"({"endpoint":"a"})", "-q", "1", "-r"})).code == 0);
  CHECK(run(pub(a.port(), {"-t", "last", "-m", "x", "-q", "1"})).code == 0);
  watch.await_out("last x\n");
  CHECK(holds(watch.out(), R"("endpoint":"b")"));
  CHECK_FALSE(holds(watch.out(), R"("endpoint":"a")"));
}

TEST_CASE("a server that takes no large messages gets the status without the routes") {
  if (!have_mosquitto()) return;
  Mosquitto a, b({.lines = "max_packet_size 500\n"});
  const TempDir dir;
  std::string routes = way;
  for (int i = 0; i < 10; ++i)
    routes += "[[route]]\nname = \"way-" + std::to_string(i) +
              "\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"m/" + std::to_string(i) + "\"]\n";
  const std::string file = dir.write(
      "bridge.toml", bridge_file({a.port(), b.port()}, "store = \"memory\"\n" + status_line, "", routes));
  Process watch(sub(b.port(), {"-t", topic, "-i", "watch", "-q", "1"}));
  b.await_subscription("watch", topic);
  Process carrier(bridge(file));
  watch.await_out(R"("connected":{"a":true,"b":true}})");
  CHECK_FALSE(retained_status(b.port()).contains("routes"));
  CHECK(retained_status(a.port())["routes"].size() == 11);
  carrier.signal(SIGTERM);
  CHECK(carrier.wait().code == 0);
  CHECK(retained_status(b.port())["state"] == "offline");
}

TEST_CASE("a status that the server refuses is warned of once, and holds up nothing") {
  if (!have_mosquitto()) return;
  Mosquitto a, b({.lines = "acl_file {dir}/acl\n", .files = {{"acl", "topic read #\ntopic write n/#\n"}}});
  const TempDir dir;
  const std::string file = dir.write(
      "bridge.toml",
      bridge_file({a.port(), b.port()}, store_lines(dir, "disk") + status_line, "protocol-version = 5", way));
  Process carrier(bridge(file));
  carrier.await_err("b: the server refused the status at 'bridge/status': not authorized");
  a.await_subscription("bridge-a", "n/#");
  Process checker(sub(b.port(), {"-t", "n/#", "-i", "checker", "-q", "1"}));
  b.await_subscription("checker", "n/#");
  CHECK(run(pub(a.port(), {"-t", "n/1", "-m", "x", "-q", "1"})).code == 0);
  checker.await_lines(1);
  carrier.signal(SIGTERM);
  const Outcome outcome = carrier.wait();
  CHECK(outcome.code == 0);
  CAPTURE(outcome.err);
  CHECK(count_of("refused the status", outcome.err) == 1);
}

TEST_CASE("--log-format json names each event and has its fields") {
  if (!have_mosquitto()) return;
  Mosquitto a, b;
  const TempDir dir;
  Launch launch =
      bridge(dir.write("bridge.toml", bridge_file({a.port(), b.port()},
                                                  "store = \"memory\"\nhttp = \"localhost:0\"\n", "", way)));
  launch.command.insert(launch.command.end(), {"--log-format", "json"});
  Process carrier(launch);
  await_bridge(carrier, 2);
  b.stop();
  carrier.await_err("\"connection-failed\"");
  carrier.signal(SIGTERM);
  const Outcome outcome = carrier.wait();
  std::istringstream lines(outcome.err);
  std::vector<std::string> events;
  for (std::string line; std::getline(lines, line);) {
    CAPTURE(line);
    const json event = json::parse(line);
    CHECK(event.contains("time"));
    CHECK(event.contains("level"));
    CHECK(event.contains("text"));
    REQUIRE(event.contains("event"));
    events.push_back(event["event"]);
    if (events.back().starts_with("connect")) CHECK(event.contains("endpoint"));
    if (events.back() == "route") CHECK(event["route"] == "way");
  }
  for (const char* name : {"http", "connected", "connection-lost", "connection-failed", "route"}) {
    CAPTURE(name);
    CHECK(std::ranges::find(events, name) != events.end());
  }
}
