#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>

#include "e2e/bridge_run.hpp"
#include "e2e/bridge_wire.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

const std::string way = "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n";

std::string store_lines(const TempDir& dir, const std::string& kind) {
  std::string lines = "store = \"" + kind + "\"\n";
  if (kind == "disk") lines += "store-path = \"" + dir.file("store.sqlite") + "\"\n";
  return lines;
}

}  // namespace

TEST_CASE("every message at every QoS gets there once and in order, with every store and version") {
  if (!have_mosquitto()) return;
  for (const std::string version : {"5", "311"}) {
    for (const std::string kind : {"disk", "through", "memory"}) {
      CAPTURE(version);
      CAPTURE(kind);
      Mosquitto a(keeping_broker()), b(ordering_broker());
      const TempDir dir;
      const std::string file = dir.write(
          "bridge.toml",
          bridge_file({a.port(), b.port()}, store_lines(dir, kind), "protocol-version = " + version, way));
      Process carrier(bridge(file));
      await_bridge(carrier, 2);
      const Numbered expected{.topics = 5, .each = 200};
      Process checker(sub(b.port(), {"-t", "n/#", "-q", "2", "-F", "%t %p", "-i", "checker"}));
      b.await_subscription("checker", "n/#");
      a.await_subscription("bridge-a", "n/#");
      CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "3000"}), expected.lines()))
                .code == 0);
      checker.await_lines(3 * expected.topics * expected.each);
      for (const int qos : {0, 1, 2}) {
        const CarriedVerdict verdict = judge_carried(expected, qos, checker.out());
        CHECK(verdict.lost == 0);
        CHECK(verdict.doubled == 0);
        CHECK(verdict.reordered == 0);
      }
      carrier.signal(SIGTERM);
      const Outcome outcome = carrier.wait();
      CHECK(outcome.code == 0);
      CHECK(holds(outcome.err, "way: 3000 came, "));
    }
  }
}

TEST_CASE("what came while the destination was away gets there when it is back, also through a new run") {
  if (!have_mosquitto()) return;
  Mosquitto a(keeping_broker()), b(keeping_broker());
  const TempDir dir;
  const BridgeCables cables(a.port(), b.port());
  const std::string file = dir.write("bridge.toml", bridge_file({cables.to_a.port(), cables.to_b.port()},
                                                                store_lines(dir, "disk"), "", way));
  const Numbered expected{.topics = 4, .each = 500};
  CHECK(run(sub(b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-E"})).code == 0);
  Process first(bridge(file));
  await_bridge(first, 2);
  a.await_subscription("bridge-a", "n/#");
  b.stop();
  CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "20000"}), expected.lines())).code ==
        0);
  first.signal(SIGKILL);
  first.wait();
  b.start();
  Process second(bridge(file));
  Process checker(sub(b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-F", "%t %p"}));
  for (const int qos : {1, 2}) await_carried(expected, qos, checker);
  for (const int qos : {1, 2}) {
    const CarriedVerdict verdict = judge_carried(expected, qos, checker.out());
    CHECK(verdict.lost == 0);
    if (qos == 2) CHECK(verdict.doubled == 0);
    CHECK(cables.judge(static_cast<QoS>(qos)).reordered == 0);
  }
}

TEST_CASE("two bridges in opposite directions, and both directions in one, don't loop") {
  if (!have_mosquitto()) return;
  for (const std::string version : {"5", "311"}) {
    CAPTURE(version);
    Mosquitto a, b;
    const TempDir dir;
    const std::string both = way + "[[route]]\nfrom = \"b\"\nto = \"a\"\ntopics = [\"n/#\"]\n";
    const std::string file = dir.write("bridge.toml", bridge_file({a.port(), b.port()}, "store = \"memory\"",
                                                                  "protocol-version = " + version, both));
    Process carrier(bridge(file));
    await_bridge(carrier, 2);
    a.await_subscription("bridge-a", "n/#");
    b.await_subscription("bridge-b", "n/#");
    Process at_a(sub(a.port(), {"-t", "n/#", "-t", "end", "-F", "%t %p", "-i", "at-a"}));
    Process at_b(sub(b.port(), {"-t", "n/#", "-F", "%t %p", "-i", "at-b"}));
    a.await_subscription("at-a", "n/#");
    b.await_subscription("at-b", "n/#");
    for (int i = 0; i < 5; ++i) {
      CHECK(run(pub(a.port(), {"-t", "n/from/a", "-m", std::to_string(i), "-q", "1"})).code == 0);
      CHECK(run(pub(b.port(), {"-t", "n/from/b", "-m", std::to_string(i), "-q", "1"})).code == 0);
    }
    at_a.await_lines(10);
    at_b.await_lines(10);
    // What looped would have come before this.
    CHECK(run(pub(b.port(), {"-t", "n/end", "-m", "x", "-q", "1"})).code == 0);
    at_a.await_lines(11);
    CHECK(count_of("n/from/a", at_a.out()) == 5);
    CHECK(count_of("n/from/b", at_a.out()) == 5);
    CHECK(count_of("n/from/b", at_b.out()) == 5);
  }
}
