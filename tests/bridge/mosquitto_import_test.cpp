// mosquitto's configuration as ours: each of its options is in the plan that comes of it, or is named.
#include "bridge/mosquitto_import.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

#include "bridge/plans.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

struct Imported {
  ImportedBridge bridge;
  BridgePlan plan;

  const EndpointPlan& end(std::string_view name) const {
    const auto found = std::ranges::find(plan.endpoints, name, &EndpointPlan::name);
    REQUIRE(found != plan.endpoints.end());
    return *found;
  }
  const ClientConfig& remote() const { return end("b").connection.client; }
  const RoutePlan& route(std::string_view name) const {
    const auto found = std::ranges::find(plan.routes, name, &RoutePlan::name);
    REQUIRE(found != plan.routes.end());
    return *found;
  }
  bool notes(std::string_view part) const {
    return std::ranges::any_of(bridge.notes, [part](const ConfNote& note) {
      return (note.place.text() + ": " + note.text).find(part) != std::string::npos;
    });
  }
};

Imported imported(std::string_view text, bool secrets = true) {
  auto bridge = import_mosquitto(parse_mosquitto_conf(text, "m.conf"), "host", secrets);
  if (!bridge) FAIL(bridge.error().text);
  auto plan = test::made(bridge->toml);
  CAPTURE(bridge->toml);
  if (!plan) FAIL(plan.error().text);
  // What is told is in the file too.
  for (const ConfNote& note : bridge->notes) CHECK(bridge->toml.find(note.text) != std::string::npos);
  return {*std::move(bridge), *std::move(plan)};
}

// A connection that is complete but for these lines.
Imported with(std::string_view lines, bool secrets = true) {
  return imported("connection b\naddress b.example\ntopic #\n" + std::string(lines), secrets);
}

std::string applied(const RoutePlan& route, std::string_view topic) {
  Buffer made;
  for (const TopicRule& rule : route.rules)
    if (rule.apply(topic, made)) return made;
  return "no";
}

}  // namespace

TEST_CASE("the least that a bridge can be") {
  const Imported made = imported("connection b\naddress b.example\ntopic a/#\n");
  CHECK(made.bridge.notes.empty());
  CHECK(made.plan.name == "host");
  REQUIRE(made.plan.endpoints.size() == 2);
  CHECK(made.end("local").connection.client.endpoints[0].text() == "localhost:1883");
  CHECK(made.remote().endpoints[0].text() == "b.example:1883");
  REQUIRE(made.plan.routes.size() == 1);
  const RoutePlan& out = made.route("b-out");
  CHECK(made.plan.endpoints[out.from].name == "local");
  CHECK(out.most_qos == QoS::at_most_once);
  CHECK(applied(out, "a/1") == "a/1");
}

TEST_CASE("topics: directions, QoS, prefixes, quotation marks") {
  const Imported made = imported(R"(connection b
address b.example
topic one/# out 1 local/ remote/
topic two/# in 1 local/ remote/
topic three/# both 2 "" remote/
topic "four words" out 1
topic "" out 1 here there
topic +/five in 1 "a b/" ""
)");
  CHECK(made.bridge.notes.empty());
  const RoutePlan& out = made.route("b-out");
  CHECK(out.most_qos == QoS::at_least_once);
  CHECK(applied(out, "local/one/x") == "remote/one/x");
  CHECK(applied(out, "four words") == "four words");
  CHECK(applied(out, "here") == "there");
  const RoutePlan& in = made.route("b-in");
  CHECK(applied(in, "remote/two/x") == "local/two/x");
  CHECK(applied(in, "1/five") == "a b/1/five");
  CHECK(applied(made.route("b-out-2"), "three/x") == "remote/three/x");
  CHECK(applied(made.route("b-in-2"), "remote/three/x") == "three/x");
  CHECK(made.route("b-in-2").most_qos == QoS::exactly_once);
}

TEST_CASE("topics that can't be, or are carried already") {
  const Imported made = imported(R"(connection b
address b.example
topic a/#
topic a/b
topic a/# out 1
topic
topic x sideways
topic x out 3
topic x out 0 l r more
topic "x
topic "" out 0 l
topic x# out
)");
  REQUIRE(made.plan.routes.size() == 1);
  CHECK(made.plan.routes[0].rules.size() == 1);
  CHECK(made.bridge.notes.size() == 9);
  CHECK(made.notes("m.conf:4: topic: not carried over: 'a/#' stands before it and takes all its topics"));
  CHECK(made.notes("m.conf:5: topic: not carried over: 'a/#' stands before it"));
  CHECK(made.notes("m.conf:6: topic: not carried over: there is no pattern"));
  CHECK(made.notes("m.conf:7: topic: not carried over: 'sideways' is neither in, out nor both"));
  CHECK(made.notes("m.conf:8: topic: not carried over: '3' is no QoS"));
  CHECK(made.notes("m.conf:9: topic: not carried over: 'more' is too much"));
  CHECK(made.notes("m.conf:10: topic: not carried over: a quotation mark is missing"));
  CHECK(made.notes("m.conf:11: topic: not carried over: an empty pattern needs both prefixes"));
  CHECK(made.notes("m.conf:12: topic: not carried over: topic filter 'x#'"));
}

TEST_CASE("every option is carried over or named") {
  using Look = std::function<bool(const Imported&)>;
  struct Row {
    std::string_view lines;
    Look carried;                 // into the plan; empty: it is not
    std::string_view named = {};  // part of a note; empty: there is none
    std::string_view rest = {};   // lines that go with it
  };
  const auto client = [](auto look) { return [look](const Imported& made) { return look(made.remote()); }; };
  const auto session = [](auto look) {
    return [look](const Imported& made) { return look(made.remote().session); };
  };
  const auto property = [](PropertyId id, std::uint32_t value) {
    return [id, value](const Imported& made) {
      return made.remote().session.properties.view().number(id) == value;
    };
  };
  const auto same = [](const Imported&) { return true; };  // what the bridge does anyway
  constexpr std::string_view v5 = "bridge_protocol_version mqttv50\n", tls = "bridge_cafile ca.pem\n";
  const auto table = std::to_array<Row>({
      {"address c.example:8000", client([](const ClientConfig& c) {
         return c.endpoints.size() == 2 && c.endpoints[1].text() == "c.example:8000";
       })},
      {"addresses c.example [::1]:7 ::1:8", client([](const ClientConfig& c) {
         return c.endpoints.size() == 4 && c.endpoints[2].text() == "[::1]:7" &&
                c.endpoints[3].text() == "[::1]:8";
       })},
      {"round_robin true", same},
      {"round_robin false", {}, "round_robin: not carried over"},
      {"start_type automatic", same},
      {"start_type lazy", {}, "start_type: not carried over: the bridge connects at once"},
      {"start_type once", {}, "start_type: not carried over: a bridge tries for ever"},
      {"threshold 5", {}, "threshold: not carried over"},
      {"idle_timeout 5", {}, "idle_timeout: not carried over"},
      {"restart_timeout 3", client([](const ClientConfig& c) {
         return c.retry.least == 3s && c.retry.most == 3s;
       })},
      {"restart_timeout 3 20", client([](const ClientConfig& c) {
         return c.retry.least == 3s && c.retry.most == 20s;
       })},
      {"restart_timeout 3 20 7", client([](const ClientConfig& c) { return c.retry.most == 20s; }),
       "restart_timeout: the third number is not carried over"},
      {"restart_timeout soon", {}, "restart_timeout: not carried over: 'soon' is not MIN"},
      {"keepalive_interval 33", session([](const SessionConfig& s) { return s.keep_alive == 33; })},
      {"bridge_tcp_keepalive 9 3 2",
       client([](const ClientConfig& c) { return c.open.dial.keep_alive == 9s; }),
       "bridge_tcp_keepalive: interval and count are not carried over"},
      {"bridge_tcp_user_timeout 1500",
       client([](const ClientConfig& c) { return c.open.dial.user_timeout == 1500ms; })},
      {"bridge_tcp_user_timeout 0", {}, "bridge_tcp_user_timeout: not carried over: '0' is not from 1"},
      {"cleansession true", {}, "cleansession: not carried over"},
      {"cleansession false", session([](const SessionConfig& s) { return !s.clean_start; })},
      {"local_cleansession true", {}, "local_cleansession: not carried over"},
      {"bridge_session_expiry_interval 77", property(PropertyId::session_expiry_interval, 77), {}, v5},
      {"bridge_session_expiry_interval 0", property(PropertyId::session_expiry_interval, 604800),
       "bridge_session_expiry_interval: not carried over: the session must outlast", v5},
      {"bridge_session_expiry_interval 77", {}, "bridge_session_expiry_interval: not carried over: it is for"},
      {"bridge_protocol_version mqttv31",
       session([](const SessionConfig& s) { return s.version == Version::v31; })},
      {"bridge_protocol_version mqttv311",
       session([](const SessionConfig& s) { return s.version == Version::v311; })},
      {v5, [](const Imported& made) {
         return made.remote().session.version == Version::v5 && !made.remote().fall_back_to_v311;
       }},
      {"try_private false", [](const Imported& made) { return !made.end("b").bridge_bit; }},
      {"try_private true", [](const Imported& made) { return made.end("b").bridge_bit; }},
      {"bridge_attempt_unsubscribe true", {}, "bridge_attempt_unsubscribe: not carried over"},
      {"bridge_outgoing_retain false",
       [](const Imported& made) { return made.route("b-out").retain == RetainPolicy::clear; }},
      {"bridge_outgoing_retain true",
       [](const Imported& made) { return made.route("b-out").retain == RetainPolicy::keep; }},
      {"bridge_max_packet_size 1000", {}, "bridge_max_packet_size: not carried over"},
      {"bridge_receive_maximum 9", property(PropertyId::receive_maximum, 9), {}, v5},
      {"bridge_receive_maximum 0", {}, "bridge_receive_maximum: not carried over: '0'", v5},
      {"bridge_receive_maximum 9", {}, "bridge_receive_maximum: not carried over: it is for"},
      {"bridge_max_topic_alias 9", property(PropertyId::topic_alias_maximum, 9), {}, v5},
      {"bridge_max_topic_alias 9", {}, "bridge_max_topic_alias: not carried over: it is for"},
      {"bridge_bind_address 127.0.0.2",
       client([](const ClientConfig& c) { return c.open.dial.bind_address == "127.0.0.2"; })},
      {"bridge_reload_type immediate", {}, "bridge_reload_type: not carried over: a reload"},
      {"local_clientid lid", [](const Imported& made) {
         return made.end("local-b").connection.client.session.client_id == "lid";
       }},
      {"remote_clientid rid", session([](const SessionConfig& s) { return s.client_id == "rid"; })},
      {"clientid rid", session([](const SessionConfig& s) { return s.client_id == "rid"; })},
      {"local_username lu\nlocal_password lp", [](const Imported& made) {
         const SessionConfig& s = made.end("local-b").connection.client.session;
         return s.user_name == "lu" && s.password == "lp";
       }},
      {"remote_username ru\nremote_password r p", session([](const SessionConfig& s) {
         return s.user_name == "ru" && s.password == "r p";
       })},
      {"username ru\npassword rp",
       session([](const SessionConfig& s) { return s.user_name == "ru" && s.password == "rp"; })},
      {"notifications true", {}, "notifications: not carried over: the topics below $SYS"},
      {"notifications false", [](const Imported& made) { return made.plan.status_topic.empty(); }},
      {"notifications_local_only true", {}, "notifications_local_only: not carried over"},
      {"notification_topic n/t", [](const Imported& made) { return made.plan.status_topic == "n/t"; },
       "notification_topic: one status topic is kept"},
      {"notifications false\nnotification_topic n/t", {}, "notification_topic: not carried over"},
      {tls, client([](const ClientConfig& c) {
         return c.endpoints[0].tls && c.endpoints[0].port == 1883 && c.tls.ca_file == "ca.pem";
       })},
      {"bridge_capath dir",
       client([](const ClientConfig& c) { return c.endpoints[0].tls && c.tls.ca_path == "dir"; })},
      {"bridge_tls_use_os_certs true", client([](const ClientConfig& c) { return c.endpoints[0].tls; })},
      {"bridge_certfile c.pem\nbridge_keyfile k.pem",
       client([](const ClientConfig& c) { return c.tls.certificate == "c.pem" && c.tls.key == "k.pem"; }), {},
       tls},
      {"bridge_certfile c.pem", {}, "bridge_certfile: not carried over: without bridge_cafile"},
      {"bridge_identity me\nbridge_psk 5e5a4e", client([](const ClientConfig& c) {
         return c.endpoints[0].tls && c.tls.psk_identity == "me" && c.tls.psk.size() == 3;
       })},
      {"bridge_insecure true", client([](const ClientConfig& c) { return !c.tls.verify; }), {}, tls},
      {"bridge_insecure true", {}, "bridge_insecure: not carried over: without"},
      {"bridge_require_ocsp true", {}, "bridge_require_ocsp: not carried over: certificates are NOT", tls},
      {"bridge_alpn mqtt",
       client([](const ClientConfig& c) { return c.tls.alpn == std::vector<std::string>{"mqtt"}; }), {}, tls},
      {"bridge_tls_version tlsv1.3",
       client([](const ClientConfig& c) { return c.tls.least == TlsVersion::v1_3; }), {}, tls},
      {"bridge_tls_version tlsv1.1", {}, "bridge_tls_version: not carried over: 'tlsv1.1' is not", tls},
      {"bridge_ciphers A:B", client([](const ClientConfig& c) { return c.tls.ciphers == "A:B"; }), {}, tls},
      {"bridge_ciphers A\nbridge_ciphers_tls1.3 TLS_X", client([](const ClientConfig& c) {
         return c.tls.ciphers == "A" && c.tls.cipher_suites == "TLS_X";
       }), {}, tls},
      {"bridge_no_such_thing 5", {}, "'bridge_no_such_thing': not known"},
  });
  for (const Row& row : table) {
    CAPTURE(row.lines);
    const Imported made = with(std::string(row.lines) + "\n" + std::string(row.rest));
    if (row.carried) CHECK(row.carried(made));
    if (row.named.empty()) {
      for (const ConfNote& note : made.bridge.notes) CHECK_MESSAGE(false, note.text);
    } else {
      CHECK(made.notes(row.named));
      CHECK(made.bridge.toml.find(row.named) != std::string::npos);
    }
  }
}

TEST_CASE("secrets go into a file alone") {
  constexpr std::string_view lines =
      "remote_username me\nremote_password sesame\nlocal_password sesame\n"
      "local_username l\nbridge_psk 5e5a4e\nbridge_identity me\n";
  const Imported made = with(lines, false);
  CHECK(made.bridge.toml.find("sesame") == std::string::npos);
  CHECK(made.bridge.toml.find("5e5a4e") == std::string::npos);
  CHECK(made.notes("m.conf:5: remote_password: left out here"));
  CHECK(made.notes("m.conf:6: local_password: left out here"));
  CHECK(made.notes("m.conf:8: bridge_psk: left out here, and bridge_identity with it"));
  const Imported whole = with(lines);
  CHECK(whole.remote().session.password == "sesame");
  for (const ConfNote& note : whole.bridge.notes) CHECK(note.text.find("sesame") == std::string::npos);
}

TEST_CASE("several connections, odd names, and what is no bridge's") {
  const Imported made = imported(R"(# a comment
persistence true
listener 8883
certfile x
listener 1884 127.0.0.1
max_inflight_messages 20
username nobody's
connection local
address one
topic a
connection a b/c
  address two
	topic	b	in	2
connection a b/c
address three
topic #
local_clientid x
connection idle
address four
connection nowhere
topic x
)");
  CHECK(made.plan.endpoints.size() == 5);
  CHECK(made.end("local").connection.client.endpoints[0].text() == "127.0.0.1:1884");
  CHECK(made.end("local-2").connection.client.endpoints[0].text() == "one:1883");
  CHECK(made.end("a-b-c").connection.client.endpoints[0].text() == "two:1883");
  CHECK(made.end("a-b-c-2").connection.client.endpoints[0].text() == "three:1883");
  CHECK(made.end("local-a-b-c-2").connection.client.session.client_id == "x");
  CHECK(made.route("a-b-c-in").most_qos == QoS::exactly_once);
  REQUIRE(made.bridge.notes.size() == 2);
  CHECK(made.notes("connection 'idle': not carried over: it has no topic"));
  CHECK(made.notes("connection 'nowhere': not carried over: it has no address"));
}

TEST_CASE("the mosquitto itself") {
  const auto local = [](std::string_view lines) {
    return imported(std::string(lines) + "\nconnection b\naddress b\ntopic #\n")
        .end("local")
        .connection.client.endpoints[0]
        .text();
  };
  CHECK(local("port 1999") == "localhost:1999");
  CHECK(local("listener 1999 0.0.0.0") == "localhost:1999");
  CHECK(local("listener 0 /run/m.sock") == "/run/m.sock");
  CHECK(local("listener nonsense") == "localhost:1883");
  CHECK(imported("listener 8883\ncertfile c\nconnection b\naddress b\ntopic #\n")
            .notes("its listener speaks TLS"));
}

TEST_CASE("what can't be imported") {
  const auto error = [](std::string_view text) {
    return test::error_of(import_mosquitto(parse_mosquitto_conf(text, "m.conf"), "h", true));
  };
  CHECK(error("").starts_with("there is no bridge to import"));
  CHECK(error("connection b\naddress b\n").starts_with("there is no bridge to import"));
  CHECK(error("connection b\naddress b\ntopic a\nbridge_cafile c\nbridge_keyfile k\n")
            .find("--key needs --cert") != std::string::npos);
  CHECK(error("connection b\naddress b:x\ntopic a\n").find("'x' is not a port") != std::string::npos);
  // In a URL that would be a name and a password.
  CHECK(error("connection b\naddress me:x@b\ntopic a\n").starts_with("there is no bridge to import"));
  const MosquittoConf odd = parse_mosquitto_conf("connection b\naddress c ::1@2\ntopic a\n", "m.conf");
  REQUIRE(odd.bridges.size() == 1);
  CHECK(odd.bridges[0].addresses == std::vector<std::string>{"c"});
  REQUIRE(odd.bridges[0].notes.size() == 1);
  CHECK(odd.bridges[0].notes[0].text == "address: not carried over: '::1@2' is no host with its port");
  const MosquittoConf early = parse_mosquitto_conf("address x\nbridge_cafile y\n", "m.conf");
  REQUIRE(early.notes.size() == 2);
  CHECK(early.notes[0].text == "address: stands before any connection");
}

TEST_CASE("files of a folder are read in their order") {
  const TempDir folder;
  REQUIRE(::mkdir(folder.file("d").c_str(), 0700) == 0);
  folder.write("d/2.conf", "topic b\n");
  folder.write("d/1.conf", "connection b\naddress b\ntopic a\ninclude_dir /none\n");
  folder.write("d/3.txt", "topic c\n");
  const std::string file = folder.write("m.conf", "listener 1885\ninclude_dir " + folder.file("d") + "\n");
  const auto conf = read_mosquitto_conf(file);
  REQUIRE(conf);
  REQUIRE(conf->bridges.size() == 1);
  REQUIRE(conf->bridges[0].topics.size() == 2);
  CHECK(conf->bridges[0].topics[1].pattern == "b");
  CHECK(conf->bridges[0].topics[1].place.text() == folder.file("d/2.conf") + ":1");
  CHECK_FALSE(read_mosquitto_conf(folder.file("none")));
  CHECK_FALSE(read_mosquitto_conf(folder.write("n.conf", "include_dir /none\n")));
}

}  // namespace mq
