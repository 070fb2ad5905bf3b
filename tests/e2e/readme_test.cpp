// Every command line of README.md is run, against mosquitto, with less time and fewer clients, and does what
// stands beside it. Those that name services on the internet meet a server that refuses: their options are
// what is tried.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "e2e/bench_run.hpp"
#include "e2e/play.hpp"
#include "peers/certificates.hpp"
#include "peers/file_handle.hpp"
#include "shared/exit_code.hpp"

using namespace mq;

namespace {

// The command lines under a heading.
std::vector<std::string> lines_under(const std::string& heading) {
  std::vector<std::string> lines;
  for (const std::string& block : blocks_of("README.md")) {
    if (!block.starts_with("# " + heading + "\n")) continue;
    std::size_t at = block.find('\n') + 1;
    for (std::size_t end = at; (end = block.find('\n', at)) != block.npos; at = end + 1)
      lines.push_back(block.substr(at, end - at));
  }
  return lines;
}

const std::vector<std::string> tour{"Look at topics",
                                    "Publish",
                                    "Decode and validate",
                                    "Ask and answer",
                                    "Test in CI",
                                    "Load a broker",
                                    "Carry messages between brokers",
                                    "Connect"};

}  // namespace

TEST_CASE("README.md: every block is on the tour") {
  std::vector<std::string> seen;
  for (const std::string& block : blocks_of("README.md"))
    seen.push_back(block.substr(2, block.find('\n') - 2));
  CHECK(seen == tour);
}

TEST_CASE("README.md: the two commands are there") {
  const std::vector<std::string> lines = lines_of("README.md", "    ./");
  CHECK(lines.size() == 2);
  for (const std::string& line : lines)
    CHECK(std::filesystem::exists(MQTTKIT_SOURCE_DIR "/" + line.substr(0, line.find(' '))));
}

TEST_CASE("README.md: Look at topics") {
  play_all(
      lines_under("Look at topics"),
      {
          {.example = "mqtt-sub -h broker.example -t 'room/+/temperature' -v",
           .subscribed = "room/+/temperature",
           .meanwhile = "mqtt-pub -t room/1/temperature -m 21.5",
           .lines = 1,
           .out = "room/1/temperature 21\\.5\n",
           .code = 130},
          {.example = "mqtt-sub -t '#' --output json >> day.jsonl",
           .subscribed = "#",
           .meanwhile = "mqtt-pub -t plant/1 -q 1 -m hot; while [ ! -s day.jsonl ]; do sleep 0.01; done",
           .after = "cat day.jsonl",
           .found = "\\{\"time\":.*\"topic\":\"plant/1\".*\"payload\":\"hot\"\\}\n",
           .code = 130},
          {.example = "mqtt-sub -t '#'",
           .subscribed = "#",
           .meanwhile = "mqtt-pub -t a -m hot",
           .lines = 1,
           .out = "hot\n",
           .code = 130},
          {.example = "mqtt-sub -t 'plant/#' --jq",
           .subscribed = "plant/#",
           .meanwhile = "mqtt-pub -t plant/1 -m '{\"temp\":20}'\nmqtt-pub -t plant/2 -m '{\"temp\":31}'",
           .lines = 1,
           .out = "plant/2\n",
           .code = 130},
          {.example = "mqtt-sub -t device/7/online",
           .subscribed = "device/7/online",
           .meanwhile = "mqtt-pub -t device/7/online -m 1",
           .out = "1\n"},
          {.example = "mqtt-sub -t 'jobs/#' -q 2 -c -i worker",
           .before = "mqtt-sub -t 'jobs/#' -q 2 -c -i worker --session-file worker.session -E\n"
                     "mqtt-pub -q 2 -t jobs/1 -m dig",
           .lines = 1,
           .out = "dig\n",
           .code = 130},
          {.example = "mqtt-sub -t 'camera/+' --jobs 4",
           .before = "printf '#!/bin/sh\\ncat > \"stored$1\"\\n' > bin/store-image; chmod +x bin/store-image",
           .subscribed = "camera/+",
           .meanwhile = "mqtt-pub -t camera/1 -m jpeg; while [ ! -s stored--quietly ]; do sleep 0.01; done",
           .after = "cat stored--quietly",
           .found = "jpeg",
           .code = 130},
          {.example = "mqtt-sub --sys", .told = {"version ", "clients connected "}},
      });
}

TEST_CASE("README.md: Publish") {
  play_all(lines_under("Publish"),
           {
               {.example = "mqtt-pub -h broker.example", .received = "room/1/temperature 0 0 21.5\n"},
               {.example = "mqtt-pub -t room/1/photo",
                .before = "printf jpeg > photo.jpg",
                .received = "room/1/photo 1 1 jpeg\n"},
               {.example = "sensor-daemon |",
                .before = "printf '#!/bin/sh\\nseq 2\\n' > bin/sensor-daemon; chmod +x bin/sensor-daemon",
                .received = "readings 1 0 1\nreadings 1 0 2\n"},
               {.example = "mqtt-pub -t job",
                .beside = "mqtt-sub -t job -F '%p %R %P' -C 1 > seen",
                .beside_filter = "job",
                .after = "cat seen",
                .found = "\\{\\} replies/me trace:42\n"},
               {.example = "mqtt-pub -t 'dev/{random",
                .more = {{"pub", "set -- \"$@\" --rate 100 --repeat 2"}},
                .beside = "mqtt-sub -t dev/+ -C 2 --jq '\"\\(.payload.n) \\(.payload.temp >= 20)\"' > seen",
                .beside_filter = "dev/+",
                .after = "cat seen",
                .found = "1 true\n2 true\n"},
               {.example = "mqtt-pub --replay day.jsonl",
                .before = "echo '{\"topic\":\"plant/1\",\"qos\":1,\"payload\":\"hot\"}' > day.jsonl",
                .received = "lab/1 1 0 hot\n"},
           });
}

TEST_CASE("README.md: Decode and validate") {
  static constexpr const char* schema =
      "echo '{\"properties\":{\"temp\":{\"maximum\":50}}}' > reading.schema.json";
  play_all(
      lines_under("Decode and validate"),
      {
          {.example = "mqtt-sub -t 'plant/#' --proto",
           .before = "echo 'syntax=\"proto3\"; package plant; message Status { bool on = 1; }' > plant.proto",
           .subscribed = "plant/#",
           .meanwhile = "printf '\\010\\001' | mqtt-pub -t plant/1 -s",
           .lines = 1,
           .out = "\\{\"on\":true\\}\n",
           .code = 130},
          {.example = "mqtt-sub -t 'spBv1.0/#'",
           .subscribed = "spBv1.0/#",
           .meanwhile = "mqtt-pub -t spBv1.0/plant/NDATA/node --format sparkplug -m "
                        "'{\"seq\":1,\"metrics\":[{\"name\":\"temp\",\"type\":\"Int16\",\"value\":12}]}'",
           .lines = 1,
           .out = "spBv1\\.0/plant/NDATA/node \\{.*\"name\":\"temp\".*\"value\":12.*\\}\n",
           .code = 130},
          {.example = "mqtt-pub -t meter/1 --format cbor",
           .beside = "mqtt-sub -t meter/1 -C 1 -F %x > seen",
           .beside_filter = "meter/1",
           .after = "cat seen",
           .found = "a16474656d70f94d60\n"},
          {.example = "mqtt-pub -l -t plant/1 --schema",
           .before = std::string(schema) + "; printf '{\"temp\":1}\\n{\"temp\":61}\\n' > readings.jsonl",
           .told = {"/temp: maximum: expected at most 50, found 61"},
           .received = "plant/1 0 0 {\"temp\":1}\n",
           .code = 7},
          {.example = "mqtt-sub -t 'plant/#' --schema",
           .before = schema,
           .more = {{"sub", "set -- \"$@\" -C 1"}},
           .subscribed = "plant/#",
           .meanwhile = "mqtt-pub -t plant/1 -m '{\"temp\":1}'; mqtt-pub -t plant/2 -m '{\"temp\":61}'",
           .told = {"invalid: 'plant/2': /temp: maximum: expected at most 50, found 61"},
           .code = 7},
          {.example = "mqtt-sub -t '#' --payload-map",
           .before = std::string(schema) +
                     "; printf '[[rule]]\\ntopic = \"plant/#\"\\nschema = \"reading.schema.json\"\\n' > "
                     "payloads.toml",
           .more = {{"sub", "set -- \"$@\" -C 2"}},
           .subscribed = "#",
           .meanwhile = "mqtt-pub -t plant/1 -m '{\"temp\":1}'; mqtt-pub -t other -m x",
           .out = "valid     plant/1 \\{\"temp\":1\\}\nunchecked other x\n"},
      });
}

TEST_CASE("README.md: Ask and answer") {
  static constexpr const char* squares = "mqtt-rr serve -t calc/square --jq '.payload * .payload' -C ";
  static const std::string once = squares + std::string("1"), often = squares + std::string("1000");
  play_all(lines_under("Ask and answer"),
           {
               {.example = "mqtt-rr serve",
                .subscribed = "calc/square",
                .meanwhile = "mqtt-rr -t calc/square -m 12 > seen",
                .after = "cat seen",
                .found = "144\n",
                .code = 130},
               {.example = "mqtt-rr -t calc/square -m 12",
                .beside = once.c_str(),
                .beside_filter = "calc/square",
                .out = "144\n"},
               {.example = "seq 1000 |",
                .beside = often.c_str(),
                .beside_filter = "calc/square",
                .told = {"1000000\n", "p99"}},
               {.example = "mqtt-rr -t fleet/status",
                .more = {{"rr", "[ \"$1\" = serve ] || set -- \"$@\" --replies 1 -W 60"}},
                .beside = "mqtt-rr serve -i truck -t fleet/status --reply ok -C 1",
                .beside_filter = "fleet/status",
                .out = R"(truck \d+\.\d{3} ms ok\n)"},
               {.example = "mqtt-rr ping", .lines = 1, .told = {"and back: number 1,"}, .interrupted = true},
           });
}

TEST_CASE("README.md: Test in CI") {
  play_all(
      lines_under("Test in CI"),
      {
          {.example = "mqtt-rr ping",
           .more = {{"rr", "set -- \"$@\" --interval 0.01"}},
           .told = {"10 sent, 10 came back, 0 lost"}},
          {.example = "mqtt-sub -t pump/3/state",
           .more = {{"sub", "set -- \"$@\" -C 2"}},
           .subscribed = "pump/3/state",
           .meanwhile = "mqtt-pub -t pump/3/state -m '{}'; mqtt-pub -t pump/3/state -m '{\"on\":false}'",
           .told = {"error: expected '.payload.on == true', not met by any of 2 messages; the last one was "
                    "'pump/3/state': '{\"on\":false}'"},
           .after = "grep -c '<failure' pump.xml",
           .found = "1\n",
           .code = 9},
          {.example = "mqtt-sub -t 'alarm/#' --expect-none",
           .subscribed = "alarm/#",
           .meanwhile = "mqtt-pub -t alarm/1 -m fire",
           .out = "fire\n",
           .code = 9},
          {.example = "mqtt-rr -t calc/add",
           .beside = "mqtt-rr serve -t calc/add --jq '{sum: (.payload.a + .payload.b)}' -C 1",
           .beside_filter = "calc/add",
           .out = "\\{\"sum\":3\\}\n"},
      });
}

TEST_CASE("README.md: Load a broker") {
  const std::string scenario = "mkdir docs; " + make_small_scenario("docs/bench-scenario.toml");
  play_all(
      lines_under("Load a broker"),
      {
          {.example = "mqtt-bench pubsub -h broker.example",
           .more = {{"bench", "set -- \"$@\" -d 0.5"}},
           .told = {"pubsub", "end to end", "limit"}},
          {.example = "mqtt-bench pub --flood",
           .more = {{"bench", "set -- \"$@\" -d 0.3 -c 2"}},
           .told = {"pub", "ceiling", "limit"}},
          {.example = "mqtt-bench conn -c 100000",
           .more = {{"bench", "set -- \"$@\" -d 0.3 -c 50"}},
           .told = {"conn", "50", "of 2000 connects/s"}},
          {.example = "mqtt-bench fanout",
           .more = {{"bench",
                     "for word; do\n  shift\n  [ \"$word\" != 'e2e.p99 > 50ms' ] || word='e2e.p99 > 50s'\n"
                     "  set -- \"$@\" \"$word\"\ndone\nset -- \"$@\" --subscribers 10 -d 0.5"}},
           .told = {"fanout", "e2e.p99 > 50s", "lost > 0"},
           .after = "grep -c '<testcase' load.xml",
           .found = "2\n"},
          {.example = "mqtt-bench run docs/bench-scenario.toml",
           .before = scenario,
           .more = {{"bench", "set -- \"$@\" --metrics 127.78.$(($$ / 256 % 256)).$(($$ % 254 + 1)):9100"}},
           .told = {"factory", "end to end"},
           .after = "head -c 15 run.html; grep -c '\"format\": \"mqtt-bench report\"' run.json",
           .found = "<!DOCTYPE html>1\n"},
          {.example = "mqtt-bench compare",
           .before = "for name in before after; do\n"
                     "  mqtt-bench pubsub -c 2 -d 0.3 --json $name.json > seen\ndone",
           .told = {"before.json", "after.json", "end to end"}},
      });
}

TEST_CASE("README.md: Carry messages between brokers") {
  // The files that it names are here, as far as they are.
  static const std::string file =
      "mkdir docs; sed -e '/password-file\\|cafile\\|payload-map/d' " MQTTKIT_SOURCE_DIR
      "/docs/bridge.toml > docs/bridge.toml";
  play_all(
      lines_under("Carry messages between brokers"),
      {
          alarm_carried("mqtt-bridge --from mqtt://plant.example"),
          {.example = "mqtt-bridge -c docs/bridge.toml --check",
           .before = file,
           .told = {"bridge site7\n", "route display, plant -> panel\n"}},
          {.example = "mqtt-bridge -c docs/bridge.toml --dry-run",
           .before = file,
           .told = {"'machine/4/temp'\nroute up, plant -> cloud\n", "goes to cloud as 'site7/4/temp'"}},
          {.example = "mqtt-bridge import",
           .before =
               "printf 'connection b\\naddress b\\ntopic a/# out 1\\nstart_type lazy\\n' > mosquitto.conf",
           .told = {"start_type"},
           .after = "mqtt-bridge -c bridge.toml --dry-run a/1",
           .found = "'a/1'\n[^]*goes to b as 'a/1', at QoS 1 or lower\n"},
      });
}

TEST_CASE("README.md: Connect") {
  const FileHandle refusing = bind_loopback();
  const ReadersShell shell(port_of(refusing));
  shell.run(
      "cp " + made("root.pem") + " ca.pem; cp " + made("client.pem") + " me.pem; cp " + made("leaf.key") +
      " me.key; echo sesame > pw; mkdir -p .config/mqttkit; echo keepalive 30 > .config/mqttkit/home.conf\n"
      "printf '#!/bin/sh\\necho sesame\\n' > bin/pass; chmod +x bin/pass");
  const std::vector<std::string> lines = lines_under("Connect");
  CHECK(lines.size() == 9);
  // Without a network, so that nobody's name server is asked either.
  const std::vector<std::string> alone{"unshare", "--map-root-user", "--net"};
  const bool can_be_alone = run({.command = {"unshare", "--map-root-user", "--net", "true"}}).code == 0;
  for (const std::string& line : lines) {
    CAPTURE(line);
    Launch launch = shell.launch(line);
    if (can_be_alone) {
      launch.command.insert(launch.command.begin(), alone.begin(), alone.end());
    } else if (holds(line, " -S ")) {
      MESSAGE("skipped: no network namespace can be made here");
      continue;
    }
    const Outcome outcome = run(std::move(launch));
    CAPTURE(outcome.err);
    CHECK(outcome.code == exit_connect);
  }
}
