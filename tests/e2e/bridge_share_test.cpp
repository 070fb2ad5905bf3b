// Bridges that share the work by a shared subscription: what that does to messages, to what is retained, and
// to loops.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>

#include "e2e/bridge_run.hpp"

using namespace mq;

namespace {

// A bridge called `name` from one broker to another, which it calls so.
std::string crew_file(const std::string& name, const Mosquitto& from, const Mosquitto& to,
                      const std::array<std::string, 2>& ends, const std::string& top) {
  std::string text = fmt::format("name = \"{}\"\nstore = \"memory\"\n{}", name, top);
  for (const auto& [end, port] : {std::pair(ends[0], from.port()), {ends[1], to.port()}})
    text += fmt::format("[endpoint.{}]\nhost = \"127.0.0.1\"\nport = {}\n", end, port);
  return text + fmt::format(
                    "[[route]]\nname = \"way\"\nfrom = \"{}\"\nto = \"{}\"\nshare = \"crew\"\n"
                    "topics = [\"n/#\"]\n",
                    ends[0], ends[1]);
}

std::string end(Process& process) {
  process.signal(SIGTERM);
  const Outcome outcome = process.wait();
  CHECK(outcome.code == 0);
  return outcome.err;
}

Process checker_of(Mosquitto& broker) {
  Process checker(sub(broker.port(), {"-t", "n/#", "-q", "2", "-i", "checker", "-F", "%t %p"}));
  broker.await_subscription("checker", "n/#");
  return checker;
}

}  // namespace

TEST_CASE("two bridges with one share carry each message once between them, and nothing retained before") {
  if (!have_mosquitto()) return;
  Mosquitto a(keeping_broker()), b(keeping_broker());
  CHECK(run(pub(a.port(), {"-t", "n/kept", "-m", "before", "-q", "1", "-r"})).code == 0);
  const TempDir dir;
  Process east(bridge(dir.write("east.toml", crew_file("east", a, b, {"a", "b"}, ""))));
  Process west(bridge(dir.write("west.toml", crew_file("west", a, b, {"a", "b"}, ""))));
  await_bridge(east, 2);
  await_bridge(west, 2);
  a.await_subscription("east-a", "$share/crew/n/#");
  a.await_subscription("west-a", "$share/crew/n/#");
  Process checker = checker_of(b);
  const Numbered expected{.topics = 5, .each = 100};
  CHECK(run(with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "3000"}), expected.lines())).code ==
        0);
  for (const int qos : {0, 1, 2}) {
    await_carried(expected, qos, checker);
    const CarriedVerdict verdict = judge_carried(expected, qos, checker.out());
    CHECK(verdict.lost == 0);
    CHECK(verdict.doubled == 0);
  }
  CHECK_FALSE(holds(checker.out(), "n/kept"));
  for (Process* one : {&east, &west}) {
    const std::string said = end(*one);
    CAPTURE(said);
    CHECK(holds(said, "way: "));
    CHECK_FALSE(holds(said, "way: 0 came"));  // mosquitto deals out in turns
    CHECK_FALSE(holds(said, "way: 1500 came"));
  }
}

// No Local can't be asked for with a share [MQTT-3.8.3-4].
TEST_CASE(
    "[MQTT-3.8.3-4] two shared ways that lead round end at the hop count, and what it stopped is counted") {
  if (!have_mosquitto()) return;
  for (const unsigned most : {1U, 2U}) {
    CAPTURE(most);
    Mosquitto a, b;
    const TempDir dir;
    const std::string top = fmt::format("max-hops = {}\n", most);
    // They call the brokers by other names, so that neither knows a place again where the other has been.
    Process there(bridge(dir.write("there.toml", crew_file("there", a, b, {"a", "b"}, top))));
    Process back(bridge(dir.write("back.toml", crew_file("back", b, a, {"x", "y"}, top))));
    await_bridge(there, 2);
    await_bridge(back, 2);
    a.await_subscription("there-a", "$share/crew/n/#");
    b.await_subscription("back-x", "$share/crew/n/#");
    Process at_a = checker_of(a), at_b = checker_of(b);
    for (const char* payload : {"one", "two", "end"})
      CHECK(run(pub(a.port(), {"-t", "n/1", "-m", payload, "-q", "1"})).code == 0);
    at_b.await_out("n/1 end\n");
    if (most == 2) at_a.await_out("n/1 end\n", at_a.out().find("n/1 end\n") + 1);
    // What has not ended by now is behind the first of these, and that in front of the second.
    for (const char* payload : {"later", "last"}) {
      CHECK(run(pub(b.port(), {"-t", "n/2", "-m", payload, "-q", "1"})).code == 0);
      at_a.await_out(fmt::format("n/2 {}\n", payload));
    }
    CHECK(count_of("n/1 one\n", at_a.out()) == most);
    CHECK(count_of("n/1 one\n", at_b.out()) == 1);
    // Each bridge stops what has made its last hop over the other.
    const std::string said_there = end(there), said_back = end(back);
    CAPTURE(said_there);
    CAPTURE(said_back);
    CHECK(holds(most == 1 ? said_back : said_there, "3 stopped as loops"));
  }
}
