// All at once: the bridge is killed, brokers are restarted and stop breathing, and the links between are cut,
// cut at a byte, stalled and slowed, at random, while numbered messages on 200 topics go over it. Nightly
// MQTTKIT_KILLS=300; MQTTKIT_SEED replays a run.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "e2e/bridge_crossing.hpp"

using namespace mq;

namespace {

class Chaos {
 public:
  Chaos(Crossing& crossing, std::uint32_t seed) : crossing_(crossing), random_(seed) {}

  // One thing happens, or nothing does.
  void meet() {
    std::this_thread::sleep_for(std::chrono::milliseconds(10 + random_() % 150));
    const bool at_a = random_() % 2 == 0;
    Cable& cable = at_a ? crossing_.to_a() : crossing_.to_b();
    switch (random_() % 8) {
      case 0:
        at_a ? crossing_.restart_a() : crossing_.restart_b();
        break;
      case 1: {
        const pid_t broker = (at_a ? crossing_.a() : crossing_.b()).process().pid();
        ::kill(broker, SIGSTOP);
        std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 100));
        ::kill(broker, SIGCONT);
        break;
      }
      case 2:
        cable.cut();
        break;
      case 3:
      case 4:
        cable.cut_at(1 + random_() % 4000);
        break;
      case 5:
        cable.stall(true);
        std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 100));
        cable.stall(false);
        break;
      case 6:
        cable.delay(static_cast<std::uint32_t>(random_()), std::chrono::milliseconds(random_() % 30));
        break;
      default:
        break;
    }
  }

  unsigned steps() { return static_cast<unsigned>(1 + random_() % 3); }

  void calm() {
    for (Cable* cable : {&crossing_.to_a(), &crossing_.to_b()}) cable->delay(0, {});
  }

 private:
  Crossing& crossing_;
  std::mt19937 random_;
};

}  // namespace

TEST_CASE(
    "whatever happens to bridge, brokers and links: nothing is lost, doubled at QoS 2, or out of order") {
  if (!have_mosquitto()) return;
  const std::uint32_t kills = number_asked("MQTTKIT_KILLS", 20);
  const std::uint32_t seed = number_asked("MQTTKIT_SEED", std::random_device{}());
  MESSAGE("MQTTKIT_SEED=", seed);
  using Versions = std::pair<std::string, std::string>;
  for (const auto& [from, to] : {Versions{"5", "311"}, Versions{"311", "5"}}) {
    CAPTURE(seed);
    CAPTURE(from);
    const Numbered numbered{.topics = 200, .each = kills};
    Crossing crossing({.version_a = from, .version_b = to, .numbered = numbered, .rate = "1500"});
    Chaos chaos(crossing, seed);
    crossing.publish(numbered.lines());
    for (std::uint32_t i = 0; i < kills; ++i) {
      Process carrier(crossing.bridge());
      for (unsigned steps = chaos.steps(); steps > 0; --steps) chaos.meet();
      carrier.signal(SIGKILL);
      carrier.wait();
    }
    chaos.calm();
    crossing.finish();
  }
}
