// Every command line of mqtt-bench in README.md and in docs/bench-scenario.toml is run, against mosquitto,
// with fewer clients and less time, and does what stands beside it.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "e2e/man_page.hpp"

using namespace mq;

namespace {

struct Play {
  const char* example;              // how it begins
  const char* more = "";            // what makes it smaller, as shell commands that change its arguments
  const char* before = "";          // what is there
  std::vector<std::string> told{};  // parts of its output
  const char* after = "";           // what is there then, as a shell command ...
  const char* found = "";           // ... shows
};

// docs/bench-scenario.toml with little time for each of its parts, and few clients.
constexpr const char* small_scenario =
    "sed -e 's/^length = .*/length = \"0.2s\"/; s/^warm-up = .*/warm-up = \"0.1s\"/; s/^drain.*/drain = "
    "\"5s\"/' "
    "-e 's/^clients = 500.*/clients = 5/; s/^count = 500/count = 5/; s/^clients = 50$/clients = 5/' "
    "-e 's/^stay.*/stay = \"0.1s\"/' " MQTTKIT_SOURCE_DIR "/docs/bench-scenario.toml > ";

void play(const Play& play, const std::string& example) {
  CAPTURE(example);
  Mosquitto server;
  const ReadersShell shell(server);
  shell.run("mkdir docs");
  shell.run(std::string(small_scenario) + "docs/bench-scenario.toml");
  shell.run("cp docs/bench-scenario.toml .");
  if (*play.before != '\0') shell.run(play.before);
  shell.home().write("more", play.more);
  const std::string out = shell.run(example);
  CAPTURE(out);
  CHECK_FALSE(play.told.empty());
  for (const std::string& part : play.told) {
    CAPTURE(part);
    CHECK(holds(out, part));
  }
  if (*play.after != '\0') CHECK(shell.run(play.after) == play.found);
}

// Each example has one play, and each play one example.
void play_all(const std::vector<std::string>& examples, const std::vector<Play>& plays) {
  if (!have_mosquitto()) return;
  CHECK(examples.size() == plays.size());
  for (const std::string& example : examples) {
    const auto found =
        std::ranges::find_if(plays, [&](const Play& one) { return example.starts_with(one.example); });
    CHECK_MESSAGE(found != plays.end(), "nothing plays: ", example);
    if (found != plays.end()) play(*found, example);
  }
}

}  // namespace

TEST_CASE("README.md") {
  play_all(lines_of("README.md", "    mqtt-bench "),
           {
               {.example = "mqtt-bench pubsub -h broker.example",
                .more = "set -- \"$@\" -d 0.5",
                .told = {"pubsub", "end to end", "limit"}},
               {.example = "mqtt-bench pub --flood",
                .more = "set -- \"$@\" -d 0.3 -c 2",
                .told = {"pub", "ceiling", "limit"}},
               {.example = "mqtt-bench conn -c 100000",
                .more = "set -- \"$@\" -d 0.3 -c 50",
                .told = {"conn", "50", "of 2000 connects/s"}},
               {.example = "mqtt-bench fanout",
                .more = "for word; do\n  shift\n  [ \"$word\" != 'e2e.p99 > 50ms' ] || word='e2e.p99 > 50s'\n"
                        "  set -- \"$@\" \"$word\"\ndone\nset -- \"$@\" --subscribers 10 -d 0.5",
                .told = {"fanout", "e2e.p99 > 50s", "lost > 0"},
                .after = "grep -c '<testcase' load.xml",
                .found = "2\n"},
               {.example = "mqtt-bench run docs/bench-scenario.toml",
                .more = "set -- \"$@\" --metrics 127.78.$(($$ / 256 % 256)).$(($$ % 254 + 1)):9100",
                .told = {"factory", "end to end"},
                .after = "head -c 15 run.html; grep -c '\"format\": \"mqtt-bench report\"' run.json",
                .found = "<!DOCTYPE html>1\n"},
               {.example = "mqtt-bench compare",
                .before = "for name in before after; do\n"
                          "  mqtt-bench pubsub -c 2 -d 0.3 --json $name.json > seen\ndone",
                .told = {"before.json", "after.json", "end to end"}},
           });
}

TEST_CASE("docs/bench-scenario.toml") {
  play_all(lines_of("docs/bench-scenario.toml", "#   mqtt-bench "), {
                                                                        {.example = "mqtt-bench run",
                                                                         .told = {"factory", "end to end"},
                                                                         .after = "test -s factory.html",
                                                                         .found = ""},
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
