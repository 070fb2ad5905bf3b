#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <string>

#include "command_lines.hpp"

namespace mq {

using namespace std::chrono_literals;
using test::Arguments;

TEST_CASE("without options both programs go to localhost:1883 with MQTT 5 and may fall back") {
  const auto publisher = test::pub_with({});
  REQUIRE(publisher);
  const auto subscriber = test::sub_with({});
  REQUIRE(subscriber);
  for (const ConnectionSettings* settings : {&publisher->connection, &subscriber->connection}) {
    const ClientConfig& client = settings->client;
    CHECK(client.endpoints[0].host == "localhost");
    CHECK(client.endpoints[0].port == 1883);
    CHECK(client.endpoints[0].unix_path.empty());
    CHECK(client.fall_back_to_v311);
    CHECK(client.open.dial.timeout == 30s);
    CHECK(client.open.dial.no_delay);
    CHECK(client.session.version == Version::v5);
    CHECK(client.session.clean_start);
    CHECK(client.session.client_id.empty());
    CHECK(client.session.keep_alive == 60);
    CHECK_FALSE(client.session.user_name);
    CHECK_FALSE(client.session.password);
    CHECK_FALSE(client.session.will);
    CHECK(client.session.properties.empty());
    CHECK(client.session.max_in_flight == 1000);
    CHECK(client.session.max_in_flight_bytes == 8U << 20);
    CHECK(client.retry.before_first == 0);
    CHECK(client.retry.least == 1s);
    CHECK(client.retry.most == 60s);
    CHECK_FALSE(settings->timeout);
    CHECK_FALSE(settings->debug);
    CHECK_FALSE(settings->log.quiet);
    CHECK_FALSE(settings->needs_v5);
    CHECK_FALSE(settings->answer);
    CHECK(settings->session_file.empty());
  }
  CHECK(publisher->connection.client.retry.after_loss == 0U);
  CHECK_FALSE(subscriber->connection.client.retry.after_loss);
}

TEST_CASE("connection options fill the settings") {
  const auto settings = test::pub_with({"-h",
                                        "broker",
                                        "-p",
                                        "2000",
                                        "-A",
                                        "127.0.0.2",
                                        "-u",
                                        "üser",
                                        "-P",
                                        "\xFF pass",
                                        "-W",
                                        "2.5",
                                        "--connect-timeout",
                                        "0.5",
                                        "--retries",
                                        "3",
                                        "--retry-delay",
                                        "0.1:2",
                                        "--nodelay",
                                        "-d",
                                        "--quiet"});
  REQUIRE(settings);
  const ClientConfig& client = settings->connection.client;
  CHECK(client.endpoints[0].host == "broker");
  CHECK(client.endpoints[0].port == 2000);
  CHECK(client.open.dial.bind_address == "127.0.0.2");
  CHECK(client.open.dial.timeout == 500ms);
  CHECK(client.session.connack_timeout == 500ms);
  CHECK(client.session.user_name == "üser");
  CHECK(client.session.password == "\xFF pass");
  CHECK(settings->connection.timeout == Duration(2500ms));
  CHECK(client.retry.before_first == 3);
  CHECK(client.retry.after_loss == 3U);
  CHECK(client.retry.least == 100ms);
  CHECK(client.retry.most == 2s);
  CHECK(settings->connection.debug);
  CHECK(settings->connection.log.quiet);
}

TEST_CASE("retries can be without bound, and the delay's maximum is never below its minimum") {
  for (const char* text : {"-1", "forever"}) {
    const auto settings = test::pub_with({"--retries", text});
    REQUIRE(settings);
    CHECK(settings->connection.client.retry.before_first == std::numeric_limits<std::uint32_t>::max());
    CHECK_FALSE(settings->connection.client.retry.after_loss);
  }
  const auto settings = test::pub_with({"--retry-delay", "90"});
  REQUIRE(settings);
  CHECK(settings->connection.client.retry.least == 90s);
  CHECK(settings->connection.client.retry.most == 90s);
}

TEST_CASE("-L sets everything at once; what stands behind it goes before it") {
  const auto settings = test::pub({"-L", "mqtt://al%3Aice:s%40cret@[::1]:2001/a%20b", "-p", "2002", "-n"});
  REQUIRE(settings);
  const ClientConfig& client = settings->connection.client;
  CHECK(client.endpoints[0].host == "::1");
  CHECK(client.endpoints[0].port == 2002);
  CHECK(client.session.user_name == "al:ice");
  CHECK(client.session.password == "s@cret");
  CHECK(settings->topics == std::vector<std::string>{"a b"});

  const auto twice = test::pub({"-t", "x", "-L", "mqtt://h/y", "-n"});
  REQUIRE(twice);
  CHECK(twice->topics == std::vector<std::string>{"y", "x"});

  const auto socket = test::pub_with({"-L", "unix:///run/b"});
  REQUIRE(socket);
  CHECK(socket->connection.client.endpoints[0].unix_path == "/run/b");

  const auto filter = test::sub({"-L", "mqtt://h/a/+/#"});
  REQUIRE(filter);
  CHECK(filter->filters == std::vector<std::string>{"a/+/#"});
  CHECK_FALSE(test::pub({"-L", "mqtt://h/a/#", "-n"}));
}

// "host:port" with what is spoken there.
std::string servers_of(test::Arguments arguments, const test::Variables& variables = {}) {
  const auto settings = test::pub_with(std::move(arguments), variables);
  if (!settings) return settings.error().text;
  std::string out;
  for (const Endpoint& endpoint : settings->connection.client.endpoints) {
    if (!out.empty()) out += ' ';
    out += endpoint.text();
    if (endpoint.tls) out += "+tls";
    if (endpoint.web_socket) out += "+ws";
    if (endpoint.srv) out += "+srv";
  }
  return out;
}

TEST_CASE("which servers, on which ports, in which language") {
  CHECK(servers_of({}) == "localhost:1883");
  CHECK(servers_of({"-h", "a", "-h", "b"}) == "a:1883 b:1883");
  CHECK(servers_of({"-h", "a", "-L", "mqtt://b:9", "--unix", "/run/c"}) == "a:1883 b:9 /run/c");
  CHECK(servers_of({"-p", "7", "-h", "a", "-L", "mqtt://b"}) == "a:7 b:1883");
  CHECK(servers_of({"-h", "a", "-L", "mqtt://b:9", "-p", "7"}) == "a:7 b:7");
  CHECK(servers_of({"-h", "a", "--tls"}) == "a:8883+tls");
  CHECK(servers_of({"-h", "a", "--cafile", "ca.pem"}) == "a:8883+tls");
  CHECK(servers_of({"-h", "a", "-p", "8883"}) == "a:8883+tls");
  CHECK(servers_of({"-h", "a", "-p", "8883", "--no-tls"}) == "a:8883");
  CHECK(servers_of({"-h", "a", "--ws"}) == "a:80+ws");
  CHECK(servers_of({"-h", "a", "--ws", "--tls"}) == "a:443+tls+ws");
  CHECK(servers_of({"-h", "a", "-S"}) == "a:1883+srv");
  CHECK(servers_of({"-h", "a", "-S", "--tls"}) == "a:8883+tls+srv");
  CHECK(servers_of({"-L", "wss://a", "-L", "mqtts://b"}) == "a:443+tls+ws b:8883+tls");
  // Of several sources the last one counts.
  const test::Variables variables{{"MQTTKIT_HOST", "e"}, {"MQTTKIT_PORT", "5"}};
  CHECK(servers_of({}, variables) == "e:5");
  CHECK(servers_of({"-h", "a"}, variables) == "a:5");
  CHECK(servers_of({"-L", "mqtt://a"}, variables) == "a:1883");
  // What is there for all servers may go unused; what is asked for here may not.
  CHECK(servers_of({"-L", "mqtt://a"}, {{"MQTTKIT_CAFILE", "ca.pem"}}) == "a:1883");
  CHECK(servers_of({"-L", "mqtt://a", "--cafile", "ca.pem"}) ==
        "--cafile is for TLS, but a:1883 is reached without it");
}

TEST_CASE("TLS options that don't go together, and passwords that would leak") {
  CHECK(servers_of({"--psk", "aa"}) == "--psk and --psk-identity go together");
  CHECK(servers_of({"--psk", "xyz", "--psk-identity", "me"}).starts_with("--psk: a pre-shared key is"));
  CHECK(servers_of({"--psk", "aa", "--psk-identity", "me", "--cafile", "f"})
            .starts_with("--psk takes the place"));
  CHECK(servers_of({"-h", "host:1883"}) == "-h/--host: 'host:1883' is more than a host name");
  CHECK(servers_of({"-h", "fe80::1%eth0"}) == "[fe80::1%eth0]:1883");
  CHECK(servers_of({"--key", "k"}) == "--key needs --cert");
  CHECK(servers_of({"--tls-version", "1.1"}) == "--tls-version: '1.1' is not a version of TLS: 1.2 or 1.3");
  CHECK(servers_of({"--ws-path", "mqtt"}) == "--ws-path: 'mqtt' does not begin with a slash");
  CHECK(servers_of({"--ws-header", "no header"}) == "--ws-header: a header is written NAME:VALUE");
  CHECK(servers_of({"--connect-to", "a"}) == "--connect-to: 'a' is not HOST:PORT");
  CHECK(servers_of({"-u", "me", "-P", "hush", "-L", "mqtts://a", "-L", "mqtt://b"}) ==
        "what is secret would go to one server within TLS and to another without it");
  CHECK(servers_of({"-u", "me", "-P", "hush", "-L", "mqtts://a", "-L", "mqtt://localhost"}) ==
        "a:8883+tls localhost:1883");
}

TEST_CASE("what a URL holds goes with it: neither password nor topic outlive the server") {
  const test::Variables variables{{"MQTTKIT_URL", "mqtts://alice:secret@home/topic"}};
  const auto other = test::pub_with({"-h", "away"}, variables);
  REQUIRE(other);
  CHECK_FALSE(other->connection.client.session.user_name);
  CHECK_FALSE(other->connection.client.session.password);
  CHECK_FALSE(other->connection.url_topic);
  CHECK(servers_of({"-L", "mqtt://alice:a@x", "-L", "mqtt://bob:b@y"}) ==
        "the servers are named with different users or passwords");
  CHECK(servers_of({"-L", "mqtt://alice:a@x", "-L", "mqtt://alice:a@y", "-L", "mqtt://z"}) ==
        "x:1883 y:1883 z:1883");
  const auto behind = test::pub_with({"-L", "mqtt://alice:a@x", "-u", "bob", "-P", "b"});
  REQUIRE(behind);
  CHECK(behind->connection.client.session.user_name == "bob");
  CHECK(behind->connection.client.session.password == "b");
}

TEST_CASE("standard input is for one thing") {
  const auto both = test::pub({"-t", "a", "-l", "--password-file", "-", "-u", "me"});
  REQUIRE_FALSE(both);
  CHECK(both.error().text == "standard input can't be both the password and what is published");
}

TEST_CASE("of several sources of a password the last one named counts") {
  const auto typed = test::pub_with({"-u", "a", "-P", "b"}, {{"MQTTKIT_PASSWORD_FILE", "/nonexistent"}});
  REQUIRE(typed);
  CHECK(typed->connection.secrets.password_file.empty());
  CHECK(typed->connection.client.session.password == "b");
  const auto file = test::pub_with({"-P", "b", "--password-file", "f", "-u", "a"});
  REQUIRE(file);
  CHECK_FALSE(file->connection.client.session.password);
  CHECK(servers_of({"-h", "a", "--no-tls", "--tls"}) == "a:8883+tls");
}

TEST_CASE("TLS and WebSocket options fill the settings") {
  const auto settings = test::pub_with({"-h",
                                        "a",
                                        "--cafile",
                                        "ca",
                                        "--cert",
                                        "c",
                                        "--key",
                                        "k",
                                        "--key-password",
                                        "p",
                                        "--insecure",
                                        "--tls-version",
                                        "1.2",
                                        "--ciphers",
                                        "ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256:AES256-SHA",
                                        "--tls-alpn",
                                        "mqtt",
                                        "--tls-alpn",
                                        "x",
                                        "--sni",
                                        "name",
                                        "--tls-keylog",
                                        "log",
                                        "--crlfile",
                                        "crl",
                                        "--ws-path",
                                        "/w?q=1",
                                        "--ws-header",
                                        "A: b",
                                        "--ws-header",
                                        "C:",
                                        "--connect-to",
                                        "[::1]:7",
                                        "--tcp-keepalive",
                                        "30",
                                        "-6"});
  REQUIRE(settings);
  const ClientConfig& client = settings->connection.client;
  CHECK(client.tls.ca_file == "ca");
  CHECK(client.tls.certificate == "c");
  CHECK(client.tls.key == "k");
  CHECK(client.tls.key_password == "p");
  CHECK_FALSE(client.tls.verify);
  CHECK((client.tls.least == TlsVersion::v1_2 && client.tls.most == TlsVersion::v1_2));
  CHECK(client.tls.ciphers == "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA");
  CHECK(client.tls.cipher_suites == "TLS_AES_128_GCM_SHA256");
  CHECK(client.tls.alpn == std::vector<std::string>{"mqtt", "x"});
  CHECK(client.tls.server_name == "name");
  CHECK(client.tls.key_log == "log");
  CHECK(client.tls.revocations == "crl");
  CHECK(client.open.web_socket.path == "/w?q=1");
  CHECK(client.open.web_socket.headers ==
        std::vector<std::pair<std::string, std::string>>{{"A", "b"}, {"C", ""}});
  REQUIRE(client.open.connect_to);
  CHECK(client.open.connect_to->text() == "[::1]:7");
  CHECK(client.open.dial.keep_alive == 30s);
  CHECK(client.open.dial.family == Family::v6);
}

TEST_CASE("environment variables stand for connection options") {
  const test::Variables variables{{"MQTTKIT_URL", "mqtt://u:p@url:1/x"},
                                  {"MQTTKIT_USERNAME", "user"},
                                  {"MQTTKIT_PASSWORD", "word"},
                                  {"MQTTKIT_ID", "me"}};
  const auto settings = test::pub_with({}, variables);
  REQUIRE(settings);
  const ClientConfig& client = settings->connection.client;
  CHECK(client.endpoints[0].text() == "url:1");
  CHECK(client.session.user_name == "user");
  CHECK(client.session.password == "word");
  CHECK(client.session.client_id == "me");
  CHECK(settings->connection.url_topic == "x");
}

TEST_CASE("session options fill the settings") {
  const auto settings = test::sub_with({"-i", "me", "-c", "-k", "0", "-x", "3600", "-M", "65535",
                                        "--max-inflight-bytes", "64k", "--session-file", "/tmp/s"});
  REQUIRE(settings);
  const SessionConfig& session = settings->connection.client.session;
  CHECK(session.client_id == "me");
  CHECK_FALSE(session.clean_start);
  CHECK(session.keep_alive == 0);
  CHECK(session.max_in_flight == 65535);
  CHECK(session.max_in_flight_bytes == 65536);
  CHECK(session.properties.view().number(PropertyId::session_expiry_interval) == 3600U);
  CHECK(settings->connection.session_file == "/tmp/s");
  CHECK_FALSE(settings->connection.client.fall_back_to_v311);
}

TEST_CASE("a session that never expires has two spellings") {
  for (const char* text : {"-1", "∞", "4294967295"}) {
    const auto settings = test::sub_with({"-x", text});
    REQUIRE(settings);
    CHECK(settings->connection.client.session.properties.view().number(PropertyId::session_expiry_interval) ==
          0xFFFFFFFFU);
  }
}

TEST_CASE("-c and --session-file ask for a session that lasts, without ruling out 3.1.1") {
  for (const Arguments& arguments :
       {Arguments{"-c", "-i", "me"}, Arguments{"--session-file", "f", "-i", "me"}}) {
    const auto settings = test::sub_with(arguments);
    REQUIRE(settings);
    const ClientConfig& client = settings->connection.client;
    CHECK_FALSE(client.session.clean_start);
    CHECK(client.session.properties.view().number(PropertyId::session_expiry_interval) == 0xFFFFFFFFU);
    CHECK(client.fall_back_to_v311);
  }
  const auto older = test::sub_with({"-c", "-i", "me", "-V", "311"});
  REQUIRE(older);
  CHECK(older->connection.client.session.properties.empty());
}

TEST_CASE("[MQTT311-3.1.3-7] a kept session needs a client identifier") {
  for (const char* version : {"31", "311", "5"}) {
    CAPTURE(version);
    CHECK(test::error_of(test::sub_with({"-c", "-V", version})) == "-c needs a client identifier");
  }
  CHECK(test::error_of(test::sub_with({"--session-file", "f"})) ==
        "--session-file needs a client identifier");
  CHECK(test::sub_with({"-c", "-I", "me-"}));
}

TEST_CASE("versions have mosquitto's names, and one that is asked for is kept to") {
  struct Row {
    const char* text;
    Version version;
  };
  for (const Row& row :
       {Row{"5", Version::v5}, Row{"mqttv5", Version::v5}, Row{"311", Version::v311},
        Row{"mqttv311", Version::v311}, Row{"31", Version::v31}, Row{"mqttv31", Version::v31}}) {
    const auto settings = test::pub_with({"-V", row.text});
    REQUIRE(settings);
    CHECK(settings->connection.client.session.version == row.version);
    CHECK(settings->connection.version_given);
    CHECK_FALSE(settings->connection.client.fall_back_to_v311);
  }
}

TEST_CASE("MQTT 3.1 always has a client identifier, which -I and the process id make up") {
  const std::string pid = std::to_string(::getpid());
  const auto old = test::pub_with({"-V", "31"});
  REQUIRE(old);
  CHECK(old->connection.client.session.client_id == "mqttkit-" + pid);
  const auto prefixed = test::pub_with({"-I", "plant-"});
  REQUIRE(prefixed);
  CHECK(prefixed->connection.client.session.client_id == "plant-" + pid);
}

TEST_CASE("[MQTT311-3.1.2-22] a password without a user name is for MQTT 5 alone") {
  CHECK(test::error_of(test::pub_with({"-P", "x", "-V", "311"})) ==
        "MQTT 3.1.1 has no password without a user name");
  CHECK(test::error_of(test::pub_with({"-P", "x", "-V", "31"})) ==
        "MQTT 3.1 has no password without a user name");
  CHECK(test::pub_with({"-P", "x", "-u", "y", "-V", "311"}));
  const auto settings = test::pub_with({"-P", "x"});
  REQUIRE(settings);
  CHECK_FALSE(settings->connection.client.fall_back_to_v311);
}

TEST_CASE("will options fill the settings in any order") {
  const auto settings = test::pub_with(
      {"--will-retain", "--will-qos", "2", "--will-payload", "gone", "--will-topic", "state/me"});
  REQUIRE(settings);
  const auto& will = settings->connection.client.session.will;
  REQUIRE(will);
  CHECK(will->topic == "state/me");
  CHECK(will->payload == "gone");
  CHECK(will->qos == QoS::exactly_once);
  CHECK(will->retain);
}

TEST_CASE("a will needs a topic") {
  for (const Arguments& arguments :
       {Arguments{"--will-retain"}, Arguments{"--will-qos", "1"}, Arguments{"--will-payload", "x"},
        Arguments{"-D", "will", "content-type", "x"}}) {
    const auto settings = test::pub_with(arguments);
    CHECK(test::error_of(settings) == "a will needs a topic");
    CHECK(test::hint_of(settings) == "give one with --will-topic");
  }
}

TEST_CASE("values that can't be meant are refused, naming the option") {
  struct Row {
    Arguments arguments;
    const char* expected;
  };
  const std::string long_text(65536, 'x');
  const std::string long_path(108, 'x');
  const Row table[] = {
      {{"-h", ""}, "-h/--host: the host name is empty"},
      {{"-h", "a b"}, "-h/--host: 'a b' is not a host name"},
      {{"-h", "mqtt://a"}, "-h/--host: 'mqtt://a' is not a host name"},
      {{"-h", "mqtt://me:hu@sh@a"}, "-h/--host: 'mqtt://***@a' is not a host name"},
      {{"-h", "me:hush@a"}, "-h/--host: '***@a' is not a host name"},
      {{"-h", "me@a"}, "-h/--host: 'me@a' is not a host name"},
      {{"-p", "0"}, "-p/--port: '0' is not a whole number from 1 to 65535"},
      {{"-p", "65536"}, "-p/--port: '65536' is not a whole number from 1 to 65535"},
      {{"-p", "+1"}, "-p/--port: '+1' is not a whole number from 1 to 65535"},
      {{"-p", "1 "}, "-p/--port: '1 ' is not a whole number from 1 to 65535"},
      {{"-p", ""}, "-p/--port: '' is not a whole number from 1 to 65535"},
      {{"--unix", ""}, "--unix: the socket's path is empty"},
      {{"--unix", long_path.c_str()}, "is longer than 107 bytes, the most that a socket's path can have"},
      {{"-u", "\xFF"}, "-u/--username: '\\xff' is not valid UTF-8 (byte 1)"},
      {{"-i", "a\xC3"}, "-i/--id: 'a\\xc3' is not valid UTF-8 (byte 2)"},
      {{"-i", long_text.c_str()}, "-i/--id: 65536 bytes are too many: at most 65535"},
      {{"-u", "x", "-P", long_text.c_str()}, "the password is longer than 65535 bytes"},
      {{"-I", "\xED\xA0\x80"}, "-I/--id-prefix: '\\xed\\xa0\\x80' is not valid UTF-8 (byte 1)"},
      {{"-k", "65536"}, "-k/--keepalive: '65536' is not a whole number from 0 to 65535"},
      {{"-k", "-1"}, "-k/--keepalive: '-1' is not a whole number from 0 to 65535"},
      {{"-x", "-2"}, "-x/--session-expiry: '-2' is neither a whole number of seconds nor -1 for never"},
      {{"-x", "1.5"}, "-x/--session-expiry: '1.5' is neither a whole number of seconds nor -1 for never"},
      {{"-V", "4"}, "-V/--protocol-version: '4' is not an MQTT version: 31, 311 or 5"},
      {{"-W", "0"}, "-W/--timeout: '0' is not a number of seconds above 0"},
      {{"-W", "-1"}, "-W/--timeout: '-1' is not a number of seconds above 0"},
      {{"--connect-timeout", "x"}, "--connect-timeout: 'x' is not a number of seconds above 0"},
      {{"--retries", "-2"}, "--retries: '-2' is neither a number of tries nor -1"},
      {{"--retry-delay", "5:1"},
       "--retry-delay: '5:1' is not MIN or MIN:MAX in seconds, MIN above 0 and not above MAX"},
      {{"--retry-delay", "0"},
       "--retry-delay: '0' is not MIN or MIN:MAX in seconds, MIN above 0 and not above MAX"},
      {{"-M", "0"}, "-M/--max-inflight: '0' is not a whole number from 1 to 65535"},
      {{"--max-inflight-bytes", "0"},
       "--max-inflight-bytes: '0' is not a size in bytes, such as 65536 or 8M"},
      {{"--session-file", ""}, "--session-file: the file name is empty"},
      {{"--will-topic", ""}, "--will-topic: topic name is empty"},
      {{"--will-topic", "a/#"}, "--will-topic: topic name 'a/#' holds a wildcard, which only a filter may"},
      {{"--will-qos", "3"}, "--will-qos: '3' is not a QoS: 0, 1 or 2"},
      {{"--will-payload", long_text.c_str()},
       "--will-payload: the payload of a will has at most 65535 bytes"},
      {{"--generate", "csh"}, "--generate: 'csh' is none of man, bash, zsh, fish"},
  };
  for (const Row& row : table) {
    CAPTURE(row.expected);
    const auto settings = test::pub_with(row.arguments);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().kind == ErrorKind::usage);
    CHECK(settings.error().text.find(row.expected) != std::string::npos);
  }
}

TEST_CASE("what only MQTT 5 has is refused at an older version, naming the option") {
  struct Row {
    Arguments arguments;
    const char* option;
  };
  const Row table[] = {
      {{"-x", "1"}, "-x/--session-expiry"},
      {{"-D", "connect", "user-property", "k", "v"}, "-D/--property"},
      {{"--no-local"}, "--no-local"},
      {{"--retain-as-published"}, "--retain-as-published"},
      {{"--retain-handling", "new"}, "--retain-handling"},
  };
  for (const Row& row : table) {
    CAPTURE(row.option);
    Arguments arguments = row.arguments;
    const auto allowed = test::sub_with(arguments);
    REQUIRE(allowed);
    CHECK(allowed->connection.needs_v5 == row.option);
    CHECK_FALSE(allowed->connection.client.fall_back_to_v311);
    arguments.insert(arguments.begin(), {"-V", "mqttv311"});
    CHECK(test::error_of(test::sub_with(arguments)) ==
          std::string(row.option).append(" needs MQTT 5.0, but -V asks for MQTT 3.1.1"));
  }
}

}  // namespace mq
