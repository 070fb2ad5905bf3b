// SIGHUP: the configuration is read again while messages flow. Whoever did not change does not notice: of an
// unchanged route every message gets there once, over the connections that there were.
#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <string>

#include "e2e/bridge_run.hpp"

using namespace mq;

namespace {

const std::string way = "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n";

std::string more(const std::string& topics, const std::string& to = "b", const std::string& further = "") {
  return "[[route]]\nname = \"more\"\nfrom = \"a\"\nto = \"" + to + "\"\ntopics = [" + topics + "]\n" +
         further;
}

// Messages at every QoS along `way` from a to b, which flow from start() to finish().
struct Flow {
  explicit Flow(const std::string& store) : a(with_user()), b(ordering_broker()), c(ordering_broker()) {
    top = "store = \"" + store + "\"\nstatus-topic = \"status\"\n";
    if (store == "disk") top += "store-path = \"" + dir.file("store.sqlite") + "\"\n";
  }

  // Lets in whoever comes without a name, or with the right password.
  static MosquittoConfig with_user() {
    MosquittoConfig config = keeping_broker();
    config.users = {{"carrier", "secret"}};
    return config;
  }

  // With lines of a's and b's.
  std::string text(const std::string& routes, const std::string& at_a = "", const std::string& at_b = "") {
    return bridge_file({a.port(), b.port()}, top, {at_a, at_b}, routes);
  }
  std::string text_with_c(const std::string& routes) {
    return bridge_file({a.port(), b.port(), c.port()}, top, {"", "", ""}, routes);
  }

  void start(const std::string& file) {
    path = dir.write("bridge.toml", file);
    ::chmod(path.c_str(), 0600);
    carrier.emplace(bridge(path));
    await_bridge(*carrier, 2);
    a.await_subscription("bridge-a", "n/#");
    checker.emplace(sub(b.port(), {"-t", "n/#", "-q", "2", "-F", "%t %p", "-i", "checker"}));
    b.await_subscription("checker", "n/#");
    others.emplace(sub(
        b.port(), {"-t", "m/#", "-t", "k/#", "-t", "z/#", "-t", "changed", "-F", "%t %p", "-i", "others"}));
    b.await_subscription("others", "changed");
    publisher.emplace(
        with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "1500"}), numbered.lines()));
    await_flow();
  }

  void await_flow() { checker->await_lines(count_of("\n", checker->out()) + 100); }

  // Has the file read again, and waits until it says that.
  void reload(const std::string& file, const std::string& said = "has been read again") {
    dir.write("bridge.toml", file);
    const std::size_t seen = carrier->err().size();
    carrier->signal(SIGHUP);
    carrier->await_err(said, seen);
    await_flow();
  }

  // A message that has to come, there, behind all that was published before.
  void must_come(const std::string& topic, const std::string& as, Process& at) {
    const std::string payload = fmt::format("sign-{}", ++signs);
    CHECK(run(pub(a.port(), {"-t", topic, "-m", payload, "-q", "1"})).code == 0);
    at.await_out(as + " " + payload + "\n");
  }
  void must_come(const std::string& topic, const std::string& as) { must_come(topic, as, *others); }

  // All is there; at QoS 0 too, where a connection that was made anew does not excuse it.
  void finish(bool whole = true) {
    CHECK(publisher->wait().code == 0);
    for (const int qos : {0, 1, 2}) {
      CAPTURE(qos);
      if (qos == 0 && !whole) continue;
      await_carried(numbered, qos, *checker);
      const CarriedVerdict verdict = judge_carried(numbered, qos, checker->out());
      CHECK(verdict.lost == 0);
      if (whole || qos == 2) CHECK(verdict.doubled == 0);
      CHECK(verdict.reordered == 0);
    }
    carrier->signal(SIGTERM);
    const Outcome outcome = carrier->wait();
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
  }

  static std::size_t connections(const Mosquitto& broker, const std::string& client_id) {
    return count_of(" as " + client_id + " ", broker.log());
  }

  Mosquitto a, b, c;
  TempDir dir;
  std::string top, path;
  Numbered numbered{.topics = 5, .each = 300};
  int signs = 0;
  std::optional<Process> carrier, checker, others, publisher;
};

}  // namespace

TEST_CASE("a file without a change changes nothing: no connection ends, and nothing is subscribed to anew") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Flow flow(store);
    flow.start(flow.text(way));
    for (int i = 0; i < 3; ++i) flow.reload(flow.text(way));
    CHECK(Flow::connections(flow.a, "bridge-a") == 1);
    CHECK(Flow::connections(flow.b, "bridge-b") == 1);
    CHECK(count_of("bridge-a 2 n/#", flow.a.log()) == 1);
    flow.finish();
  }
}

TEST_CASE("a route is added, gets other topics, maps them otherwise, and goes; the others do not notice") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Flow flow(store);
    flow.start(flow.text(way));
    flow.reload(flow.text(way + more("\"m/#\"")));
    flow.a.await_subscription("bridge-a", "m/#");
    flow.must_come("m/1", "m/1");
    flow.reload(flow.text(way + more("\"k/#\"")));
    flow.a.await_subscription("bridge-a", "k/#");
    flow.must_come("k/1", "k/1");
    flow.reload(flow.text(way + more("{ from = \"k/#rest\", to = \"z/$rest\" }")));
    flow.must_come("k/2", "z/2");
    flow.reload(flow.text(way));
    flow.a.await_log("bridge-a k/#");
    for (const std::string topic : {"m/none", "k/none"})
      CHECK(run(pub(flow.a.port(), {"-t", topic, "-m", "x", "-q", "1"})).code == 0);
    CHECK(Flow::connections(flow.a, "bridge-a") == 1);
    CHECK(Flow::connections(flow.b, "bridge-b") == 1);
    CHECK(count_of("bridge-a 2 n/#", flow.a.log()) == 1);
    flow.finish();
    CHECK_FALSE(holds(flow.others->out(), "none"));
  }
}

TEST_CASE("a connection that is to be another is made anew, alone, and goes on with its session") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Flow flow(store);
    flow.start(flow.text(way));
    flow.reload(flow.text(way, "", "keepalive = 33"));
    flow.b.await_log(" as bridge-b (p5, c0, k33");
    CHECK(Flow::connections(flow.a, "bridge-a") == 1);
    flow.reload(flow.text(way, "keepalive = 34", "keepalive = 33"));
    flow.a.await_log(" as bridge-a (p5, c0, k34");
    CHECK(Flow::connections(flow.a, "bridge-a") == 2);
    CHECK(Flow::connections(flow.b, "bridge-b") == 2);
    CHECK_FALSE(holds(flow.carrier->err(), "may arrive twice"));
    flow.finish(false);
  }
}

TEST_CASE("credentials are taken anew: wrong ones end the connection, right ones bring what has waited") {
  if (!have_mosquitto()) return;
  Flow flow("disk");
  const auto credentials = [](const std::string& password) {
    return "username = \"carrier\"\npassword = \"" + password + "\"";
  };
  flow.start(flow.text(way, credentials("secret")));
  const std::size_t seen = flow.carrier->err().size();
  flow.dir.write("bridge.toml", flow.text(way, credentials("another")));
  flow.carrier->signal(SIGHUP);
  flow.carrier->await_err("a: the server refused the connection: not authorized", seen);
  flow.reload(flow.text(way, credentials("secret")));
  CHECK(Flow::connections(flow.b, "bridge-b") == 1);
  flow.finish(false);
}

TEST_CASE("an endpoint is added and removed, and its status does not stay online") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Flow flow(store);
    flow.start(flow.text(way));
    Process at_c(sub(flow.c.port(), {"-t", "#", "-q", "1", "-F", "%t %p", "-i", "at-c"}));
    flow.c.await_subscription("at-c", "#");
    for (int i = 0; i < 2; ++i) {
      const std::size_t seen = at_c.out().size();
      flow.reload(flow.text_with_c(way + more("\"m/#\"", "c")));
      flow.a.await_subscription("bridge-a", "m/#");
      flow.must_come("m/1", "m/1", at_c);
      at_c.await_out("\"online\"", seen);
      flow.reload(flow.text(way));
      at_c.await_out("\"offline\"", seen);
      flow.c.await_log("Client bridge-c disconnected");
    }
    CHECK(Flow::connections(flow.a, "bridge-a") == 1);
    CHECK(Flow::connections(flow.b, "bridge-b") == 1);
    flow.finish();
  }
}

TEST_CASE("an endpoint that answers nothing any more can be removed") {
  if (!have_mosquitto()) return;
  Flow flow("memory");
  flow.start(flow.text_with_c(way + more("\"m/#\"", "c")));
  flow.carrier->await_err("c: connected to ");
  flow.a.await_subscription("bridge-a", "m/#");
  ::kill(flow.c.process().pid(), SIGSTOP);
  const std::string large(1U << 20, 'x');
  for (int i = 0; i < 8; ++i)  // more than the sockets take
    CHECK(run(with_input(pub(flow.a.port(), {"-t", "m/1", "-s", "-q", "1"}), large)).code == 0);
  flow.reload(flow.text(way));
  flow.finish();
  ::kill(flow.c.process().pid(), SIGCONT);
}

TEST_CASE("a route gets a connection of its own, and gives it up again") {
  if (!have_mosquitto()) return;
  for (const std::string store : {"disk", "through", "memory"}) {
    CAPTURE(store);
    Flow flow(store);
    flow.start(flow.text(way + more("\"m/#\"")));
    for (int i = 0; i < 2; ++i) {
      flow.reload(flow.text(way + more("\"m/#\"", "b", "own-connection = true\n")));
      flow.a.await_subscription("bridge-a-more", "m/#");
      flow.must_come("m/1", "m/1");
      flow.reload(flow.text(way + more("\"m/#\"")));
      flow.a.await_subscription("bridge-a", "m/#");
      flow.must_come("m/2", "m/2");
      flow.a.await_log("Client bridge-a-more disconnected");
    }
    CHECK(Flow::connections(flow.a, "bridge-a") == 1);
    CHECK(Flow::connections(flow.b, "bridge-b") == 1);
    flow.finish();
  }
}

TEST_CASE("what can't be used is told with its place, and the bridge goes on as before") {
  if (!have_mosquitto()) return;
  Flow flow("disk");
  flow.start(flow.text(way));
  const std::string goes_on = "; the bridge goes on as before";
  for (const std::string& wrong :
       {std::string("[[route"), way + "qos = 7\n", more("\"m/#\"", "nowhere"),
        way + "treatment = { jq = \".[\" }\n", way + "treatment = { payload-map = \"/no/map\" }\n"}) {
    CAPTURE(wrong);
    const std::size_t seen = flow.carrier->err().size();
    flow.reload(flow.text(wrong), goes_on);
    CHECK(holds(flow.carrier->err().substr(seen), "error: "));
    CHECK_FALSE(holds(flow.carrier->err(), "has been read again"));
  }
  ::unlink(flow.path.c_str());
  const std::size_t seen = flow.carrier->err().size();
  flow.carrier->signal(SIGHUP);
  flow.carrier->await_err(goes_on, seen);
  CHECK(holds(flow.carrier->err().substr(seen), "bridge.toml"));
  CHECK(Flow::connections(flow.a, "bridge-a") == 1);
  flow.finish();
}

TEST_CASE("what can't change while the bridge runs stays as it was, and is named; the rest is followed") {
  if (!have_mosquitto()) return;
  Flow flow("disk");
  flow.start(flow.text(way));
  std::string other = flow.text(way + more("\"m/#\""));
  const auto change = [&other](const std::string& from, const std::string& to) {
    const std::size_t at = other.find(from);
    REQUIRE(at != std::string::npos);
    other.replace(at, from.size(), to);
  };
  change("name = \"bridge\"", "name = \"another\"\nhttp = \"localhost:0\"");
  change("store = \"disk\"", "store = \"memory\"");
  change("store-path = \"" + flow.dir.file("store.sqlite") + "\"\n", "");
  change("status-topic = \"status\"", "status-topic = \"changed\"");
  flow.reload(other, "name, store, store-path, status-topic, http can't change while the bridge runs");
  flow.a.await_subscription("bridge-a", "m/#");
  flow.must_come("m/1", "m/1");
  CHECK(Flow::connections(flow.a, "bridge-a") == 1);
  CHECK_FALSE(holds(flow.a.log(), " as another-a "));
  flow.finish();
  CHECK_FALSE(holds(flow.others->out(), "changed "));
}
