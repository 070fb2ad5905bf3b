// Where a topic goes and why, what keeps it from going round, and what --check says of a plan.
#include "bridge/dry_run.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "bridge/describe.hpp"
#include "bridge/plan_sources.hpp"
#include "bridge/plans.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

using test::plan;

// Two endpoints and a route each way; what is put in stands in the tables.
std::string pair(std::string_view a, std::string_view b, std::string_view there, std::string_view back) {
  return std::string("[endpoint.a]\nhost = \"localhost\"\n")
      .append(a)
      .append("\n[endpoint.b]\nhost = \"127.0.0.1\"\nport = 1884\n")
      .append(b)
      .append("\n[[route]]\nname = \"there\"\nfrom = \"a\"\nto = \"b\"\n")
      .append(there)
      .append("\n[[route]]\nname = \"back\"\nfrom = \"b\"\nto = \"a\"\n")
      .append(back);
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("each route says whether and where a topic goes, and why") {
  const BridgePlan made = plan(pair("", "", R"(topics = [{ from = "m/+x/#r", to = "s/$x/$r" }, "c/#"]
exclude = ["m/secret/#"]
qos = 1
retain = "clear")",
                                    "topics = [\"other\"]"));
  CHECK(dry_run(made, "m/1/t") ==
        "'m/1/t'\n"
        "route there, a -> b\n"
        "  by 'm/+x/#r -> s/$x/$r'\n"
        "  goes to b as 's/1/t', at QoS 1 or lower, never retained\n"
        "route back, b -> a\n"
        "  is not carried: it is none of the route's topics\n");
  CHECK(holds(dry_run(made, "m/secret/1"), "  is not carried: exclude 'm/secret/#' leaves it out\n"));
  CHECK(holds(dry_run(made, "c/1"), "  by 'c/#'\n  goes to b as 'c/1', at QoS 1"));
}

TEST_CASE("a topic that comes out as none") {
  const BridgePlan made =
      plan(pair("", "", "topics = [{ from = \"s/#r\", to = \"$r\" }]", "topics = [\"other\"]"));
  CHECK(holds(dry_run(made, "s/"), "  is not carried: by 's/#r -> $r' it would be no topic ("));
  CHECK(holds(dry_run(made, "s/x"), "goes to b as 'x', at its own QoS\n"));
  const auto doubts = doubts_about(made);
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0] == "route there: 's/' would come out empty, and is not carried");
}

TEST_CASE("what keeps a message from coming back") {
  struct Row {
    std::string_view b, there, back, way;
    bool doubted = false;
  };
  const Row table[] = {
      {"", "", "", "    route back would carry it on to a as 't': No Local keeps it from that\n"},
      {"protocol-version = 311", "", "",
       "as 't': the bridge bit keeps a mosquitto from that, other servers not\n"},
      {"protocol-version = 311\nbridge-bit = false", "", "",
       "as 't', where it has been: a loop; nothing ends it, for below MQTT 5.0 hops are not counted\n"},
      {"", "own-connection = true", "", "as 't', where it has been: a loop; max-hops ends it\n"},
      {"", "", "share = \"g\"", "as 't', where it has been: a loop; max-hops ends it\n"},
  };
  for (const Row& row : table) {
    CAPTURE(row.way);
    const BridgePlan made = plan(pair("", row.b, "topics = \"t\"\n" + std::string(row.there),
                                      "topics = \"t\"\n" + std::string(row.back)));
    const std::string told = dry_run(made, "t");
    CAPTURE(told);
    CHECK(holds(told, row.way));
  }
  CHECK(doubts_about(plan(pair("", "", "topics = \"t\"", "topics = \"t\""))).empty());
  const auto doubts =
      doubts_about(plan(pair("", "", "topics = \"t\"\nown-connection = true", "topics = \"#\"")));
  REQUIRE(doubts.size() == 2);
  CHECK(doubts[0] == "what route there carries can come round to it again; max-hops ends it");
}

TEST_CASE("a chain is followed, but not for ever") {
  const BridgePlan made = plan(R"(
max-hops = 3
[endpoint.a]
host = "a"
[endpoint.b]
host = "b"
[[route]]
from = "a"
to = "b"
topics = [{ from = "#", to = "x/$1" }]
own-connection = true
[[route]]
from = "b"
to = "a"
topics = [{ from = "#", to = "y/$1" }]
own-connection = true
)");
  const std::string told = dry_run(made, "t");
  CHECK(holds(told,
              "    route b-to-a would carry it on to a as 'y/x/t'\n"
              "      route a-to-b would carry it on to b as 'x/y/x/t'\n"
              "        route b-to-a would carry it on to a as 'y/x/y/x/t': max-hops ends it\n"));
  CHECK(doubts_about(made).size() == 2);
}

TEST_CASE("a plan in words, without its secrets") {
  const BridgePlan made = plan(R"(
status-topic = "bridge/x"
http = "localhost:9464"
[endpoint.a]
url = ["mqtts://me:sesame@a.example", "wss://me:sesame@b.example"]
psk = "5e5a4e"
psk-identity = "me"
shared-sessions = false
known-as = "headquarters"
session-expiry = -1
[endpoint.b]
host = "old"
protocol-version = 31
[endpoint.spare]
host = "localhost"
[[route]]
name = "up"
from = "a"
to = "b"
topics = ["x/#"]
exclude = "x/y"
share = "g"
own-connection = true
queue = { bytes = "10M", messages = 5, age = "90m", overflow = "drop-newest", qos0 = true }
treatment = { payload-map = "m.toml", invalid = "drop", jq = ".x", to-format = "json", rate = 10, doubles-within = 5, latest-every = "250ms" }
)");
  CHECK(described(made) == R"(bridge site7
  a message is acknowledged when it is on disk
  store '/state/site7.sqlite'
  8 bridges on a message's way at most
  status topic 'bridge/x'
  http://localhost:9464/metrics and /health
endpoint a
  at a.example:8883, TLS
  or b.example:443, TLS, WebSocket
  MQTT 5.0, client identifier 'site7-a', session kept for ever
  known to all bridges as headquarters
  sessions not shared: QoS 2 is carried as QoS 1, at least once
endpoint b
  at old:1883
  MQTT 3.1, client identifier 'site7-b', session kept as long as the server likes
endpoint spare
  at localhost:1883
  MQTT 5.0, else 3.1.1, client identifier 'site7-spare', session kept for 7d
route up, a -> b
  'x/#'
  not 'x/y'
  QoS 2 at most, retained flags kept
  as one of those who share 'g': nothing retained before, no No Local
  with a connection of its own
  queue of at most 10M bytes, 5 messages, 90m, then the newest are dropped; QoS 0 waits too
  held to the schemas of 'm.toml'
  doubles within 5s left out
  through jq '.x'
  written as json
  invalid ones dropped
  at most 10/s
  of each topic the latest every 250ms
)");
  const auto doubts = doubts_about(made);
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0] == "endpoint spare is on no route");
}

TEST_CASE("doubts about marks that an old server can't have") {
  const auto doubts_with =
      [](const std::string& treatment) {
        return doubts_about(plan(R"(
[endpoint.a]
host = "localhost"
[endpoint.b]
host = "::1"
protocol-version = 311
[[route]]
name = "up"
from = "a"
to = "b"
topics = "t"
treatment = { )" + treatment + " }\n"));
      };
  auto doubts = doubts_with(R"(payload-map = "m.toml")");
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0] ==
        "route up marks invalid messages, but b has no properties below MQTT 5.0: there they look like valid "
        "ones");
  doubts = doubts_with(R"(jq = ".x", invalid = "dead-letter", dead-letter-topic = "d")");
  REQUIRE(doubts.size() == 1);
  CHECK(
      doubts[0] ==
      "route up: b has no properties below MQTT 5.0, so dead letters say neither what is wrong with them nor "
      "what their topic was");
  CHECK(doubts_with(R"(payload-map = "m.toml", invalid = "drop")").empty());
  CHECK(doubts_with(R"(doubles-within = "5s")").empty());
}

TEST_CASE("doubts about servers") {
  const auto doubts = doubts_about(plan(R"(
[endpoint.a]
host = "a.example"
username = "me"
password-file = "pw"
[endpoint.b]
host = "a.example"
[[route]]
from = "a"
to = "b"
topics = "x"
)"));
  REQUIRE(doubts.size() == 2);
  CHECK(doubts[0] == "what is secret goes to a.example:1883 without TLS");
  CHECK(doubts[1] == "route a-to-b leads back to the server that it comes from, with the same topics");
}

TEST_CASE("the status topic is carried nowhere, and two endpoints at one server share it") {
  const BridgePlan made = plan(R"(
status-topic = "bridge/site7"
[endpoint.a]
host = "a.example"
[endpoint.b]
host = "b.example"
[endpoint.c]
host = "a.example"
[[route]]
from = "a"
to = "b"
topics = "#"
[[route]]
from = "c"
to = "b"
topics = "x/#"
)");
  CHECK(dry_run(made, "bridge/site7") ==
        "'bridge/site7'\n  is not carried: it is the bridge's status topic, and each endpoint has its own\n");
  CHECK(dry_run(made, "bridge/site8").contains("goes to b"));
  const auto doubts = doubts_about(made);
  REQUIRE(doubts.size() == 1);
  CHECK(doubts[0] == "endpoints a and c are one server, where each overwrites the other's status");
}

TEST_CASE("what a plan needs from outside") {
  const TempDir folder;
  const std::string pw = folder.write("pw", "sesame\n");
  const auto tried = [](const std::string& a, const std::string& route = "") {
    return try_sources(plan(pair(a, "", "topics = \"t\"\n" + route, "topics = \"o\"")));
  };
  CHECK(tried("username = \"me\"\npassword-file = \"" + pw + "\""));
  CHECK(tried("username = \"me\"\npassword-command = \"exit 1\""));
  CHECK(test::error_of(tried("username = \"me\"\npassword-file = \"/none\""))
            .starts_with("endpoint a: password:"));
  CHECK(test::error_of(tried("cafile = \"/none\"")) ==
        "endpoint a: cafile '/none': no such file or directory");
  CHECK(test::error_of(tried("", "treatment = { payload-map = \"/none\" }")).starts_with("route there: "));
  BridgePlan made =
      plan(pair("username = \"me\"\npassword-file = \"" + pw + "\"", "", "topics = \"t\"", "topics = \"o\""));
  REQUIRE(read_plan_secrets(made));
  CHECK(made.endpoints[0].connection.client.session.password == "sesame");
}

TEST_CASE("the folder of the usual store is made, no other") {
  const TempDir folder;
  const std::string usual = folder.file("state/mqttkit/site7.sqlite");
  BridgePlan made =
      plan("store-path = \"" + usual + "\"\n" + pair("", "", "topics = \"t\"", "topics = \"o\""));
  CHECK(make_store_folder(made, usual));
  CHECK(make_store_folder(made, usual));
  CHECK(std::filesystem::is_directory(folder.file("state/mqttkit")));
  made.store_path = folder.file("other/site7.sqlite");
  CHECK(make_store_folder(made, usual));
  CHECK_FALSE(std::filesystem::exists(folder.file("other")));
}

}  // namespace mq
