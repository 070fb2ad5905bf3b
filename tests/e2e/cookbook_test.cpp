// Every recipe of docs/cookbook.md is run, against mosquitto, with less time and fewer clients, and does what
// stands below it.
#include <doctest/doctest.h>

#include "e2e/play.hpp"
#include "peers/certificates.hpp"

using namespace mq;

namespace {

// An executable of the reader's own.
std::string tool(const std::string& name, const std::string& line) {
  return "cat > bin/" + name + " <<'END'\n#!/bin/sh\n" + line + "\nEND\nchmod +x bin/" + name + "\n";
}

constexpr const char* birth_and_data =
    "mqtt-pub -t spBv1.0/plant/NBIRTH/node --format sparkplug -m "
    "'{\"seq\":0,\"metrics\":[{\"name\":\"Temperature\",\"alias\":7,\"type\":\"Int16\",\"value\":-5},"
    "{\"name\":\"Pressure\",\"alias\":8,\"type\":\"Int16\",\"value\":3}]}'\n"
    "mqtt-pub -t spBv1.0/plant/NDATA/node --format sparkplug -m "
    "'{\"seq\":1,\"metrics\":[{\"alias\":7,\"type\":\"Int16\",\"value\":12}]}'";

const std::vector<Play>& look() {
  static const std::vector<Play> plays{
      {.example = "# Watch a house\n",
       .subscribed = "house/#",
       .meanwhile = "mqtt-pub -t house/hall/debug/x -m no; mqtt-pub -t house/hall/temp -m 21.50\n"
                    "mqtt-pub -t house/hall/lamp --format cbor -m '{\"on\":true}'",
       .lines = 2,
       .out =
           R"(\d\d:\d\d:\d\d  house/hall/temp {18}21\.50\n\d\d:\d\d:\d\d  house/hall/lamp {18}\{"on":true\}\n)",
       .code = 130},
      {.example = "# List the topics of a broker\n",
       .before = "mqtt-pub -r -t a/b -m 1",
       .more = {{"sub", "set -- \"$@\" -C 3"}},
       .subscribed = "#",
       .meanwhile = "mqtt-pub -t 'c d' -m 1 --lint off; mqtt-pub -t a/b -m 2",
       .after = "cat topics",
       .found = " +2 a/b\n +1 c d\n"},
      {.example = "# Find who floods a broker\n",
       .before = "mqtt-pub -r -t old -m 1",
       .more = {{"sub", "set -- \"$@\" -C 3"}},
       .subscribed = "#",
       .meanwhile =
           "mqtt-pub -t a -m 1; mqtt-pub -t 'b c' -m 0123456789 --lint off --repeat 2 --repeat-delay 0",
       .out = " +0\\.2 msg/s +2 bytes/s  b c\n +0\\.1 msg/s +0 bytes/s  a\n"},
      {.example = "# Count messages minute by minute\n",
       .more = {{"sub", "set -- \"$@\" -C 2"}},
       .subscribed = "plant/#",
       .meanwhile = "mqtt-pub -t plant/1 -m a; mqtt-pub -t plant/2 -m b",
       .after = "cat minutes",
       .found = R"( +1 \d\d:\d\d plant/1\n +1 \d\d:\d\d plant/2\n)"},
      {.example = "# Decode Sparkplug\n",
       .subscribed = "spBv1.0/plant/#",
       .meanwhile = birth_and_data,
       .lines = 2,
       .out = "spBv1\\.0/plant/NBIRTH/node -5\nspBv1\\.0/plant/NDATA/node 12\n",
       .code = 130},
      {.example = "# Write readings as CSV\n",
       .more = {{"sub", "set -- \"$@\" -C 2"}},
       .subscribed = "plant/+/reading",
       .meanwhile = "mqtt-pub -t plant/1/reading -m '{\"temp\":21.5,\"unit\":\"C\"}'\n"
                    "mqtt-pub -t plant/2/reading --format cbor -m '{\"temp\":7}'",
       .after = "cat readings.csv",
       .found = "\"20.*\",\"plant/1/reading\",21.5,\"C\"\n\"20.*\",\"plant/2/reading\",7,\n"},
      {.example = "# Raise an alarm when a value is too high\n",
       .more = {{"sub", "set -- \"$@\" -C 1"}},
       .beside = "mqtt-sub -q 1 -t alarm/heat --jq '[.qos, .payload.machine, .payload.temp] | @csv' > seen",
       .beside_filter = "alarm/heat",
       .subscribed = "plant/+/reading",
       .meanwhile =
           "mqtt-pub -t plant/1/reading -m '{\"temp\":20}'; mqtt-pub -t plant/2/reading -m '{\"temp\":81}'",
       .after = "cat seen",
       .found = "1,\"plant/2/reading\",81\n"},
      {.example = "# Keep an eye on the broker itself\n",
       .server = {.lines = "sys_interval 1\n"},
       .out = "\\d+\n"},
  };
  return plays;
}

const std::vector<Play>& check() {
  static const std::vector<Play> plays{
      {.example = "# Smoke-test a broker in CI\n",
       .more = {{"rr", "set -- \"$@\" --interval 0.01"}},
       .out = R"((16 bytes .*\n){5}5 sent, 5 came back.*\nmin .*\n\d+\n)",
       .after = "mqtt-sub -t ci/smoke --retained-only --idle 0.3"},
      {.example = "# Wait for a broker that is starting\n", .comes_up_after = "trying again"},
      {.example = "# Wait for a device to come online\n",
       .subscribed = "device/7/status",
       .meanwhile = "mqtt-pub -r -t device/7/status -m starting; mqtt-pub -r -t device/7/status -m online",
       .out = "starting\nonline\n"},
      {.example = "# Switch something and see that it happens\n",
       .beside =
           "mqtt-sub -t pump/3/command -C 1 > command && mqtt-pub -q 1 -t pump/3/state -m '{\"on\":true}'",
       .beside_filter = "pump/3/command",
       .out = "\\{\"on\":true\\}\n"},
      {.example = "# See that nothing happens\n",
       .subscribed = "alarm/#",
       .meanwhile = "mqtt-pub -t alarm/1 -m fire",
       .out = "fire\n",
       .code = 9},
      {.example = "# Check who may do what\n",
       .before = "echo sesame > panel.pw",
       .server = {.lines = "acl_file {dir}/acl\n",
                  .files = {{"acl", "user panel\ntopic readwrite panel/#\n"}},
                  .users = {{"panel", "sesame"}}},
       .out = "panel may speak, and may not steer\n"},
      {.example = "# Contract test with AsyncAPI\n",
       .before = "cat > asyncapi.json <<'END'\n"
                 "{\"asyncapi\":\"3.0.0\",\"components\":{\"messages\":{\"Reading\":{\"payload\":{\"type\":"
                 "\"object\","
                 "\"properties\":{\"temp\":{\"$ref\":\"#/components/schemas/Temp\"}}}}},"
                 "\"schemas\":{\"Temp\":{\"type\":\"number\"}}}}\nEND",
       .more = {{"sub", "set -- \"$@\" -C 1"}},
       .subscribed = "plant/#",
       .meanwhile =
           "mqtt-pub -t plant/1/reading -m '{\"temp\":1}'; mqtt-pub -t plant/2/reading -m '{\"temp\":\"1\"}'",
       .told = {"invalid   plant/2/reading {\"temp\":\"1\"}\n", "invalid: 'plant/2/reading': /temp: type: "},
       .code = 1},
      {.example = "# Keep invalid readings from leaving\n",
       .before = "echo '{\"required\":[\"temp\"]}' > reading.schema.json\n" +
                 tool("sensor-log", R"(printf '{"temp":1}\n{}\n{"temp":3}\n')"),
       .received = "plant/1/reading 1 0 {\"temp\":1}\nplant/1/reading 1 0 {\"temp\":3}\n",
       .after = "cat rejected.log",
       .found = "[^]*line 2[^]*required[^]*",
       .code = 7},
      {.example = "# Gate a release on latency\n",
       .more = {{"bench",
                 "for word; do\n  shift\n  [ \"$word\" != 'e2e.p99 > 50ms' ] || word='e2e.p99 > 50s'\n"
                 "  set -- \"$@\" \"$word\"\ndone\nset -- \"$@\" -c 2 --warm-up 0.1 -d 0.5"}},
       .told = {"passed      fail if e2e.p99 > 50s", "passed      fail if lost > 0"},
       .after = "grep -c '<testcase' latency.xml",
       .found = "2\n"},
  };
  return plays;
}

const std::vector<Play>& publish() {
  static const std::vector<Play> plays{
      {.example = "# Publish a sensor's readings from a pipe\n",
       .before = tool("sensor", "seq 2"),
       .beside = "mqtt-sub -q 1 -t lab/1/reading -C 2 --jq '\"\\(.qos) \\(.payload | keys) "
                 "\\(.payload.temp)\"' > seen",
       .beside_filter = "lab/1/reading",
       .after = "cat seen",
       .found = R"(1 \["temp","time"\] 1\n1 \["temp","time"\] 2\n)"},
      {.example = "# Publish a CSV file\n",
       .before = "printf 'topic,state\\nhall/light,on\\nattic/light,\"off, broken\"\\n' > states.csv",
       .received = "hall/light 1 1 on\nattic/light 1 1 \"off, broken\"\n"},
      {.example = "# Simulate a fleet\n",
       .more = {{"bench", "set -- \"$@\" -c 3 --rate 50 -d 0.5"}},
       .beside = "mqtt-sub -t fleet/+/position -C 5 --jq '.payload | keys_unsorted | join(\" \")' > seen",
       .beside_filter = "fleet/+/position",
       .told = {"clients     3 clients"},
       .after = "sort -u seen",
       .found = "truck lat lon speed\n"},
      {.example = "# Show on the broker whether a script runs\n",
       .before = tool("run-command", "cat > done"),
       .subscribed = "host/nas/command",
       .meanwhile = "mqtt-pub -t host/nas/command -m beep && while [ ! -s done ]; do sleep 0.01; done",
       .received = "host/nas/status 1 1 online\nhost/nas/command 0 0 beep\nhost/nas/status 1 1 offline\n",
       .interrupted = true},
  };
  return plays;
}

const std::vector<Play>& record() {
  static constexpr const char* soon = "set -- \"$@\" --idle 1";
  static const std::vector<Play> plays{
      {.example = "# Replay production into a lab\n",
       .more = {{"sub", "set -- \"$@\" -C 2"}},
       .elsewhere = "lab.example",
       .beside = "mqtt-sub -h lab.example -t '#' -q 2 -F '%t %q %p' > seen",
       .beside_filter = "#",
       .subscribed = "plant/#",
       .meanwhile = "mqtt-pub -q 1 -t plant/1 -m hot; mqtt-pub -q 1 -t plant/2 -m cold",
       .after = "cat seen",
       .found = "lab/plant/1 1 hot\nlab/plant/2 1 cold\n"},
      {.example = "# Back up retained messages and restore them\n",
       .before = "mqtt-pub -r -t a -m 1; printf '\\0\\1' | mqtt-pub -r -t b -s",
       .more = {{"sub", soon}},
       .elsewhere = "lab.example",
       .after = "mqtt-sub -h lab.example -t '#' -C 2 -F '%t %r %x' | sort",
       .found = "a 1 31\nb 1 0001\n"},
      {.example = "# See what two brokers have retained\n",
       .before = "for host in broker lab; do mqtt-pub -h $host.example -r -t a -m 1; done\n"
                 "mqtt-pub -h broker.example -r -t b -m 2",
       .more = {{"sub", soon}},
       .elsewhere = "lab.example",
       .out = "2d1\n< b 32\n",
       .code = 1},
      {.example = "# Clear retained messages\n",
       .before = "for topic in old/1 old/2 new/1; do mqtt-pub -r -t $topic -m x; done",
       .more = {{"sub", soon}},
       .out = "old/1\nold/2\n",
       .after = "mqtt-sub -t '#' -C 1 -F %t",
       .found = "new/1\n"},
      {.example = "# Collect what came since the last time\n",
       .before = "mqtt-sub -i hourly -c -x 604800 --session-file hourly.session -q 2 -t 'orders/#' -E\n"
                 "mqtt-pub -q 2 -t orders/1 -m tea",
       .more = {{"sub", soon}},
       .after = "grep -c '\"qos\":2.*\"payload\":\"tea\"' orders.jsonl",
       .found = "1\n"},
  };
  return plays;
}

const std::vector<Play>& ask_and_act() {
  static const std::vector<Play> plays{
      {.example = "# A service in one line\n",
       .subscribed = "nas/disk",
       .meanwhile = "mqtt-rr -h broker.example -t nas/disk -n > seen",
       .after = "cat seen",
       .found = R"(Use%[^]* /\n[^]*)",
       .code = 130},
      {.example = "# Ask a whole fleet\n",
       .more = {{"rr", "[ \"$1\" = serve ] || set -- \"$@\" --replies 1 -W 60"}},
       .beside = "mqtt-rr serve -i truck1 -t fleet/version --reply 1.2 -C 1",
       .beside_filter = "fleet/version",
       .out = R"(truck1 \d+ ms 1\.2\n)"},
      {.example = "# Test a service\n",
       .more = {{"rr", "[ \"$1\" = serve ] || set -- \"$@\" --answer-timeout 60"}},
       .beside = "mqtt-rr serve -t calc/square --jq '.payload * .payload' -C 100",
       .beside_filter = "calc/square",
       .after = "sed -n '$p' answers.txt; grep -c . answers.txt",
       .found = R"(100 .* ms .*10000\n100\n)"},
      {.example = "# Run a script for each message\n",
       .before = tool("notify", R"x(echo "$* $MQTT_TOPIC $MQTT_FIELD_who $(cat)" > done)x"),
       .subscribed = "door/+/open",
       .meanwhile =
           "mqtt-pub -t door/1/open -m '{\"who\":\"Ann\"}' && while [ ! -s done ]; do sleep 0.01; done",
       .after = "cat done",
       .found = R"(--from door door/1/open Ann \{"who":"Ann"\}\n)",
       .code = 130},
      {.example = "# Share work between machines\n",
       .before = tool("do-job", "cat > done"),
       .subscribed = "$share/workers/jobs/#",
       .meanwhile = "mqtt-pub -q 1 -t jobs/1 -m dig && while [ ! -s done ]; do sleep 0.01; done",
       .after = "cat done",
       .found = "dig",
       .code = 130},
  };
  return plays;
}

const std::vector<Play>& bridge_measure_connect() {
  static const std::string at_tls = tls_lines("example.pem") + "require_certificate true\n";
  static const std::string certificates = "cp " + made("root.pem") + " ca.pem; cp " + made("client.pem") +
                                          " device.pem; cp " + made("leaf.key") + " device.key";
  static const std::vector<Play> plays{
      alarm_carried("# Carry alarms to another broker and lose none\n"),
      {.example = "# Migrate a bridge from mosquitto.conf\n",
       .before = "printf 'connection cloud\\naddress cloud.example\\ntopic # out 1 sensors/ site7/\\n' > "
                 "mosquitto.conf",
       .told = {"endpoint cloud\n  at cloud.example:1883\n",
                "goes to cloud as 'site7/1/temp', at QoS 1 or lower\n"}},
      {.example = "# Measure a broker before you buy it\n",
       .more =
           {{"bench",
             "case $1 in\n  pub | pubsub) set -- \"$@\" -c 2 -d 0.2 ;;\n"
             "  offline) set -- \"$@\" -n 20 -c 2 ;;\n  *) set -- \"$@\" -n 20 --subscribers 2 ;;\nesac"}},
       .told = {"ceiling", "pubsub", "offline", "retained"},
       .after = "grep -c '\"format\": \"mqtt-bench report\"' flood.json\n"
                "for page in pubsub offline retained; do head -c 15 $page.html; done",
       .found = "1\n(<!DOCTYPE html>){3}"},
      {.example = "# Compare two brokers\n",
       .more = {{"bench", "[ \"$1\" = compare ] || set -- \"$@\" -c 2 -d 0.1"}},
       .elsewhere = "lab.example",
       .told = {"before  broker1.json,broker2.json,broker3.json", "end to end p50"}},
      {.example = "# Log in with a certificate\n",
       .before = certificates,
       .server = {.lines = at_tls},
       .out = R"(16 bytes .*\n1 sent, 1 came back.*\nmin .*\n)"},
      {.example = "# Keep command lines short\n",
       .before = tool("pass", "echo sesame"),
       .subscribed = "house/#",
       .meanwhile = "mqtt-pub -t house/1 -m warm",
       .out = "warm\n"},
  };
  return plays;
}

// The blocks of a chapter, which begins with the recipe of its first play.
void play_chapter(const std::vector<Play>& plays) {
  const std::vector<std::string> blocks = blocks_of("docs/cookbook.md");
  std::vector<std::string> chapter;
  for (std::size_t i = 0; i < blocks.size(); ++i)
    if (!chapter.empty() || blocks[i].starts_with(plays.front().example))
      if (chapter.size() < plays.size()) chapter.push_back(blocks[i]);
  play_all(chapter, plays);
}

}  // namespace

TEST_CASE("docs/cookbook.md: Look") { play_chapter(look()); }

TEST_CASE("docs/cookbook.md: Check") { play_chapter(check()); }

TEST_CASE("docs/cookbook.md: Publish") { play_chapter(publish()); }

TEST_CASE("docs/cookbook.md: Record") { play_chapter(record()); }

TEST_CASE("docs/cookbook.md: Ask and act") { play_chapter(ask_and_act()); }

TEST_CASE("docs/cookbook.md: Bridge, measure, connect") { play_chapter(bridge_measure_connect()); }

TEST_CASE("docs/cookbook.md: every recipe is in one of them") {
  CHECK(blocks_of("docs/cookbook.md").size() == look().size() + check().size() + publish().size() +
                                                    record().size() + ask_and_act().size() +
                                                    bridge_measure_connect().size());
}
