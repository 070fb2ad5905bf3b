// The bridge dies at each step of both handshakes, by fault points that are compiled into mqtt-bridge-faults,
// and another goes on.
#include <doctest/doctest.h>

#include <fmt/core.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "e2e/bridge_crossing.hpp"

using namespace mq;

namespace {

// What has happened when it dies: the step itself, then that it is about to be committed, is, and has led to
// something that has left.
std::vector<std::string> all_faults(unsigned number) {
  std::vector<std::string> faults{fmt::format("arrived:{}", number), "connected:1", "connected:2",
                                  "connected:2,committing:1,committed:1"};
  // A message in; PUBREL in; an identifier given to a message out; PUBREC in; PUBACK or PUBCOMP in.
  for (const std::string_view step : {"taken", "released", "identified", "received", "ended"})
    for (const std::string_view then :
         {"", ",committing:1", ",committing:1,committed:1", ",committing:1,committed:1,written:1"})
      faults.push_back(fmt::format("{}:{}{}", step, number, then));
  return faults;
}

std::string numbers(unsigned count) {
  std::string lines;
  for (unsigned i = 0; i < count; ++i) lines += fmt::format("{}\n", i);
  return lines;
}

}  // namespace

TEST_CASE("wherever in a handshake the bridge dies: nothing is lost, at QoS 2 nothing comes twice") {
  if (!have_mosquitto()) return;
  std::vector<std::string> faults;
  for (const unsigned number : {1U, 8U, 37U})
    for (std::string& fault : all_faults(number)) faults.push_back(std::move(fault));
  for (const std::string version : {"5", "311"}) {
    CAPTURE(version);
    // In each life as many as take it to its fault.
    constexpr std::size_t each_life = 4;
    const Numbered numbered{.topics = 10, .each = each_life * faults.size()};
    Crossing crossing({.version_a = version, .version_b = version, .numbered = numbered});
    const std::string lines = numbered.lines();
    std::size_t from = 0;
    for (const std::string& fault : faults) {
      CAPTURE(fault);
      Process carrier(crossing.bridge_that_dies(fault));
      std::size_t to = from;
      for (std::size_t i = 0; i < each_life * numbered.topics * 3; ++i) to = lines.find('\n', to) + 1;
      crossing.publish(lines.substr(from, to - from));
      from = to;
      CHECK(carrier.wait().signal == SIGKILL);
    }
    crossing.finish();
  }
}

// The identifiers that the store holds are then of a session that is gone, and the new one, which the dead
// bridge's CONNECT has made, uses them again.
TEST_CASE("where the source has lost its session and the bridge dies as it hears of it, no message is lost") {
  if (!have_mosquitto()) return;
  for (const std::string version : {"5", "311"}) {
    for (const std::string fault : {"connected:1", "connected:2", "connected:1,committing:1"}) {
      CAPTURE(version);
      CAPTURE(fault);
      Mosquitto a, b(keeping_broker());
      const TempDir dir;
      const std::string top = "store-path = \"" + dir.file("store.sqlite") + "\"";
      const std::string file =
          dir.write("bridge.toml", bridge_file({a.port(), b.port()}, top, "protocol-version = " + version,
                                               "[[route]]\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n"));
      const auto dies = [&file](const std::string& where) {
        Launch launch = bridge(file, MQTT_BRIDGE_FAULTS);
        launch.environment.emplace_back("MQTTKIT_FAULT", where);
        return launch;
      };
      Process checker(sub(b.port(), {"-t", "n/#", "-q", "2", "-i", "checker", "-F", "%t %p"}));
      b.await_subscription("checker", "n/#");
      Process first(bridge(file));
      await_bridge(first, 2);
      a.await_subscription("bridge-a", "n/#");
      first.signal(SIGTERM);
      CHECK(first.wait().code == 0);
      // It has identifiers of the source's, and PUBREC has not left for them.
      CHECK(run(with_input(pub(a.port(), {"-t", "n/old", "-q", "2", "-l"}), numbers(15))).code == 0);
      Process second(dies("taken:15,committing:1,committed:1"));
      CHECK(second.wait().signal == SIGKILL);
      a.stop();
      a.start();
      Process third(dies(fault));
      CHECK(third.wait().signal == SIGKILL);
      Process last(bridge(file));
      await_bridge(last, 2);
      a.await_subscription("bridge-a", "n/#");
      CHECK(run(with_input(pub(a.port(), {"-t", "n/new", "-q", "2", "-l"}), numbers(60))).code == 0);
      checker.await_out("n/new 59\n");
      CHECK(count_of("n/new ", checker.out()) == 60);
    }
  }
}
