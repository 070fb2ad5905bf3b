// What a route has left when it goes from the configuration, at a restart or by SIGHUP: it goes out all the
// same.
#include <doctest/doctest.h>

#include <csignal>
#include <optional>
#include <string>

#include "e2e/bridge_http.hpp"
#include "e2e/bridge_run.hpp"
#include "e2e/bridge_wire.hpp"

using namespace mq;

namespace {

std::string route(const std::string& name, const std::string& topics) {
  return "[[route]]\nname = \"" + name + "\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"" + topics + "\"]\n";
}

const std::string staying = route("staying", "s/#");
const std::string both = staying + route("leaving", "n/#");

// A bridge with both routes, whose destination is away while messages come for the one that leaves.
struct Left {
  explicit Left(const std::string& store) : a(keeping_broker()), b(keeping_broker()) {
    top = "store = \"" + store + "\"\nhttp = \"localhost:0\"\n";
    if (store == "disk") top += "store-path = \"" + dir.file("store.sqlite") + "\"\n";
    CHECK(run(sub(b.port(), {"-t", "#", "-q", "2", "-c", "-i", "checker", "-E"})).code == 0);
    carrier.emplace(bridge(write(both)));
    await_bridge(*carrier, 2);
    a.await_subscription("bridge-a", "n/#");
    b.stop();
    // Those at QoS 0 don't wait.
    CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "100000"}), numbered.lines()))
              .code == 0);
    await_answer(http_port(*carrier), "/metrics",
                 "mqttkit_bridge_route_waiting_messages{route=\"leaving\",from=\"a\",to=\"b\"} 400\n");
  }
  std::string write(const std::string& routes) const {
    return dir.write("bridge.toml", bridge_file({cables.to_a.port(), cables.to_b.port()}, top, "", routes));
  }

  void must_come() {
    b.start();
    Process checker(sub(b.port(), {"-t", "#", "-q", "2", "-c", "-i", "checker", "-F", "%t %p"}));
    for (const int qos : {1, 2}) {
      CAPTURE(qos);
      await_carried(numbered, qos, checker);
      const CarriedVerdict verdict = judge_carried(numbered, qos, checker.out());
      CHECK(verdict.lost == 0);
      CHECK(verdict.doubled == 0);
      const CarryVerdict carried = cables.judge(static_cast<QoS>(qos));
      CHECK(carried.doubled == 0);
      CHECK(carried.reordered == 0);
    }
    // The other route is at work, and nobody carries for the one that is gone.
    CHECK(run(pub(a.port(), {"-t", "n/1/0", "-m", "999", "-q", "1"})).code == 0);
    CHECK(run(pub(a.port(), {"-t", "s/1", "-m", "1", "-q", "1"})).code == 0);
    checker.await_out("s/1 1\n");
    CHECK_FALSE(holds(checker.out(), " 999\n"));
    carrier->signal(SIGTERM);
    const Outcome outcome = carrier->wait();
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    CHECK_FALSE(holds(outcome.err, "kept for later"));
  }

  Mosquitto a, b;
  BridgeCables cables{a.port(), b.port()};
  TempDir dir;
  std::string top;
  Numbered numbered{.topics = 2, .each = 100};
  std::optional<Process> carrier;
};

}  // namespace

TEST_CASE("what a route has left in the store goes out in a run whose configuration has it no more") {
  if (!have_mosquitto()) return;
  for (const int end : {SIGTERM, SIGKILL}) {
    CAPTURE(end);
    Left left("disk");
    left.carrier->signal(end);
    left.carrier->wait();
    left.carrier.emplace(bridge(left.write(staying)));
    left.a.await_log("bridge-a 2 s/#", left.a.log().rfind(" as bridge-a "));
    left.must_come();
  }
}

TEST_CASE("what a route has left goes out after a reload without it, with every store") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Left left(store);
    left.write(staying);
    left.carrier->signal(SIGHUP);
    left.carrier->await_err("has been read again");
    left.a.await_log("bridge-a n/#");  // no longer subscribed to
    left.must_come();
  }
}

TEST_CASE("what is left for an endpoint that is gone stays in the store, is told, and goes when it is back") {
  if (!have_mosquitto()) return;
  Left left("disk");
  left.carrier->signal(SIGTERM);
  left.carrier->wait();
  {
    Mosquitto c;
    Process other(bridge(left.dir.write(
        "other.toml", "name = \"bridge\"\n" + left.top + "[endpoint.c]\nport = " + std::to_string(c.port()) +
                          "\nhost = \"127.0.0.1\"\n[endpoint.d]\nhost = \"127.0.0.1\"\nport = " +
                          std::to_string(left.a.port()) +
                          "\n[[route]]\nname = \"third\"\nfrom = \"c\"\nto = \"d\"\ntopics = [\"x\"]\n")));
    other.await_err(
        "400 messages of route leaving stay in the store: no endpoint has the client identifier 'bridge-b'");
    other.signal(SIGTERM);
    CHECK(other.wait().code == 0);
  }
  left.carrier.emplace(bridge(left.write(staying)));
  left.a.await_log("bridge-a 2 s/#", left.a.log().rfind(" as bridge-a "));
  left.must_come();
}
