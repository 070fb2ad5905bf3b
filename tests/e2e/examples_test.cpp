// Every example of the programs' manual pages is run, against mosquitto, and does what the page says of it.
#include <doctest/doctest.h>

#include "e2e/play.hpp"
#include "peers/certificates.hpp"

using namespace mq;

// Of several pages. mosquitto stands for the services, with a certificate for their names; with a listener
// for WebSockets alone it does not start.
TEST_CASE("connecting") {
  static const auto server = [](const std::string& certificate, const std::string& more, bool anonymous) {
    MosquittoConfig config{.anonymous = anonymous, .lines = tls_lines(certificate) + more};
    if (!anonymous) config.users = {{"me", "sesame"}};
    return config;
  };
  static const auto certificates = [](const std::string& name) {
    return "cp " + made("client.pem") + " " + name + ".pem; cp " + made("leaf.key") + " " + name + ".key\n";
  };
  const std::string root = "cp " + made("root.pem") + " ca.pem\n";
  // As an authority that the system trusts.
  const std::pair<const char*, const char*> trusted{"sub", "export SSL_CERT_FILE=ca.pem"};
  play_all(
      examples_of("connecting.in"),
      {
          {.example = "mqtt-sub -L mqtts://broker.example",
           .before = root + certificates("me"),
           .server = server("example.pem", "require_certificate true\n", true),
           .subscribed = "#",
           .meanwhile =
               "mqtt-pub -L mqtts://broker.example/a --cafile ca.pem --cert me.pem --key me.key -m x",
           .lines = 1,
           .out = "x\n",
           .code = 130},
          {.example = "mqtt-sub -L wss://emqx.example:8084",
           .before = root + "echo sesame > pw",
           .more = {trusted},
           .server = server("services.pem", "protocol websockets\nlistener {port2} 127.0.0.1\n", false),
           .subscribed = "#",
           .meanwhile = "mqtt-pub -L wss://me:sesame@emqx.example/a --cafile ca.pem -m x",
           .lines = 1,
           .out = "x\n",
           .code = 130},
          {.example = "mqtt-sub -L mqtts://abc123.s1.eu.hivemq.cloud",
           .before = root + "printf '#!/bin/sh\\n[ \"$*\" = \"show hivemq\" ] && echo sesame\\n' > bin/pass\n"
                            "chmod +x bin/pass",
           .more = {trusted},
           .server = server("services.pem", "", false),
           .subscribed = "#",
           .meanwhile = "mqtt-pub -L mqtts://me:sesame@abc123.s1.eu.hivemq.cloud/a --cafile ca.pem -m x",
           .lines = 1,
           .out = "x\n",
           .code = 130},
          {.example = "mqtt-sub -L mqtts://abc-ats.iot",
           .before = root + certificates("device"),
           .more = {trusted},
           .server = server("services.pem", "require_certificate true\n", true),
           .subscribed = "sensors/#",
           .meanwhile = "mqtt-pub -L mqtts://abc-ats.iot.eu-west-1.amazonaws.com/sensors/1 --cafile ca.pem "
                        "--cert device.pem --key device.key -m x",
           .lines = 1,
           .out = "x\n",
           .code = 130},
      });
}

TEST_CASE("mqtt-pub(1)") {
  play_all(examples_of("mqtt-pub.1.in"),
           {
               {.example = "mqtt-pub -t home/kitchen", .received = "home/kitchen/temperature 0 0 21.5\n"},
               {.example = "mqtt-pub -h broker.example -q 1 -r -t pump/3/state",
                .received = "pump/3/state 1 1 on\n"},
               {.example = "mqtt-pub -L mqtt://broker.example/pump/3/state",
                .before = "mqtt-pub -t pump/3/state -r -m on",
                .received = "pump/3/state 0 1 \n",
                .after = "mqtt-sub -t pump/3/state -W 0.3 --quiet; true"},
               {.example = "export MQTTKIT_PASSWORD",
                .before = "mkdir .secrets && echo sesame > .secrets/broker",
                .received = "door/front 0 0 open\n"},
               {.example = "sensor-log --follow | mqtt-pub -l",
                .before = "printf '#!/bin/sh\\nseq 3\\n' > bin/sensor-log && chmod +x bin/sensor-log",
                .received = "lab/sensors 2 0 1\nlab/sensors 2 0 2\nlab/sensors 2 0 3\n"},
               {.example = "mqtt-pub -t camera/1",
                .before = "printf jpeg > shot.jpg",
                .received = "camera/1 1 0 jpeg\n"},
               {.example = "mqtt-pub -t device/7/command", .received = "device/7/command 0 0 reboot\n"},
               {.example = "mqtt-pub -t meter/1/cbor",
                .beside = "mqtt-sub -t meter/1/cbor -C 2 -F %x > seen",
                .beside_filter = "meter/1/cbor",
                .after = "cat seen",
                .found = "a16474656d70f94d60\na2014200ff02c074323032362d31312d32325431323a30303a30305a\n"},
               {.example = "mqtt-pub -l -q 1 -t plant/1 --schema",
                .before = "echo '{\"type\":\"object\",\"required\":[\"temp\"]}' > reading.schema.json\n"
                          "printf '{\"temp\":1}\\n{}\\n{\"temp\":3}\\n' > readings.jsonl",
                .received = "plant/1 1 0 {\"temp\":1}\nplant/1 1 0 {\"temp\":3}\n",
                .code = 7},
               {.example = "mqtt-pub -t beat",
                .before = "sed -i 's/\"$@\"/\"$@\" --repeat 3 --repeat-delay 0.01/' bin/mqtt-pub",
                .received = "beat 0 0 alive\nbeat 0 0 alive\nbeat 0 0 alive\n"},
               {.example = "printf 'hall/temp",
                .received = "hall/temp 0 0 21\nattic/temp 0 0 17\nhall/temp 1 0 21\n"},
               {.example = "mqtt-sub -h plant.example",
                .subscribed = "plant/#",
                .meanwhile = "mqtt-pub -t plant/1 -m hot && while [ ! -s day.jsonl ]; do sleep 0.01; done",
                .received = "plant/1 0 0 hot\nlab/1 0 0 hot\n",
                .interrupted = true},
               {.example = "mqtt-pub -t 'dev/{random 1 5}'",
                .before = "printf '#!/bin/sh\\necho 20.5\\n' > bin/sensor && chmod +x bin/sensor\n"
                          "sed -i '2i case \"$*\" in *--repeat*) set -- \"$@\" --rate 100 --repeat 3;; esac' "
                          "bin/mqtt-pub",
                .beside = "mqtt-sub -t dev/+ -C 4 --jq '.payload | keys_unsorted | join(\" \")' > seen",
                .beside_filter = "dev/+",
                .after = "cat seen",
                .found = "(time version n temp\n){3}ts temp\n"},
               {.example = "mqtt-pub -q 1 -W 5 -t backup/done",
                .before = "printf '#!/bin/sh\\necho today\\n' > bin/date && chmod +x bin/date",
                .received = "backup/done 1 0 today\n"},
           });
}

TEST_CASE("mqtt-sub(1)") {
  play_all(
      examples_of("mqtt-sub.1.in"),
      {
          {.example = "mqtt-sub -v -t '#'",
           .subscribed = "#",
           .meanwhile = "mqtt-pub -t a/b -m 'c d'",
           .lines = 1,
           .out = "a/b c d\n",
           .code = 130},
          {.example = "state=$(mqtt-sub",
           .subscribed = "pump/3/state",
           .meanwhile = "mqtt-pub -t pump/3/state -m on"},
          {.example = "mqtt-sub -t 'home/+/temperature' -F",
           .subscribed = "home/+/temperature",
           .meanwhile = "mqtt-pub -t home/bath/temperature -m 24",
           .lines = 1,
           .out = R"(\d\d:\d\d:\d\d\.\d{9}  home/bath/temperature          24\n)",
           .code = 130},
          {.example = "mqtt-sub -t 'lab/#' -q 1 -F %J",
           .subscribed = "lab/#",
           .meanwhile =
               "mqtt-pub -q 1 -t lab/1 -m '{\"a\":1}' && while [ ! -s lab.jsonl ]; do sleep 0.01; done",
           .after = "cat lab.jsonl",
           .found = R"(\{"tst":.*"topic":"lab/1".*"payload":\{"a":1\}\}\n)",
           .code = 130},
          {.example = "mqtt-sub -t 'home/#' -v --retained-only",
           .before = "mqtt-pub -t home/a -r -m 1; mqtt-pub -t home/b -r -m 2",
           .out = "home/a 1\nhome/b 2\n",
           .code = 5},
          {.example = "mqtt-sub -i collector",
           .before = "mkdir .cache",
           .subscribed = "meters/#",
           .meanwhile = "mqtt-pub -q 2 -t meters/1 -m 7",
           .lines = 1,
           .out = "7\n",
           .after = "test -s .cache/collector.session",
           .code = 130},
          {.example = "mqtt-sub -q 1 -t '$share/workers/jobs/#'",
           .subscribed = "$share/workers/jobs/#",
           .meanwhile = "mqtt-pub -q 1 -t jobs/1 -m dig",
           .lines = 1,
           .out = "dig\n",
           .code = 130},
          {.example = "mqtt-sub -t 'bus/#' -T bus/keepalive",
           .subscribed = "bus/#",
           .meanwhile = "mqtt-pub -t bus/keepalive -m x; printf 'ab' | mqtt-pub -t bus/1 -s",
           .lines = 1,
           .out = "bus/1 2: 61 62\n",
           .code = 130},
          {.example = "mqtt-sub -t 'plant/#' --jq",
           .subscribed = "plant/#",
           .meanwhile =
               "mqtt-pub -t plant/1 -m '{\"temp\":20}'; mqtt-pub -t plant/2 --format cbor -m '{\"temp\":31}'",
           .lines = 1,
           .out = "plant/2\n",
           .code = 130},
          {.example = "mqtt-sub -t 'plant/#' --schema",
           .before = "echo '{\"type\":\"object\",\"required\":[\"temp\"]}' > reading.schema.json",
           .subscribed = "plant/#",
           .meanwhile = "mqtt-pub -t plant/1 -m '{\"temp\":20}'; mqtt-pub -t plant/2 -m '{}'",
           .out = "invalid   plant/2 \\{\\}\n",
           .code = 7},
          {.example = "mqtt-sub -t 'pump/3/#' -W 5 --junit",
           .before = "sed -i '2i case \"$*\" in *--expect-none*) set -- \"$@\" -W 0.3;; esac' bin/mqtt-sub",
           .subscribed = "pump/3/#",
           .meanwhile = "mqtt-pub -t pump/3/state -m '{\"on\":true}'",
           .after = "cat pump.xml",
           .found = "[^]*tests=\"1\" failures=\"0\"[^]*"},
          {.example = "mqtt-sub -t 'camera/+' --jobs",
           .subscribed = "camera/+",
           .meanwhile = "mqtt-pub -t camera/1 -m jpeg && while [ ! -s camera_1-2*.jpg ]; do sleep 0.01; done",
           .after = "cat camera_1-2*.jpg",
           .found = "jpeg",
           .code = 130},
          {.example = "mqtt-sub -t 'alarm/#' -q 1 --exec",
           .before =
               "printf '#!/bin/sh\\necho \"$2: $(cat)\" > logged\\n' > bin/logger && chmod +x bin/logger",
           .subscribed = "alarm/#",
           .meanwhile = "mqtt-pub -t alarm/1 -m fire && while [ ! -s logged ]; do sleep 0.01; done",
           .after = "cat logged",
           .found = "An alarm: fire\n",
           .code = 130},
          {.example = "mqtt-sub -h broker.example --sys",
           .lines = 5,
           .out = "[^]*version +mosquitto[^]*clients[^]*",
           .code = 130},
          {.example = "mqtt-sub -t 'notes/#' -0",
           .subscribed = "notes/#",
           .meanwhile = "printf 'a\\nb\\0' | mqtt-pub -t notes/1 -l -0; seq 9 | mqtt-pub -t notes/2 -l",
           .out = "a\nb\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"},
          {.example = "mqtt-sub -t 'jobs/#' --idle 2",
           .subscribed = "jobs/#",
           .meanwhile = "seq 3 | mqtt-pub -t jobs/1 -l",
           .out = "3\n"},
          {.example = "mqtt-sub -v -t 'plant/+/status' --proto",
           .before = "echo 'syntax=\"proto3\"; package plant; message Status { bool on = 1; }' > plant.proto",
           .subscribed = "plant/+/status",
           .meanwhile = "printf '\\010\\001' | mqtt-pub -t plant/1/status -s",
           .lines = 1,
           .out = "plant/1/status \\{\"on\":true\\}\n",
           .code = 130},
          {.example = "mqtt-sub -d -h broker.example"},
      });
}

TEST_CASE("mqtt-rr(1)") {
  static constexpr const char* answers =
      "mqtt-sub -t calc/add -C 1 --jq '.properties | .response_topic, .correlation_data' > request\n"
      "{ read -r topic; read -r id; } < request\n"
      "mqtt-pub -t \"$topic\" -m 3 -D publish correlation-data base64:$id -D publish user-property by calc1";
  play_all(
      examples_of("mqtt-rr.1.in"),
      {
          {.example = "mqtt-rr -t calc/add -m '{\"a\":1,\"b\":2}' -W 2",
           .beside = answers,
           .beside_filter = "calc/add",
           .out = "3\n"},
          {.example = "mqtt-rr -t fleet/status",
           .beside = "mqtt-rr serve -i truck -t fleet/status --reply ok -C 1",
           .beside_filter = "fleet/status",
           .out = R"(truck \d+\.\d{3} ms ok\n)"},
          {.example = "seq 1000 | mqtt-rr -t calc/square",
           .beside = "mqtt-rr serve -t calc/square --jq '.payload * .payload' -C 1000",
           .beside_filter = "calc/square",
           .out = "1\n4\n9\n16\n[^]*\n1000000\n"},
          {.example = "mqtt-rr -t calc/add -m '{\"a\":1,\"b\":2}' --expect",
           .beside = "mqtt-rr serve -t calc/add --jq '{sum: (.payload.a + .payload.b)}' -C 1",
           .beside_filter = "calc/add",
           .out = "\\{\"sum\":3\\}\n"},
          {.example = "mqtt-rr -t meter/1/read",
           .beside = "mqtt-rr serve -t meter/1/read --format cbor --jq '{value: .payload.register}' -C 1",
           .beside_filter = "meter/1/read",
           .out = "7\n"},
          {.example = "mqtt-rr -q 1 -t svc/time",
           .meanwhile = "mqtt-rr serve -t svc/time --reply noon -C 1",
           .out = "noon\n"},
          {.example = "mqtt-rr -V 311 -t calc/square",
           .beside = "mqtt-rr serve -V 311 -t calc/square --jq '.payload * .payload' -C 1",
           .beside_filter = "calc/square/+/+",
           .subscribed = "pump/3/answer",
           .meanwhile = "mqtt-pub -t pump/3/answer -m running",
           .out = "144\nrunning\n"},
      });
}

TEST_CASE("mqtt-rr-ping(1)") {
  play_all(
      examples_of("mqtt-rr-ping.1.in"),
      {
          {.example = "mqtt-rr ping -h broker.example\n",
           .lines = 1,
           .out = R"(16 bytes to broker\.example:1883 and back: number 1, [^]* 0 lost \(0\.0 %\)\nmin .*\n)",
           .interrupted = true},
          {.example = "mqtt-rr ping -h broker.example -q 1",
           .out = R"((65536 bytes .*\n){10}10 sent, 10 came back, 0 lost \(0\.0 %\)\nmin .*\n)"},
          {.example = "mqtt-rr ping -h broker.example -C 1 --retries", .comes_up_after = "trying again"},
          {.example = "for server in",
           .more = {{"rr", "set -- \"$@\" --interval 0.01"}},
           .elsewhere = "two.example",
           .out = R"((min .*\n){2})"},
          {.example = "mqtt-rr ping -W 60",
           .before = "sed -i '2i case \"$*\" in *ping*) set -- \"$@\" -W 0.3;; esac' bin/mqtt-rr",
           .after = "cat ping.log",
           .found = "16 bytes [^]* 0 lost [^]*"},
          {.example = "mqtt-rr ping --interval 0.001",
           .before = "sed -i '2i case \"$*\" in *ping*) set -- \"$@\" -C 50;; esac' bin/mqtt-rr",
           .out = R"(\d+\n)"},
      });
}

TEST_CASE("mqtt-rr-serve(1)") {
  play_all(
      examples_of("mqtt-rr-serve.1.in"),
      {
          {.example = "mqtt-rr serve -t svc/time",
           .subscribed = "svc/time",
           .meanwhile = "mqtt-rr -t svc/time -m x > seen",
           .after = "cat seen",
           .found = R"(\d{4}-\d\d-\d\dT.*\n)",
           .code = 130},
          {.example = "mqtt-rr serve -t calc/add",
           .subscribed = "calc/add/+/+",
           .meanwhile = "mqtt-rr -t calc/add -m '{\"a\":1,\"b\":2}' > seen\n"
                        "mqtt-rr -V 311 -t calc/add/me/1 -e calc/add/me/1/answer -m '{\"a\":3,\"b\":4}' >> "
                        "seen",
           .after = "cat seen",
           .found = "3\n7\n",
           .code = 130},
          {.example = "mqtt-rr serve -t '$share/resizers/image/resize'",
           .before = "printf '#!/bin/sh\nprintf small\n' > bin/convert && chmod +x bin/convert",
           .subscribed = "$share/resizers/image/resize",
           .meanwhile = "mqtt-rr -t image/resize -m big -F '%p %C' > seen",
           .after = "cat seen",
           .found = "small image/png\n",
           .code = 130},
          {.example = "mqtt-rr serve -t 'door/+/command'",
           .before = "printf '#!/bin/sh\necho $1 $2\n' > bin/door-control && chmod +x bin/door-control",
           .subscribed = "door/+/command",
           .meanwhile = "mqtt-rr -t door/3/command -e answers/me -m '{\"action\":\"open\"}' -N > seen",
           .after = "cat seen",
           .found = "door/3/command open\n",
           .code = 130},
          {.example = "mqtt-rr serve -t config/get",
           .before = "echo '{}' > config.json",
           .subscribed = "config/get",
           .meanwhile = "mqtt-rr -t config/get -n -F '%p %C' -N > seen",
           .after = "cat seen",
           .found = "\\{\\}\n application/json",
           .code = 130},
          {.example = "mqtt-rr serve -t orders/new",
           .before = "echo '{\"type\":\"object\",\"required\":[\"item\"]}' > order.schema.json\n"
                     "printf '#!/bin/sh\necho placed\n' > bin/place-order && chmod +x bin/place-order",
           .subscribed = "orders/new",
           .meanwhile = "mqtt-rr -t orders/new -m '{\"item\":\"tea\"}' -N > seen",
           .after = "cat seen",
           .found = "placed\n",
           .code = 130},
      });
}

TEST_CASE("mqtt-bridge(1)") {
  static constexpr const char* file =
      "printf '[endpoint.a]\\nhost = \"a\"\\n[endpoint.b]\\nhost = \"b\"\\n"
      "[[route]]\\nfrom = \"a\"\\nto = \"b\"\\ntopics = \"machine/#\"\\n' > bridge.toml";
  play_all(
      examples_of("mqtt-bridge.1.in"),
      {
          {.example = "mqtt-bridge -c bridge.toml --check",
           .before = file,
           .out = "bridge bridge\n[^]*endpoint a\n  at a:1883\n[^]*route a-to-b, a -> b\n[^]*"},
          {.example = "mqtt-bridge -c bridge.toml --dry-run",
           .before = file,
           .out = "'machine/4/temp'\nroute a-to-b, a -> b\n  by 'machine/#'\n"
                  "  goes to b as 'machine/4/temp', at its own QoS\n"},
          {.example = "mqtt-bridge --from mqtt://localhost",
           .out = "'machine/4/temp'\nroute there, from -> to\n  by '[^\n]*'\n"
                  "  goes to to as 'site7/4/temp', at its own QoS\n"},
          alarm_carried(
              "mqtt-bridge --from mqtt://plant.example --to mqtt://cloud.example \\\n  --name alarms"),
          {.example = "mqtt-bridge --from mqtt://plant.example --to mqtt://cloud.example \\\n  --name both",
           .elsewhere = "cloud.example",
           .beside = "mqtt-sub -h cloud.example -q 1 -t 'machine/#' -C 1 -F '%t %p' > seen",
           .beside_filter = "machine/#",
           .subscribed = "machine/#",
           .meanwhile = "mqtt-sub -q 1 -c -i back -t machine/2/temp -E\n"
                        "mqtt-pub -q 1 -t machine/1/debug/a -m no; mqtt-pub -q 1 -t machine/1/temp -m 7\n"
                        "while [ ! -s seen ]; do sleep 0.01; done\n"
                        "mqtt-pub -h cloud.example -q 1 -t machine/2/temp -m 8\n"
                        "mqtt-sub -q 1 -c -i back -t machine/2/temp -C 1 > back",
           .received = "machine/1/debug/a 1 0 no\nmachine/1/temp 1 0 7\nmachine/2/temp 1 0 8\n",
           .after = "cat seen",
           .found = "machine/1/temp 7\n",
           .interrupted = true},
          {.example = "mqtt-bridge import",
           .before = "printf 'connection b\\naddress b\\ntopic a/#\\n' > mosquitto.conf",
           .after = "mqtt-bridge -c bridge.toml --dry-run a/1; stat -c %a bridge.toml",
           .found = "'a/1'\nroute b-out, local -> b\n  by 'a/#'\n  goes to b as 'a/1', at QoS 0\n600\n"},
      });
}

TEST_CASE("mqtt-bridge-import(1)") {
  static constexpr const char* file =
      "printf 'connection b\\naddress b\\ntopic a/#\\nstart_type lazy\\n' > mosquitto.conf";
  play_all(examples_of("mqtt-bridge-import.1.in"),
           {
               {.example = "mqtt-bridge import mosquitto.conf > /dev/null", .before = file},
               {.example = "mqtt-bridge import mosquitto.conf -o bridge.toml",
                .before = file,
                .out = "bridge [^]*route b-out, local -> b\n[^]*"},
           });
}
