// The example of libmqttcore's use: what it does against a real broker.
#include <doctest/doctest.h>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

namespace mq {

TEST_CASE("the example client subscribes, publishes, prints and leaves") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const auto example = [&broker] {
    return run(
        {.command = {MQ_EXAMPLE_CLIENT, "127.0.0.1", std::to_string(broker.port()), "room/1", "21.5 °C"}});
  };
  const Outcome outcome = example();
  CHECK(outcome.out == "room/1: 21.5 °C\n");
  CHECK(outcome.err.empty());
  CHECK(outcome.code == 0);
  broker.stop();
  const Outcome refused = example();
  CHECK(refused.out.empty());
  CHECK(holds(refused.err, "error: cannot connect to 127.0.0.1:"));
  CHECK(refused.code == 1);
}

}  // namespace mq
