// The bridge is killed again and again, at random moments, while numbered messages go over it. Nightly:
// MQTTKIT_KILLS=300, and MQTTKIT_RESTARTS=1 to stop and start the destination between; MQTTKIT_SEED replays a
// run.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <random>
#include <string>
#include <thread>

#include "e2e/bridge_crossing.hpp"

using namespace mq;

TEST_CASE("whenever the bridge is killed: nothing is lost, at QoS 2 nothing comes twice, order is kept") {
  if (!have_mosquitto()) return;
  const std::uint32_t kills = number_asked("MQTTKIT_KILLS", 8);
  const bool restarts = number_asked("MQTTKIT_RESTARTS", 0) > 0;
  const std::uint32_t seed = number_asked("MQTTKIT_SEED", std::random_device{}());
  MESSAGE("MQTTKIT_SEED=", seed);
  for (const std::string version : {"5", "311"}) {
    CAPTURE(seed);
    CAPTURE(version);
    std::mt19937 random(seed);
    // About a fifth of a second for each life of the bridge.
    const Numbered numbered{.topics = 20, .each = 6 + 3 * std::size_t{kills}};
    Crossing crossing({.version_a = version, .version_b = version, .numbered = numbered, .rate = "1000"});
    crossing.publish(numbered.lines());
    for (std::uint32_t i = 0; i < kills; ++i) {
      Process carrier(crossing.bridge());
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 300));
      if (restarts && random() % 4 == 0) crossing.restart_b();
      carrier.signal(SIGKILL);
      carrier.wait();
    }
    crossing.finish();
  }
}
