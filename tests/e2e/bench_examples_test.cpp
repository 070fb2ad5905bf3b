// Every command line of docs/bench-scenario.toml and of mqtt-bench(1) is run, against mosquitto, with fewer
// clients and less time. (Those of its commands' pages: bench_options.examples.)
#include <doctest/doctest.h>

#include <string>

#include "e2e/bench_run.hpp"
#include "e2e/play.hpp"

using namespace mq;

TEST_CASE("docs/bench-scenario.toml") {
  play_all(lines_of("docs/bench-scenario.toml", "#   mqtt-bench "),
           {{.example = "mqtt-bench run",
             .before = make_small_scenario("bench-scenario.toml"),
             .told = {"factory", "end to end"},
             .after = "head -c 15 factory.html",
             .found = "<!DOCTYPE html>"}});
}

TEST_CASE("a file that is named and not there is a wrong command line") {
  for (const char* line : {"run none.toml", "calibrate none.toml", "report none.json", "compare none.json a",
                           "pub -f none -d 1", "pubsub --baseline none.json -d 1"}) {
    CAPTURE(line);
    Launch launch = pub(Arguments{});
    launch.command = {"sh", "-c", std::string(MQTT_BENCH " ") + line};
    CHECK(failed_with(run(launch), 2, "no such file"));
  }
}
