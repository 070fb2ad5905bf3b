// A bridge's file: what it says, what it need not say, and what is wrong with one.
#include "bridge/plan_file.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>
#include <limits>

#include "bridge/plans.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;
using test::made;
using test::plan;

constexpr std::string_view two_ends = R"(
[endpoint.a]
host = "a.example"
[endpoint.b]
host = "b.example"
)";

// A file that is complete but for what its one route says.
std::string route(std::string_view text) {
  return std::string(two_ends).append("[[route]]\nfrom = \"a\"\nto = \"b\"\n").append(text);
}

// The same for an endpoint.
std::string endpoint(std::string_view text) {
  return std::string("[endpoint.a]\n").append(text).append(R"(
[endpoint.b]
host = "b.example"
[[route]]
from = "a"
to = "b"
topics = "#"
)");
}

std::string applied(const TopicRule& rule, std::string_view topic) {
  Buffer made;
  return rule.apply(topic, made) ? made : "no";
}

}  // namespace

TEST_CASE("the least that a bridge's file can hold") {
  const BridgePlan made = plan(route("topics = \"t/#\""));
  CHECK(made.name == "site7");
  CHECK(made.store == StoreKind::disk);
  CHECK(made.store_path == "/state/site7.sqlite");
  CHECK(made.most_hops == 8);
  CHECK(made.status_topic.empty());
  CHECK(made.http_address.empty());
  REQUIRE(made.endpoints.size() == 2);
  const EndpointPlan& one = made.endpoints[0];
  CHECK(one.name == "a");
  CHECK(one.bridge_bit);
  CHECK(one.shared_sessions);
  const ClientConfig& client = one.connection.client;
  REQUIRE(client.endpoints.size() == 1);
  CHECK(client.endpoints[0].text() == "a.example:1883");
  CHECK(client.session.client_id == "site7-a");
  CHECK_FALSE(client.session.clean_start);
  CHECK(client.session.properties.view().number(PropertyId::session_expiry_interval) == 604800U);
  CHECK(client.fall_back_to_v311);
  CHECK(client.retry.before_first == std::numeric_limits<std::uint32_t>::max());
  CHECK_FALSE(client.retry.after_loss);
  REQUIRE(made.routes.size() == 1);
  const RoutePlan& way = made.routes[0];
  CHECK(way.name == "a-to-b");
  CHECK(way.from == 0);
  CHECK(way.to == 1);
  REQUIRE(way.rules.size() == 1);
  CHECK(way.rules[0].filter() == "t/#");
  CHECK(way.most_qos == QoS::exactly_once);
  CHECK(way.retain == RetainPolicy::keep);
  CHECK(way.queue.most_bytes == 1U << 30);
  CHECK(way.queue.overflow == OverflowPolicy::block);
  CHECK_FALSE(way.own_connection);
}

TEST_CASE("what stands at the top") {
  const BridgePlan made = plan(R"(
name = "north"
store = "through"
max-hops = 3
status-topic = "bridge/north"
http = "[::1]:9464"
)" + route("topics = \"#\""));
  CHECK(made.name == "north");
  CHECK(made.store == StoreKind::through);
  CHECK(made.store_path.empty());
  CHECK(made.most_hops == 3);
  CHECK(made.status_topic == "bridge/north");
  CHECK(made.http_address == "[::1]:9464");
  CHECK(made.endpoints[1].connection.client.session.client_id == "north-b");
  CHECK(plan("store-path = \"x/y.db\"" + route("topics = \"#\"")).store_path == "x/y.db");
}

TEST_CASE("where the store is") {
  const std::string text = route("topics = \"#\"");
  CHECK(plan(text, {{"STATE_DIRECTORY", "/a:/b"}, {"HOME", "/h"}}).store_path == "/a/site7.sqlite");
  CHECK(plan(text, {{"XDG_STATE_HOME", "/x"}, {"HOME", "/h"}}).store_path == "/x/mqttkit/site7.sqlite");
  CHECK(plan(text, {{"HOME", "/h"}}).store_path == "/h/.local/state/mqttkit/site7.sqlite");
  CHECK(test::error_of(made(text, {})).starts_with("there is no place for the store"));
  CHECK(made("store = \"memory\"\n" + text, {}));
}

TEST_CASE("an endpoint takes the kit's connection options") {
  const BridgePlan made = plan(endpoint(R"(
url = ["mqtts://one.example", "mqtts://two.example:8884"]
cafile = "ca.pem"
cert = "me.pem"
key = "me.key"
tls-version = "1.3"
tls-alpn = ["a", "b"]
insecure = false
sni = "broker.example"
username = "me"
password-file = "pw"
id = "fixed"
keepalive = 20
session-expiry = 3600
protocol-version = 5
retry-delay = "2:9"
connect-timeout = 5
bind = "127.0.0.1"
tcp-keepalive = 30
tcp-user-timeout = "2s"
max-inflight = 50
max-inflight-bytes = "1M"
proxy = "socks5://proxy.example"
property = [["receive-maximum", "9"], ["user-property", "site", "7"]]
bridge-bit = false
shared-sessions = false
known-as = "site7"
)"));
  const EndpointPlan& one = made.endpoints[0];
  CHECK(one.mark == "site7");
  const std::string& mark = made.endpoints[1].mark;
  CHECK(mark.starts_with(made.endpoints[1].name + "@"));
  CHECK(mark.size() == made.endpoints[1].name.size() + 9);
  CHECK_FALSE(one.bridge_bit);
  CHECK_FALSE(one.shared_sessions);
  const ClientConfig& client = one.connection.client;
  REQUIRE(client.endpoints.size() == 2);
  CHECK(client.endpoints[0].tls);
  CHECK(client.endpoints[1].text() == "two.example:8884");
  CHECK(client.tls.ca_file == "ca.pem");
  CHECK(client.tls.certificate == "me.pem");
  CHECK(client.tls.verify);
  CHECK(client.tls.alpn.size() == 2);
  CHECK(client.session.client_id == "fixed");
  CHECK(client.session.keep_alive == 20);
  CHECK(client.session.user_name == "me");
  CHECK(one.connection.secrets.password_file == "pw");
  CHECK(client.session.properties.view().number(PropertyId::session_expiry_interval) == 3600U);
  CHECK(client.session.properties.view().number(PropertyId::receive_maximum) == 9U);
  CHECK(client.session.max_in_flight == 50);
  CHECK_FALSE(client.fall_back_to_v311);
  CHECK(client.retry.least == 2s);
  CHECK(client.open.dial.user_timeout == 2s);
  CHECK(client.open.dial.keep_alive == 30s);
  CHECK(client.open.proxy);
}

TEST_CASE("an endpoint below MQTT 5.0") {
  const BridgePlan made = plan(endpoint("host = \"old\"\nport = 1884\nprotocol-version = \"311\""));
  const SessionConfig& session = made.endpoints[0].connection.client.session;
  CHECK(session.version == Version::v311);
  CHECK(session.properties.view().block().empty());
  CHECK(made.endpoints[0].connection.client.endpoints[0].port == 1884);
}

TEST_CASE("a route with all that it can have") {
  const BridgePlan made = plan(route(R"(
name = "up"
topics = ["a/#", { from = "b/+x/#rest", to = "site7/$x/$rest" }, { from = "c" },
          { pattern = "#", from-prefix = "local/", to-prefix = "plant/" },
          { pattern = "", from-prefix = "x", to-prefix = "y" }]
exclude = ["a/secret/#", "a/+/tmp"]
qos = 1
retain = "no-past"
share = "workers"
own-connection = true
queue = { bytes = "10M", messages = 1000, age = "2d", overflow = "drop-oldest", qos0 = true }
[route.treatment]
payload-map = "map.toml"
invalid = "dead-letter"
dead-letter-topic = "dead"
jq = ".x"
from-format = "cbor"
to-format = "json"
rate = "30/m"
doubles-within = "10s"
latest-every = 1
)"));
  const RoutePlan& way = made.routes[0];
  CHECK(way.name == "up");
  REQUIRE(way.rules.size() == 5);
  CHECK(applied(way.rules[1], "b/1/2/3") == "site7/1/2/3");
  CHECK(applied(way.rules[2], "c") == "c");
  CHECK(applied(way.rules[3], "local/1") == "plant/1");
  CHECK(applied(way.rules[4], "x") == "y");
  CHECK(way.excludes == std::vector<std::string>{"a/secret/#", "a/+/tmp"});
  CHECK(way.most_qos == QoS::at_least_once);
  CHECK(way.retain == RetainPolicy::no_past);
  CHECK(way.share == "workers");
  CHECK(way.own_connection);
  CHECK(way.queue.most_bytes == 10U << 20);
  CHECK(way.queue.most_messages == 1000);
  CHECK(way.queue.most_age == 48h);
  CHECK(way.queue.overflow == OverflowPolicy::drop_oldest);
  CHECK(way.queue.qos0);
  CHECK(way.treatment.payload_map == "map.toml");
  CHECK(way.treatment.invalid == InvalidPolicy::dead_letter);
  CHECK(way.treatment.dead_letter_topic == "dead");
  CHECK(way.treatment.jq == ".x");
  CHECK(way.treatment.from_format == "cbor");
  CHECK(way.treatment.to_format == "json");
  CHECK(way.treatment.most_per_second == 0.5);
  CHECK(way.treatment.doubles_within == 10s);
  CHECK(way.treatment.latest_every == 1s);
  // A shared subscription is MQTT 5.0's.
  CHECK_FALSE(made.endpoints[0].connection.client.fall_back_to_v311);
  CHECK(made.endpoints[1].connection.client.fall_back_to_v311);
}

TEST_CASE("the example of the documentation") {
  const auto made = read_plan(MQTTKIT_SOURCE_DIR "/docs/bridge.toml", test::environment_of(test::home));
  if (!made) FAIL(made.error().text);
  CHECK(made->name == "site7");
  CHECK(made->endpoints.size() == 3);
  CHECK(made->routes.size() == 4);
}

TEST_CASE("what is wrong at the top, and with endpoints") {
  struct Row {
    std::string text;
    std::string_view error;
  };
  const std::string rest = route("topics = \"#\"");
  const auto table = std::to_array<Row>({
      {"x = ", "site7.toml:1: "},
      {"", "site7.toml has no [endpoint.NAME]"},
      {std::string(two_ends), "site7.toml has no [[route]]"},
      {"route = 5" + std::string(two_ends), "site7.toml has no [[route]]"},
      {"endpoint = 5", "site7.toml has no [endpoint.NAME]"},
      {"nam = \"x\"" + rest, "site7.toml:1: a bridge's file has no 'nam'"},
      {"name = \"a/b\"" + rest, "site7.toml:1: name: 'a/b' can't be a name"},
      {"name = [1]" + rest, "site7.toml:1: name takes one value"},
      {"store = \"tape\"" + rest, "site7.toml:1: store: 'tape' is none of disk, through, memory"},
      {"store = \"memory\"\nstore-path = \"x\"" + rest,
       "site7.toml:2: store-path is for store = \"disk\" alone"},
      {"max-hops = 0" + rest, "site7.toml:1: max-hops: '0' is not a whole number from 1 to 255"},
      {"status-topic = \"a/#\"" + rest, "site7.toml:1: status-topic: topic name 'a/#' holds a wildcard"},
      {"http = \"localhost\"" + rest, "site7.toml:1: http: 'localhost' is no address to listen on"},
      {endpoint(""), "site7.toml:1: endpoint a: there is no server to connect to"},
      {endpoint("hots = \"x\""), "site7.toml:2: an endpoint has no 'hots'"},
      {endpoint("host = \"x y\""), "site7.toml:2: host: 'x y' is not a host name"},
      {endpoint("host = true"), "site7.toml:2: host takes a value, not true"},
      {endpoint("port = 99999"), "site7.toml:2: port: '99999' is not a whole number"},
      {endpoint("clean-start = true"), "site7.toml:2: a bridge always goes on with its session"},
      {endpoint("no-clean-start = true"), "site7.toml:2: a bridge always goes on with its session"},
      {endpoint("will-topic = \"x\""), "site7.toml:2: the will of a bridge is that of its status topic"},
      {endpoint("session-file = \"x\""), "site7.toml:2: the session is kept in the bridge's store"},
      {endpoint("host = \"h\"\nsession-expiry = 0"),
       "site7.toml:1: endpoint a: a session that ends with its connection loses what is under way"},
      {endpoint("host = \"h\"\nprotocol-version = 311\nsession-expiry = 5"),
       "site7.toml:1: endpoint a: session-expiry needs MQTT 5.0, but"},
      {endpoint("url = \"mqtt://h/topic\""), "site7.toml:1: endpoint a: a URL with a topic is no endpoint"},
      {endpoint("url = \"mqtt://h\"\ncafile = \"x\""), "site7.toml:1: endpoint a: cafile is for TLS"},
      {endpoint("host = \"h\"\npassword-file = \"-\""),
       "site7.toml:1: endpoint a: a bridge reads no password from standard input"},
      {endpoint("host = \"h\"\ntcp-user-timeout = 0"), "site7.toml:3: tcp-user-timeout: '0' is not from"},
      {endpoint("host = \"h\"\nproperty = 5"), "site7.toml:3: property is a list of lists"},
      {endpoint("host = \"b.example\"\nid = \"site7-b\""),
       "site7.toml:4: endpoint: endpoints 'a' and 'b' have the same client identifier"},
      {"[endpoint.\"a b\"]\nhost = \"x\"\n", "site7.toml:1: endpoint: 'a b' can't be a name"},
      {"[endpoint]\na = 5\n", "site7.toml:2: an endpoint is a table"},
  });
  for (const Row& row : table) {
    CAPTURE(row.text);
    const auto result = made(row.text, test::home);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
    CAPTURE(result.error().text);
    CHECK(result.error().text.starts_with(row.error));
  }
}

TEST_CASE("what is wrong with routes") {
  struct Row {
    std::string_view text, error;
  };
  const auto table = std::to_array<Row>({
      {"", "site7.toml:6: a route needs topics"},
      {"topics = []", "site7.toml:6: a route needs topics"},
      {"topics = true", "site7.toml:9: a topic is a filter, or a table"},
      {"topics = \"a#\"", "site7.toml:9: topic filter 'a#' needs"},
      {"topics = [\"a\",\n{from = \"b\", to = \"$x\"}]", "site7.toml:10: no wildcard is called 'x'"},
      {"topics = {to = \"x\"}", "site7.toml:9: a topic has either from or pattern"},
      {"topics = {from = \"x\", pattern = \"y\"}", "site7.toml:9: a topic has either from or pattern"},
      {"topics = {from = \"x\", to-prefix = \"y\"}", "site7.toml:9: prefixes go with pattern, not with from"},
      {"topics = {pattern = \"x\", to = \"y\"}", "site7.toml:9: to goes with from, not with pattern"},
      {"topics = {from = \"x\", to = \"\"}", "site7.toml:9: to: an empty text is no topic"},
      {"topics = {pattern = \"\"}", "site7.toml:9: an empty pattern needs both prefixes"},
      {"topics = {from = \"x\", too = \"y\"}", "site7.toml:9: a topic has no 'too'"},
      {"topics = [\"a/#\", \"a/b\"]", "site7.toml:6: route a-to-b: 'a/b' is never reached: 'a/#' stands"},
      {"topics = [\"a\", \"a\"]", "site7.toml:6: route a-to-b: 'a' is never reached"},
      {"topics = \"a/b\"\nexclude = \"a/#\"", "site7.toml:6: route a-to-b: exclude 'a/#' leaves nothing"},
      {"topics = \"a\"\nexclude = \"$share/g/a\"", "site7.toml:10: exclude: '$share/g/a' is a shared"},
      {"topics = \"a\"\nqos = 3", "site7.toml:10: qos: '3' is not a QoS: 0, 1 or 2"},
      {"topics = \"a\"\nretain = true", "site7.toml:10: retain takes a value, not true"},
      {"topics = \"a\"\nshare = \"a/b\"", "site7.toml:10: share: 'a/b' is no name of a shared subscription"},
      {"topics = \"a\"\nno-local = true", "site7.toml:10: [[route]] has no 'no-local'"},
      {"topics = \"a\"\nown-connection = 5", "site7.toml:10: own-connection: '5' is neither true nor false"},
      {"topics = \"a\"\nqueue = 5", "site7.toml:10: queue is a table"},
      {"topics = \"a\"\nqueue = { bytes = \"x\" }", "site7.toml:10: bytes: 'x' is not a size"},
      {"topics = \"a\"\nqueue = { age = \"x\" }", "site7.toml:10: age: 'x' is no length of time"},
      {"topics = \"a\"\nqueue = { size = 1 }", "site7.toml:10: queue has no 'size'"},
      {"topics = \"a\"\ntreatment = { invalid = \"drop\" }",
       "site7.toml:6: route a-to-b: invalid means nothing without a payload-map, jq or to-format"},
      {"topics = \"a\"\ntreatment = { jq = \".\", invalid = \"dead-letter\", dead-letter-topic = \"d/#\" }",
       "site7.toml:10: dead-letter-topic: topic name 'd/#' holds a wildcard"},
      {"topics = \"a\"\ntreatment = { payload-map = \"m\", invalid = \"dead-letter\" }",
       "site7.toml:6: route a-to-b: there is no dead-letter-topic"},
      {"topics = \"a\"\ntreatment = { dead-letter-topic = \"d\" }",
       "site7.toml:6: route a-to-b: dead-letter-topic means nothing here"},
      {"topics = \"a\"\ntreatment = { from-format = \"json\" }",
       "site7.toml:6: route a-to-b: from-format means nothing alone"},
      {"topics = \"a\"\ntreatment = { to-format = \"yaml\" }",
       "site7.toml:10: to-format: there is no format 'yaml'"},
      {"topics = \"a\"\ntreatment = { rate = 0 }", "site7.toml:10: rate: '0' is no rate above 0"},
      {"topics = \"a\"\n[[route]]\nfrom = \"a\"\nto = \"b\"\ntopics = \"b\"",
       "site7.toml:10: route a-to-b: there are two routes called 'a-to-b'"},
      {"topics = \"a\"\n[[route]]\nname = \"x\"\nfrom = \"a\"\nto = \"b\"\ntopics = [\"b\", \"a\"]",
       "site7.toml:10: route x: 'a' is carried by route 'a-to-b' already"},
      {"topics = \"a\"\n[[route]]\nfrom = \"a\"\ntopics = \"b\"", "site7.toml:10: a route needs to"},
      {"topics = \"a\"\n[[route]]\nfrom = \"a\"\nto = \"bb\"\ntopics = \"b\"",
       "site7.toml:12: to: there is no endpoint 'bb'"},
      {"topics = \"a\"\n[[route]]\nfrom = \"a\"\nto = \"a\"\ntopics = \"b/#\"",
       "site7.toml:10: route a-to-a: 'b/#' would come back to where it is from: a loop"},
      {"topics = \"a\"\n[[route]]\nfrom = \"a\"\nto = \"a\"\ntopics = { from = \"b/#\", to = \"b/$1\" }",
       "site7.toml:10: route a-to-a: 'b/#' would come back to where it is from: a loop"},
  });
  for (const Row& row : table) {
    CAPTURE(row.text);
    const auto result = made(route(row.text), test::home);
    REQUIRE_FALSE(result);
    CAPTURE(result.error().text);
    CHECK(result.error().text.starts_with(row.error));
  }
  CHECK(made(route("topics = \"a\"\n[[route]]\nfrom = \"a\"\nto = \"a\"\ntopics = { from = \"b/#\", to = "
                   "\"c/$1\" }"),
             test::home));
}

TEST_CASE("a shared subscription needs an endpoint of MQTT 5.0") {
  const auto result = made(R"(
[endpoint.a]
host = "a"
protocol-version = 311
[endpoint.b]
host = "b"
[[route]]
from = "a"
to = "b"
topics = "#"
share = "g"
)",
                           test::home);
  CHECK(test::error_of(result) ==
        "site7.toml:2: endpoint a: share needs MQTT 5.0, but -V asks for MQTT 3.1.1");
}

TEST_CASE("a file that holds a secret is for its owner alone") {
  const TempDir folder;
  const auto others = [&folder](std::string_view text, mode_t mode) {
    const std::string path = folder.write("b.toml", endpoint(text));
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    return test::error_of(read_plan(path, test::environment_of(test::home)));
  };
  const auto refused = std::to_array<std::string_view>({
      "url = \"mqtt://me:sesame@localhost\"",
      "url = [\"mqtt://localhost\", \"mqtt://me:sesame@localhost\"]",
      "host = \"localhost\"\nusername = \"me\"\npassword = \"sesame\"",
      "url = \"mqtts://localhost\"\npsk = \"5e5a4e\"\npsk-identity = \"me\"",
      "host = \"localhost\"\nproxy = \"socks5://me:sesame@p\"",
      "host = \"localhost\"\nws = true\nws-header = \"Authorization: sesame\"",
      "host = \"localhost\"\nauth-method = \"x\"\nauth-data = \"sesame\"",
      "host = \"localhost\"\nauth-method = \"x\"\nproperty = [[\"authentication-data\", \"sesame\"]]",
  });
  for (const std::string_view text : refused) {
    CAPTURE(text);
    const std::string error = others(text, 0644);
    CHECK(error.ends_with("b.toml holds a password and others can read it"));
    CHECK(error.find("sesame") == error.npos);
    CHECK(others(text, 0600).find("others can read") == std::string::npos);
  }
  CHECK(others("host = \"localhost\"\nusername = \"me\"\npassword-file = \"pw\"", 0644).empty());
  // Nor does any other error show one.
  const std::string error = others("url = \"mqtt://me:sesame@h:99999\"", 0600);
  CHECK(error.find("99999") != error.npos);
  CHECK(error.find("sesame") == error.npos);
  CHECK(others("url = \"mqtt://me:sesame%zz@h\"", 0600).find("sesame") == std::string::npos);
}

TEST_CASE("a file that isn't there, or is a folder") {
  const TempDir folder;
  CHECK_FALSE(read_plan(folder.file("none.toml"), test::environment_of(test::home)));
  CHECK_FALSE(read_plan(folder.path(), test::environment_of(test::home)));
}

}  // namespace mq
