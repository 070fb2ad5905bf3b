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

TEST_CASE("mqtt-bench(1)") {
  play_all(
      examples_of("mqtt-bench.1.in"),
      {
          {.example = "mqtt-bench pubsub -h broker.example\n",
           .more = {{"bench", "set -- \"$@\" -d 0.5"}},
           .told = {"pubsub", "end to end", "limit"}},
          // The two machines of this one have their turns one after the other.
          {.example = "mqtt-bench pubsub --run trial1",
           .more =
               {{"bench",
                 "[ \"$1\" = report ] || set -- \"$@\" -d 0.3 --drain 0.3 --start-at 2020-01-01T00:00:00Z"}},
           .told = {"pubsub", "2 shards"}},
          {.example = "mqtt-bench pub -h broker.example --flood",
           .more = {{"bench", "set -- \"$@\" -d 0.3 -c 2"}},
           .told = {"ceiling", "limit"}},
          {.example = "mqtt-bench conn",
           .more = {{"bench", "set -- \"$@\" -d 0.3 -c 50"}},
           .told = {"50 connected", "of 500 connects/s"}},
          {.example = "mqtt-bench pubsub -h broker.example -q 1",
           .more = {{"bench",
                     "for word; do\n  shift\n  [ \"$word\" != 'e2e.p99 > 50ms' ] || word='e2e.p99 < 50s'\n"
                     "  set -- \"$@\" \"$word\"\ndone\nset -- \"$@\" -c 2 -d 0.3"}},
           .told = {"failed      fail if e2e.p99 < 50s", "passed      fail if lost > 0"},
           .after = "grep -c '<failure' bench.xml",
           .found = "1\n",
           .code = 9},
          {.example = "mqtt-bench fanout",
           .more = {{"bench", "set -- \"$@\" -d 0.3 --subscribers 10"}},
           .told = {"fanout", "subscribers 10"},
           .after = "head -c 15 fanout.html",
           .found = "<!DOCTYPE html>"},
          {.example = "mqtt-bench pubsub -h broker.example --flood --json after.json",
           .before = "mqtt-bench pubsub -c 1 -d 0.2 --flood --json before.json > seen",
           .more = {{"bench", "[ \"$1\" = compare ] || set -- \"$@\" -c 1 -d 0.2"}},
           .told = {"before  before.json", "after   after.json"}},
      });
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
