// A second bridge that shares the store of the first and takes its place when it ends.
#include <doctest/doctest.h>

#include <csignal>
#include <string>

#include "e2e/bridge_run.hpp"
#include "e2e/bridge_wire.hpp"

using namespace mq;

TEST_CASE("a bridge in reserve takes over store and sessions: nothing lost, at QoS 2 nothing twice") {
  if (!have_mosquitto()) return;
  for (const std::string version : {"5", "311"}) {
    CAPTURE(version);
    Mosquitto a(keeping_broker()), b(ordering_broker());
    const BridgeCables cables(a.port(), b.port(), version == "5" ? Version::v5 : Version::v311);
    const TempDir dir;
    const std::string file =
        dir.write("bridge.toml",
                  bridge_file({cables.to_a.port(), cables.to_b.port()},
                              "standby = true\nstore-path = \"" + dir.file("store.sqlite") + "\"",
                              "protocol-version = " + version,
                              "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n"));
    Process first(bridge(file));
    await_bridge(first, 2);
    a.await_subscription("bridge-a", "n/#");
    Process second(bridge(file));
    second.await_err("has the store: standing by");
    Process third(bridge(file));
    third.await_err("has the store: standing by");
    third.signal(SIGTERM);  // who waits can be ended too
    CHECK(third.wait().code == 0);
    const Numbered numbered{.topics = 10, .each = 300};
    Process checker(sub(b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-F", "%t %p"}));
    b.await_subscription("checker", "n/#");
    Process publisher(
        with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "4000"}), numbered.lines()));
    checker.await_lines(1000);
    first.signal(SIGKILL);
    first.wait();
    CHECK(publisher.wait().code == 0);
    for (const int qos : {1, 2}) await_carried(numbered, qos, checker);
    CHECK(judge_carried(numbered, 2, checker.out()).doubled == 0);
    for (const QoS qos : {QoS::at_least_once, QoS::exactly_once}) CHECK(cables.judge(qos).reordered == 0);
    second.signal(SIGTERM);
    CHECK(second.wait().code == 0);
  }
}
