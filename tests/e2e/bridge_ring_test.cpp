// Bridges that lead back to where a message came from: everybody gets it once, and what was stopped is
// counted.
#include <doctest/doctest.h>

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "e2e/bridge_run.hpp"

using namespace mq;

namespace {

constexpr std::size_t each = 20;  // messages from each broker

// What the bridges say of the servers: all the same addresses; the second one others; and a name as well.
enum class Names : std::uint8_t { by_address, each_its_own, known };

// Brokers "a", "b", "c", each with a checker, and bridges between.
class Net {
 public:
  explicit Net(std::vector<std::string> versions, Names names = Names::by_address)
      : versions_(std::move(versions)), names_(names), brokers_(versions_.size()) {
    for (Mosquitto& broker : brokers_) {
      checkers_.emplace_back(sub(broker.port(), {"-t", "#", "-q", "2", "-i", "checker", "-F", "%t %p"}));
      broker.await_subscription("checker", "#");
    }
  }

  // Between all of them; `routes`: "ab" leads from "a" to "b". Waits until it carries.
  void bridge(const std::string& name, const std::vector<std::string>& routes) {
    std::string lines, used;
    for (const std::string& route : routes) {
      lines += fmt::format("[[route]]\nname = \"{}\"\nfrom = \"{}\"\nto = \"{}\"\ntopics = [\"#\"]\n", route,
                           route[0], route[1]);
      used += route;
    }
    std::vector<std::uint16_t> ports;
    std::vector<std::string> endpoints;
    for (std::size_t i = 0; i < brokers_.size(); ++i) {
      ports.push_back(brokers_[i].port());
      endpoints.push_back("protocol-version = " + versions_[i]);
      if (names_ == Names::known)
        endpoints.back() += fmt::format("\nknown-as = \"{}\"", static_cast<char>('a' + i));
    }
    std::string text = bridge_file(ports, "store = \"memory\"", endpoints, lines);
    text.replace(text.find("\"bridge\""), 8, '"' + name + '"');
    if (names_ != Names::by_address && bridges_.size() == 1)
      for (std::size_t at = 0; (at = text.find("127.0.0.1", at)) != text.npos;)
        text.replace(at, 9, "localhost");
    bridges_.emplace_back(mq::bridge(dir_.write(name + ".toml", text)));
    for (std::size_t i = 0; i < brokers_.size(); ++i) {
      const char letter = static_cast<char>('a' + i);
      if (used.find(letter) != std::string::npos)
        brokers_[i].await_log(fmt::format(" as {}-{} ", name, letter));
      const auto from_here = [letter](const std::string& route) { return route[0] == letter; };
      if (std::ranges::any_of(routes, from_here)) brokers_[i].await_subscription(name + "-" + letter, "#");
    }
  }

  void publish() {
    for (std::size_t number = 0; number < each; ++number)
      for (std::size_t i = 0; i < brokers_.size(); ++i) say(i, std::to_string(number));
    await_all("", each);
    // What loops is in front of these on every way that it can take, and the second in front of the third.
    for (const std::string end : {"once", "twice", "thrice"}) {
      for (std::size_t i = 0; i < brokers_.size(); ++i) say(i, end);
      await_all(end, 1);
    }
  }

  // How often the checker at `at` has got the messages from `from`.
  std::size_t came(char at, char from) const {
    const std::string out = checkers_[static_cast<std::size_t>(at - 'a')].out();
    std::size_t count = 0;
    for (std::size_t number = 0; number < each; ++number)
      count += count_of(fmt::format("n/from/{} {}\n", from, number), out);
    return count;
  }

  // What the bridges say at their end, one after the other.
  std::string end_bridges() {
    std::string said;
    for (Process& each_one : bridges_) {
      each_one.signal(SIGTERM);
      const Outcome outcome = each_one.wait();
      CHECK(outcome.code == 0);
      said += outcome.err;
    }
    return said;
  }

 private:
  void say(std::size_t at, const std::string& payload) {
    const std::string topic = fmt::format("n/from/{}", static_cast<char>('a' + at));
    CHECK(run(pub(brokers_[at].port(), {"-t", topic, "-m", payload, "-q", "1"})).code == 0);
  }

  void await_all(const std::string& payload, std::size_t number) {
    for (Process& checker : checkers_)
      for (std::size_t i = 0; i < brokers_.size(); ++i)
        checker.await_out(fmt::format("n/from/{} {}\n", static_cast<char>('a' + i),
                                      payload.empty() ? std::to_string(number - 1) : payload));
  }

  std::vector<std::string> versions_;
  Names names_;
  std::vector<Mosquitto> brokers_;
  TempDir dir_;
  std::vector<Process> checkers_, bridges_;
};

void check_once(const Net& net, const std::string& brokers) {
  for (const char at : brokers)
    for (const char from : brokers) {
      CAPTURE(at);
      CAPTURE(from);
      CHECK(net.came(at, from) == each);
    }
}

}  // namespace

TEST_CASE("in a ring of three bridges everybody gets every message once") {
  if (!have_mosquitto()) return;
  Net net({"5", "5", "5"});
  net.bridge("one", {"ab"});
  net.bridge("two", {"bc"});
  net.bridge("three", {"ca"});
  net.publish();
  check_once(net, "abc");
  const std::string said = net.end_bridges();
  // Of each three that a bridge gets, one has been everywhere.
  for (const char* route : {"ab", "bc", "ca"}) {
    CAPTURE(said);
    CHECK(holds(said, fmt::format("{}: {} came, ", route, 3 * (each + 3))));
  }
  CHECK(count_of(fmt::format("{} stopped as loops", each + 3), said) == 3);
}

TEST_CASE("two bridges in opposite directions give nothing back") {
  if (!have_mosquitto()) return;
  Net net({"5", "5"});
  net.bridge("there", {"ab"});
  net.bridge("back", {"ba"});
  net.publish();
  check_once(net, "ab");
  CHECK(count_of(fmt::format("{} stopped as loops", each + 3), net.end_bridges()) == 2);
}

TEST_CASE("one bridge among three brokers carries every message to each once, whatever they speak") {
  if (!have_mosquitto()) return;
  for (const std::array<std::string, 3>& versions :
       {std::array<std::string, 3>{"5", "5", "5"}, {"311", "311", "311"}, {"5", "311", "5"}}) {
    CAPTURE(versions[0] + versions[1] + versions[2]);
    Net net({versions.begin(), versions.end()});
    net.bridge("hub", {"ab", "ac", "ba", "bc", "ca", "cb"});
    net.publish();
    check_once(net, "abc");
    net.end_bridges();
  }
}

// A message loses its way's marks on a connection that speaks 3.1.1. The others of the ring know it still.
TEST_CASE(
    "in a ring whose bridges name a server differently, or speak 3.1.1 there, a message goes round once more "
    "at most") {
  if (!have_mosquitto()) return;
  for (const Names names : {Names::each_its_own, Names::by_address}) {
    CAPTURE(names);
    Net net({"5", names == Names::by_address ? "311" : "5", "5"}, names);
    net.bridge("one", {"ab"});
    net.bridge("two", {"bc"});
    net.bridge("three", {"ca"});
    net.publish();
    for (const char at : {'a', 'b', 'c'})
      for (const char from : {'a', 'b', 'c'}) {
        CAPTURE(at);
        CAPTURE(from);
        CHECK(net.came(at, from) >= each);
        CHECK(net.came(at, from) <= 2 * each);
      }
    net.end_bridges();
  }
}

TEST_CASE("in a ring whose bridges call their servers differently, but know them, everybody gets all once") {
  if (!have_mosquitto()) return;
  Net net({"5", "5", "5"}, Names::known);
  net.bridge("one", {"ab"});
  net.bridge("two", {"bc"});
  net.bridge("three", {"ca"});
  net.publish();
  check_once(net, "abc");
  net.end_bridges();
}

// Each with the same file but for its own name.
TEST_CASE("bridges of several sites may call their own server the same") {
  if (!have_mosquitto()) return;
  Mosquitto north(keeping_broker()), south(keeping_broker()), middle(keeping_broker());
  const TempDir dir;
  const auto file = [&](const std::string& name, const Mosquitto& local) {
    std::string text = fmt::format("name = \"{}\"\nstore = \"memory\"\n", name);
    for (const auto& [end, port] : {std::pair("local", local.port()), {"cloud", middle.port()}})
      text += fmt::format("[endpoint.{}]\nhost = \"127.0.0.1\"\nport = {}\n", end, port);
    for (const auto& [from, to] : {std::pair("local", "cloud"), {"cloud", "local"}})
      text += fmt::format("[[route]]\nfrom = \"{}\"\nto = \"{}\"\ntopics = [\"n/#\"]\n", from, to);
    return dir.write(name + ".toml", text);
  };
  Process at_north(bridge(file("north", north))), at_south(bridge(file("south", south)));
  await_bridge(at_north, 2);
  await_bridge(at_south, 2);
  std::vector<Process> checkers;
  for (Mosquitto* broker : {&north, &south, &middle}) {
    checkers.emplace_back(sub(broker->port(), {"-t", "n/#", "-q", "1", "-i", "checker", "-F", "%t"}));
    broker->await_subscription("checker", "n/#");
  }
  for (const std::string name : {"north", "south"})
    for (Mosquitto* broker : {&north, &south, &middle})
      if (broker == &middle || (broker == &north) == (name == "north"))
        broker->await_subscription(name + (broker == &middle ? "-cloud" : "-local"), "n/#");
  for (const std::string payload : {"first", "last"}) {
    CHECK(run(pub(north.port(), {"-t", "n/north/" + payload, "-m", "x", "-q", "1"})).code == 0);
    for (Process& checker : checkers) checker.await_out("n/north/" + payload + "\n");
    CHECK(run(pub(south.port(), {"-t", "n/south/" + payload, "-m", "x", "-q", "1"})).code == 0);
    for (Process& checker : checkers) checker.await_out("n/south/" + payload + "\n");
  }
  for (const Process& checker : checkers) CHECK(count_of("\n", checker.out()) == 4);
  for (Process* one : {&at_north, &at_south}) {
    one->signal(SIGTERM);
    CHECK(one->wait().code == 0);
  }
}
