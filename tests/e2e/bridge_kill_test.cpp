// The bridge is killed again and again, at random moments, while numbered messages go over it. Nightly:
// MQTTKIT_KILLS=300, and MQTTKIT_RESTARTS=1 to stop and start the destination between; MQTTKIT_SEED replays a
// run.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>

#include "e2e/bridge_run.hpp"

using namespace mq;

namespace {

std::uint32_t number_of(const char* name, std::uint32_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

}  // namespace

TEST_CASE("whenever the bridge is killed: nothing is lost, at QoS 2 nothing comes twice, order is kept") {
  if (!have_mosquitto()) return;
  const std::uint32_t kills = number_of("MQTTKIT_KILLS", 8);
  const bool restarts = number_of("MQTTKIT_RESTARTS", 0) > 0;
  const std::uint32_t seed = number_of("MQTTKIT_SEED", std::random_device{}());
  CAPTURE(seed);
  for (const std::string version : {"5", "311"}) {
    CAPTURE(version);
    std::mt19937 random(seed);
    Mosquitto a(keeping_broker()), b(keeping_broker());
    const TempDir dir;
    const std::string top = "store = \"disk\"\nstore-path = \"" + dir.file("store.sqlite") + "\"";
    const std::string file =
        dir.write("bridge.toml",
                  bridge_file({a.port(), b.port()}, top, "protocol-version = " + version,
                              "[[route]]\nname = \"way\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"n/#\"]\n"));
    {
      Process first(bridge(file));
      await_bridge(first, 2);
      a.await_subscription("bridge-a", "n/#");
    }
    Process checker(sub(b.port(), {"-t", "n/#", "-q", "2", "-c", "-i", "checker", "-F", "%t %p"}));
    b.await_subscription("checker", "n/#");
    // About a fifth of a second for each life of the bridge.
    const Numbered numbered{.topics = 20, .each = 6 + 3 * std::size_t{kills}};
    Process publisher(
        with_input(pub(a.port(), {"-l", "--input", "json", "--rate", "1000"}), numbered.lines()));
    for (std::uint32_t i = 0; i < kills; ++i) {
      Process carrier(bridge(file));
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 300));
      if (restarts && random() % 4 == 0) {
        b.stop();
        b.start();
      }
      carrier.signal(SIGKILL);
      carrier.wait();
    }
    CHECK(publisher.wait().code == 0);
    Process last(bridge(file));
    for (const int qos : {1, 2}) await_carried(numbered, qos, checker);
    const CarriedVerdict once = judge_carried(numbered, 2, checker.out());
    CHECK(once.doubled == 0);
    CHECK(once.reordered == 0);
    CHECK(once.strange == 0);
    CHECK(judge_carried(numbered, 1, checker.out()).reordered == 0);
    await_bridge(last, 2);
    last.signal(SIGTERM);
    CHECK(last.wait().code == 0);
  }
}
