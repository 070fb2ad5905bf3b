// What waits for a route's destination: how fast it goes, what is kept, what is dropped, and who is held up.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "e2e/bridge_http.hpp"
#include "e2e/bridge_run.hpp"

using namespace mq;
using namespace std::chrono_literals;

namespace {

std::string route(const std::string& name, const std::string& to, const std::string& topics,
                  const std::string& further = "") {
  return "[[route]]\nname = \"" + name + "\"\nfrom = \"a\"\nto = \"" + to + "\"\ntopics = [\"" + topics +
         "\"]\n" + further + "\n";
}

// Numbers from 0 on, at one topic.
std::string lines(const std::string& topic, int count, int qos, int from = 0) {
  std::string text;
  for (int i = from; i < from + count; ++i)
    text += fmt::format("{{\"topic\":\"{}\",\"payload\":\"{}\",\"qos\":{}}}\n", topic, i, qos);
  return text;
}

// "0\n1\n" and so on.
std::string numbers(int count, int from = 0) {
  std::string text;
  for (int i = from; i < from + count; ++i) text += fmt::format("{}\n", i);
  return text;
}

// A bridge from a to b, and a checker that has a session at b.
struct Crossing {
  explicit Crossing(const std::string& store)
      : a(keeping_broker()), b(keeping_all()), top("store = \"" + store + "\"\nhttp = \"localhost:0\"\n") {
    if (store == "disk") top += "store-path = \"" + dir.file("store.sqlite") + "\"\n";
  }
  static MosquittoConfig keeping_all() {  // QoS 0 for who is away too
    MosquittoConfig config = keeping_broker();
    config.lines += "queue_qos0_messages true\n";
    return config;
  }
  void start(const std::string& routes) {
    CHECK(run(sub(b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-E"})).code == 0);
    carrier.emplace(bridge(dir.write("bridge.toml", bridge_file({a.port(), b.port()}, top, "", routes))));
    http = http_port(*carrier);
    await_bridge(*carrier, 2);
    a.await_subscription("bridge-a", "n/#");
  }
  void publish(const std::string& text, const std::string& rate = "100000") const {
    CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json", "--rate", rate}), text)).code == 0);
  }
  // Waits for a count of the route "way".
  void await_count(const std::string& name, int number) const {
    await_answer(http, "/metrics", fmt::format("mqttkit_bridge_route_{} {}\n", name, number));
  }
  void await_waiting(int number) const {
    await_count(R"(waiting_messages{route="way",from="a",to="b"})", number);
  }
  void await_fate(const std::string& fate, int number) const {
    await_count(R"(ended_messages_total{route="way",from="a",to="b",fate=")" + fate + "\"}", number);
  }
  Launch checker() const {
    return sub(b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-F", "%p"});
  }
  std::string report() {
    carrier->signal(SIGTERM);
    const Outcome outcome = carrier->wait();
    CHECK(outcome.code == 0);
    return outcome.err;
  }

  Mosquitto a, b;
  TempDir dir;
  std::string top;
  std::uint16_t http = 0;
  std::optional<Process> carrier;
};

}  // namespace

TEST_CASE("a rate makes messages wait, and loses none at QoS 1 and 2") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Crossing crossing(store);
    crossing.start(route("way", "b", "n/#", "treatment = { rate = \"100/s\" }"));
    Process checker(crossing.checker());
    crossing.b.await_subscription("checker", "n/#");
    const auto start = std::chrono::steady_clock::now();
    crossing.publish(lines("n/1", 75, 1) + lines("n/2", 75, 2));
    checker.await_lines(150);
    // The first goes at once, each further one 10 ms later; a late timer is made up for by 50 ms at most.
    CHECK(std::chrono::steady_clock::now() - start > 149 * 10ms - 100ms);
    crossing.await_fate("delivered", 150);
    CHECK(checker.out() == numbers(75) + numbers(75));
    CHECK(holds(crossing.report(), "way: 150 came, 150 delivered\n"));
  }
}

TEST_CASE("of what comes too fast the latest of each topic goes, and the journal keeps no other") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Crossing crossing(store);
    crossing.start(route("way", "b", "n/#", "treatment = { latest-every = \"1h\" }"));
    Process checker(crossing.checker());
    crossing.b.await_subscription("checker", "n/#");
    crossing.publish(lines("n/1", 50, 1) + lines("n/2", 50, 0) + lines("n/3", 50, 2));
    checker.await_lines(3);
    CHECK(checker.out() == "0\n0\n0\n");  // of each topic the first, at once
    crossing.await_fate("superseded", 3 * 48);
    crossing.await_waiting(3);
    crossing.await_fate("delivered", 3);
    if (store != "disk") continue;
    // What waits lives through a crash; a new run knows of none that went, so it goes at once.
    crossing.carrier->signal(SIGKILL);
    crossing.carrier->wait();
    crossing.carrier.emplace(bridge(crossing.dir.file("bridge.toml")));
    crossing.http = http_port(*crossing.carrier);
    checker.await_lines(5);
    CHECK(checker.out() == "0\n0\n0\n49\n49\n");
    crossing.await_fate("delivered", 2);
    CHECK(holds(crossing.report(), "way: 0 came, 2 delivered\n"));
  }
}

TEST_CASE("QoS 0 waits for a destination that is away, in its order, if the queue is to keep it") {
  if (!have_mosquitto()) return;
  Crossing crossing("memory");
  crossing.start(
      route("way", "b", "n/#", "queue = { qos0 = true, messages = 80, overflow = \"drop-oldest\" }"));
  crossing.b.stop();
  crossing.publish(lines("n/1", 100, 0));
  crossing.await_fate("overflow", 20);
  crossing.await_waiting(80);
  crossing.b.start();
  crossing.await_waiting(0);
  Process checker(crossing.checker());
  checker.await_lines(80);
  CHECK(checker.out() == numbers(80, 20));
  CHECK(holds(crossing.report(), "way: 100 came, 80 delivered, 20 dropped, the queue being full\n"));
}

TEST_CASE("without that it is not sent, and counted") {
  if (!have_mosquitto()) return;
  Crossing crossing("memory");
  crossing.start(route("way", "b", "n/#"));
  crossing.b.stop();
  crossing.carrier->await_err("b: ");
  crossing.await_count("waiting_messages{route=\"way\",from=\"a\",to=\"b\"}", 0);
  await_answer(crossing.http, "/metrics",
               "mqttkit_bridge_link_connected{endpoint=\"b\",client_id=\"bridge-b\"} 0\n");
  crossing.publish(lines("n/1", 100, 0));
  crossing.await_fate("unsent", 100);
}

TEST_CASE("what a full queue drops is the oldest or the newest, by number or by bytes, and is counted") {
  if (!have_mosquitto()) return;
  struct Bound {
    std::string queue;
    int kept, from;
  };
  for (const std::string store : {"disk", "through", "memory"}) {
    for (const Bound& bound : {Bound{"messages = 30, overflow = \"drop-oldest\"", 30, 70},
                               Bound{"messages = 30, overflow = \"drop-newest\"", 30, 0},
                               // At 3.1.1 topic and payload alone: "n/1" and one or two digits.
                               Bound{"bytes = 50, overflow = \"drop-oldest\"", 10, 90},
                               Bound{"bytes = 50, overflow = \"drop-newest\"", 12, 0}}) {
      CAPTURE(store);
      CAPTURE(bound.queue);
      Crossing crossing(store);
      CHECK(run(sub(crossing.b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-E"})).code == 0);
      crossing.carrier.emplace(bridge(crossing.dir.write(
          "bridge.toml",
          bridge_file({crossing.a.port(), crossing.b.port()}, crossing.top, "protocol-version = 311",
                      route("way", "b", "n/#", "queue = { " + bound.queue + " }")))));
      crossing.http = http_port(*crossing.carrier);
      await_bridge(*crossing.carrier, 2);
      crossing.a.await_subscription("bridge-a", "n/#");
      crossing.b.stop();
      await_answer(crossing.http, "/metrics",
                   "mqttkit_bridge_link_connected{endpoint=\"b\",client_id=\"bridge-b\"} 0\n");
      crossing.publish(lines("n/1", 100, 1));
      crossing.await_fate("overflow", 100 - bound.kept);
      crossing.b.start();
      Process checker(crossing.checker());
      checker.await_lines(static_cast<std::size_t>(bound.kept));
      crossing.await_fate("delivered", bound.kept);
      CHECK(checker.out() == numbers(bound.kept, bound.from));
      CHECK(holds(crossing.report(), fmt::format("way: 100 came, {} delivered, {} dropped, the queue being "
                                                 "full\n",
                                                 bound.kept, 100 - bound.kept)));
    }
  }
}

TEST_CASE("a full queue that blocks leaves the rest with the source, and all of it comes later") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    // By bytes what the bridge adds to a message, and what a program makes of it, is not let in by mistake,
    // nor lost: the first lets in one message, and jq makes it two.
    for (const std::string further :
         {"queue = { messages = 30 }", "queue = { bytes = 700 }",
          "queue = { messages = 30 }\ntreatment = { jq = \".payload, .payload\" }"}) {
      CAPTURE(store);
      CAPTURE(further);
      const int times = holds(further, "jq") ? 2 : 1;
      Crossing crossing(store);
      crossing.start(route("way", "b", "n/#", further));
      crossing.b.stop();
      await_answer(crossing.http, "/metrics",
                   "mqttkit_bridge_link_connected{endpoint=\"b\",client_id=\"bridge-b\"} 0\n");
      crossing.publish(lines("n/1", 2000, 1) + lines("n/2", 2000, 2));
      // As many as our receive maximum are held back, the rest is the source's.
      await_answer(crossing.http, "/metrics",
                   "mqttkit_bridge_link_blocked_messages{endpoint=\"a\",client_id=\"bridge-a\"} ");
      crossing.b.start();
      Process checker(crossing.checker());
      checker.await_lines(static_cast<std::size_t>(times) * 4000);
      crossing.await_fate("delivered", times * 4000);
      std::istringstream out(checker.out());
      std::vector<int> seen(2000);
      for (int number = 0; out >> number;) ++seen.at(static_cast<std::size_t>(number));
      for (std::size_t i = 0; i < seen.size(); ++i) {
        CAPTURE(i);
        CHECK(seen[i] == 2 * times);
      }
      CHECK_FALSE(holds(crossing.report(), "dropped"));
    }
  }
}

TEST_CASE("what has waited too long is dropped, also while the destination is away") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Crossing crossing(store);
    crossing.start(route("way", "b", "n/#", "queue = { age = \"1s\", qos0 = true }"));
    crossing.b.stop();
    await_answer(crossing.http, "/metrics",
                 "mqttkit_bridge_link_connected{endpoint=\"b\",client_id=\"bridge-b\"} 0\n");
    crossing.publish(lines("n/0", 20, 0) + lines("n/1", 20, 1) + lines("n/2", 20, 2));
    crossing.await_fate("expired", 60);
    crossing.await_waiting(0);
    crossing.b.start();
    crossing.carrier->await_err("b: connected to ", crossing.carrier->err().rfind("b: "));
    crossing.publish(lines("n/1", 1, 1, 77));
    Process checker(crossing.checker());
    checker.await_lines(1);
    CHECK(checker.out() == "77\n");
    CHECK(holds(crossing.report(), "way: 61 came, 1 delivered, 60 expired\n"));
  }
}

TEST_CASE("a destination that hangs holds its source up at QoS 0 for a while, in bounded memory, then none") {
  if (!have_mosquitto()) return;
  Mosquitto a, b, c;
  const TempDir dir;
  Process carrier(bridge(dir.write(
      "bridge.toml", bridge_file({a.port(), b.port(), c.port()}, "store = \"memory\"\nhttp = \"localhost:0\"",
                                 "", route("way", "b", "n/#") + route("other", "c", "m/#")))));
  const std::uint16_t http = http_port(carrier);
  await_bridge(carrier, 3);
  a.await_subscription("bridge-a", "n/#");
  a.await_subscription("bridge-a", "m/#");
  Process checker(sub(c.port(), {"-t", "m/#", "-q", "1", "-i", "checker", "-F", "%p"}));
  c.await_subscription("checker", "m/#");
  ::kill(b.process().pid(), SIGSTOP);
  // 400 MB at QoS 0.
  const std::string payload(100'000, 'x');
  Process flood(pub(a.port(), {"-t", "n/1", "-m", payload, "--repeat", "4000", "--rate", "800"}));
  await_answer(http, "/metrics", R"(waiting_messages{route="way",from="a",to="b"} 1)");
  CHECK(run(pub(a.port(), {"-t", "m/1", "-m", "on", "-q", "1"})).code == 0);
  checker.await_out("on\n");
  CHECK(flood.wait(60s).code == 0);
  CHECK(run(pub(a.port(), {"-t", "m/1", "-m", "still on", "-q", "1"})).code == 0);
  checker.await_out("still on\n");
  if (!sanitized) CHECK(carrier.peak_memory_kib() < 100 * 1024);
  ::kill(b.process().pid(), SIGCONT);
  carrier.signal(SIGTERM);
  const Outcome outcome = carrier.wait();
  CHECK(outcome.code == 0);
  CAPTURE(outcome.err);
  CHECK(holds(outcome.err, "not sent, the destination being away or slow"));
}
