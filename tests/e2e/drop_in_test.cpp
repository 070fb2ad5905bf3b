// Mosquitto's names beside mosquitto itself: exit codes, what is printed and what is complained of are the
// same for the same command line. What 2.1 has and 2.0.11, the one installed, has not is held to its words.
#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include "e2e/drop_in.hpp"
#include "peers/fake_broker.hpp"
#include "peers/mosquitto.hpp"
#include "peers/temp_dir.hpp"

using namespace mq;

namespace {

// Port of nobody.
constexpr std::uint16_t nowhere = 1;

Arguments at(std::uint16_t port, const Arguments& arguments) {
  Arguments result{"-h", "127.0.0.1", "-p", std::to_string(port)};
  result.insert(result.end(), arguments.begin(), arguments.end());
  return result;
}

Outcome ours(const std::string& program, const Arguments& arguments) {
  return run(as_mosquitto(Maker::ours, program, arguments));
}

}  // namespace

TEST_CASE("wrong command lines are told as mosquitto tells them") {
  if (!have_mosquitto_clients()) return;
  const Arguments either[] = {{"--unknown"},
                              {"-Xyz"},
                              {"--qos=1"},
                              {"-A"},
                              {"--cafile"},
                              {"--capath"},
                              {"--cert"},
                              {"--ciphers"},
                              {"-D"},
                              {"-D", "connect", "receive-maximum"},
                              {"-D", "connect", "will-delay-interval", "1"},
                              {"-D", "connect", "user-property", "k"},
                              {"-D", "connect", "receive-maximum", "65536"},
                              {"-D", "connect", "request-problem-information", "-1"},
                              {"-D", "auth", "authentication-method", "1"},
                              {"-D", "puback", "reason-string", "1"},
                              {"-h"},
                              {"-i"},
                              {"-I"},
                              {"-i", "a", "-I", "b"},
                              {"-I", "a", "-i", "b"},
                              {"-k"},
                              {"-k", "4"},
                              {"-k", "65536"},
                              {"-k", "x"},
                              {"--key"},
                              {"--keyform"},
                              {"-L"},
                              {"-L", "mqtt://host"},
                              {"-M"},
                              {"-M", "0"},
                              {"-p"},
                              {"-p", "65536"},
                              {"-p", "-1"},
                              {"-P"},
                              {"--proxy"},
                              {"--proxy", "http://host"},
                              {"--psk"},
                              {"--psk-identity"},
                              {"--psk", "00"},
                              {"--psk", "00", "--cafile", "f"},
                              {"--cert", "f"},
                              {"--key", "f"},
                              {"--keyform", "pem"},
                              {"--tls-engine-kpass-sha1", "a"},
                              {"-q"},
                              {"-q", "3"},
                              {"-t"},
                              {"-t", "\xFF"},
                              {"--tls-alpn"},
                              {"--tls-engine"},
                              {"--tls-version"},
                              {"-u"},
                              {"--unix"},
                              {"-V"},
                              {"-V", "4"},
                              {"-x"},
                              {"-x", "a"},
                              {"-x", "-2"},
                              {"-c"},
                              {"-c", "-I", "a"},
                              {"--will-payload", "x"},
                              {"--will-retain"},
                              {"--will-qos", "3"},
                              {"--will-topic", "a/+"},
                              {"--will-topic"},
                              {"--will-payload"}};
  for (const Arguments& arguments : either)
    for (const char* program : {"mosquitto_pub", "mosquitto_sub"}) check_same(program, arguments);
  const Arguments pub[] = {{"-t", "a/#"},
                           {"-t", "a"},
                           {"-m", "a", "-n"},
                           {"-l", "-s"},
                           {"-f"},
                           {"-m"},
                           {"-m", "x", "-f"},
                           {"-t", "a", "-s"},
                           {"--repeat"},
                           {"--repeat", "0"},
                           {"--repeat-delay", "-1"},
                           {"-D", "publish", "subscription-identifier", "1"},
                           {"-t", "a", "-m", "b", "-P", "secret"},
                           {"-t", "a", "-m", "b", "-D", "connect", "user-property", "k", "v", "-V", "311"},
                           {"-C", "1"},
                           {"-v"},
                           {"-W", "1"},
                           {"-F", "%p"}};
  for (const Arguments& arguments : pub) {
    // Their usage goes to standard output where we have a hint.
    if (arguments == Arguments{"-t", "a"}) continue;
    check_same("mosquitto_pub", arguments);
  }
  const Arguments sub[] = {{"-t", "++"},
                           {"-T", "a#"},
                           {"-U", "a#"},
                           {"-C"},
                           {"-C", "0"},
                           {"-W", "0"},
                           {"-W"},
                           {"-F"},
                           {"-F", "%"},
                           {"-F", "%0"},
                           {"-F", "%.1"},
                           {"-F", "%Z"},
                           {"-F", "@"},
                           {"-F", "\\"},
                           {"-F", "\\Z"},
                           {"--random-filter"},
                           {"-D", "subscribe", "topic-alias", "1"},
                           {"-D", "subscribe", "subscription-identifier", "4294967296"},
                           {"-m", "x"},
                           {"-l"},
                           {"-r"},
                           {"--repeat", "2"}};
  for (const Arguments& arguments : sub) check_same("mosquitto_sub", arguments);
}

TEST_CASE("what 2.1 alone complains of is told in its words") {
  struct {
    const char* program;
    Arguments arguments;
    std::string_view line;
  } const cases[] = {
      {"mosquitto_pub", {"-o"}, "Error: -o argument given but no options file specified."},
      {"mosquitto_pub", {"-o", "a", "-o", "b"}, "Error: Duplicate -o argument given."},
      {"mosquitto_pub", {"--tls-keylog"}, "Error: --tls-keylog argument given but no file specified."},
      {"mosquitto_pub",
       {"-L", "wss://host"},
       "Error: Invalid URL for -L argument specified - topic missing."},
      {"mosquitto_pub",
       {"-t", "a", "-m", "b", "--cafile", "/missing"},
       "Error: Problem setting TLS options: File not found."},
      {"mosquitto_pub",
       {"-t", "a", "-f", "/missing"},
       "Error: Unable to read file \"/missing\": No such file or directory.\nError loading input file "
       "\"/missing\"."},
      {"mosquitto_sub",
       {"-D", "nothing", "receive-maximum", "1"},
       "Error: Invalid command nothing given in --property argument."},
      {"mosquitto_sub",
       {"-D", "connect", "nothing", "1"},
       "Error: Invalid property name nothing given in --property argument."},
      {"mosquitto_pub", {"-L", "http://host/t"}, "Error: Unsupported URL scheme."},
      {"mosquitto_pub",
       {"-x", "-1"},
       "Error: You must provide a client id if you are using an infinite session expiry interval."},
      {"mosquitto_sub",
       {"--random-filter", "101"},
       "Error: --random-filter chance must be between 0.1-100.0"},
      {"mosquitto_sub", {}, "Error: You must specify a topic to subscribe to (-t) or unsubscribe from (-U)."},
      {"mosquitto_pub", {"-t", "a"}, "Error: Both topic and message must be supplied."},
      {"mosquitto_sub", {"--retain-handling", "x"}, "Error: Unknown value 'x' for --retain-handling."},
      {"mosquitto_sub",
       {"-R", "--retained-only", "-t", "a"},
       "Error: Combining '-R' and '--retained-only' makes no sense."},
      {"mosquitto_sub",
       {"-t", "a", "--tls-engine", "pkcs11"},
       "Error: Problem setting TLS engine, is pkcs11 a valid engine?"},
  };
  for (const auto& one : cases) {
    const Outcome outcome = ours(one.program, one.arguments);
    CAPTURE(outcome.err);
    CHECK(outcome.code == 1);
    CHECK(holds(outcome.err, one.line));
  }
  for (const char* program : {"mosquitto_pub", "mosquitto_sub"}) {
    CHECK(ours(program, {"--help"}).code == 1);
    CHECK(holds(ours(program, {"--help"}).out, std::string(program) + " of mqttkit"));
    CHECK(ours(program, {"--version"}).code == 1);
    CHECK(holds(ours(program, {"--version"}).out, std::string(program) + " version 2.1"));
  }
}

TEST_CASE("connections that fail end with mosquitto's texts and codes") {
  if (!have_mosquitto_clients() || !have_mosquitto()) return;
  for (const char* version : {"mqttv31", "mqttv311", "mqttv5"}) {
    for (int code = 1; code <= 5; ++code) {
      constexpr std::uint8_t as_5[] = {0, 0x84, 0x85, 0x88, 0x86, 0x87};
      const bool v5 = std::string_view(version) == "mqttv5";
      const std::string connack = v5 ? std::string{0x20, 3, 0, static_cast<char>(as_5[code]), 0}
                                     : std::string{0x20, 2, 0, static_cast<char>(code)};
      FakeBroker refusing({.connect = [&connack](Peer& peer, const Connect&) { peer.send_bytes(connack); }});
      CAPTURE(code);
      check_same("mosquitto_pub", at(refusing.port(), {"-V", version, "-t", "a", "-m", "b"}));
      check_same("mosquitto_sub", at(refusing.port(), {"-V", version, "-t", "a"}));
    }
  }
  check_same("mosquitto_pub", at(nowhere, {"-t", "a", "-m", "b"}));
  check_same("mosquitto_sub", at(nowhere, {"-t", "a"}));
  check_same("mosquitto_sub", at(nowhere, {"-t", "a", "--quiet"}));
  FakeBroker leaving([](FakeBroker& self) {
    for (int i = 0; i < 2; ++i) {
      Peer peer = self.accept();
      peer.welcome();
      peer.expect(PacketType::publish);
    }
  });
  check_same("mosquitto_pub", at(leaving.port(), {"-t", "a", "-m", "b", "-q", "1"}));
  CHECK(ours("mosquitto_pub", at(nowhere, {"-t", "a", "-m", "b"})).err == "Error: Connection refused\n");
}

TEST_CASE("what the server denies ends with 0, as scripts know it") {
  if (!have_mosquitto_clients() || !have_mosquitto()) return;
  const Mosquitto broker(
      {.lines = "acl_file {dir}/acl\n", .files = {{"acl", "topic read nothing\ntopic write nothing\n"}}});
  for (const char* version : {"311", "5"}) {
    check_same("mosquitto_pub",
               at(broker.port(), {"-V", version, "-t", "a", "-m", "b", "-q", "1", "-i", "x"}));
  }
  FakeBroker refusing(
      {.subscribe = [](Peer& peer, const Subscribe&) { peer.send_hex("90 04 00 01 80 80"); }});
  check_same("mosquitto_sub", at(refusing.port(), {"-t", "a", "-t", "b"}));
  check_same("mosquitto_sub", at(refusing.port(), {"-t", "a", "-t", "b", "--quiet"}));
}

TEST_CASE("time limits and signals") {
  if (!have_mosquitto_clients() || !have_mosquitto()) return;
  Mosquitto broker;
  FakeBroker silent([](FakeBroker& self) { self.accept().hold(); });
  const Arguments limited = at(broker.port(), {"-t", "a", "-W", "1"});
  Process theirs(as_mosquitto(Maker::theirs, "mosquitto_sub", limited));
  Process same(as_mosquitto(Maker::ours, "mosquitto_sub", limited));
  Process unanswered(as_mosquitto(Maker::ours, "mosquitto_sub", at(silent.port(), {"-t", "a", "-W", "1"})));
  const Outcome expected = theirs.wait();
  const Outcome outcome = same.wait();
  CHECK(outcome.code == expected.code);
  CHECK(outcome.err == expected.err);
  CHECK(unanswered.wait().code == 255);
  for (const int signal : {SIGINT, SIGTERM}) {
    Process reader(as_mosquitto(Maker::ours, "mosquitto_sub", at(broker.port(), {"-t", "a", "-i", "me"})));
    broker.await_subscription("me", "a");
    reader.signal(signal);
    CHECK(reader.wait().code == 0);
    Process writer(with_input(
        as_mosquitto(Maker::ours, "mosquitto_pub", at(broker.port(), {"-t", "b", "-l", "-d"})), Input::pipe));
    writer.await_out("CONNACK");
    writer.signal(signal);
    CHECK(writer.wait().signal == signal);
  }
}

TEST_CASE("-d shows packets on standard output in mosquitto's words") {
  if (!have_mosquitto_clients() || !have_mosquitto()) return;
  Mosquitto broker;
  for (const char* version : {"311", "5"}) {
    for (const char* qos : {"0", "1", "2"})
      check_same("mosquitto_pub",
                 at(broker.port(), {"-V", version, "-d", "-i", "me", "-t", "a", "-m", "b", "-q", qos}));
    check_same("mosquitto_sub",
               at(broker.port(), {"-V", version, "-d", "-i", "me", "-t", "a", "-t", "b/#", "-q", "2", "-E"}));
    check_same("mosquitto_sub",
               at(broker.port(), {"-V", version, "-d", "--quiet", "-i", "me", "-t", "a", "-E"}));
  }
  check_same("mosquitto_pub", at(broker.port(), {"-d", "-i", "me", "-t", "a", "-l"}), "1\n2\n");
  const std::string anonymous = ours("mosquitto_pub", at(broker.port(), {"-d", "-t", "a", "-n"})).out;
  CHECK(holds(anonymous, "Client null sending CONNECT\n"));
  const std::string old =
      ours("mosquitto_pub", at(broker.port(), {"-d", "-t", "a", "-n", "-V", "mqttv31"})).out;
  CHECK(holds(old, "Client mosq-"));
}

TEST_CASE("retained messages, filters and ends") {
  if (!have_mosquitto_clients() || !have_mosquitto()) return;
  Mosquitto broker;
  for (const char* topic : {"r/1", "r/2", "r/3"})
    REQUIRE(ours("mosquitto_pub", at(broker.port(), {"-t", topic, "-m", topic, "-r", "-q", "1"})).code == 0);
  const Arguments cases[] = {{"-t", "r/#", "-C", "3"},
                             {"-t", "r/#", "-C", "3", "-v"},
                             {"-t", "r/#", "-C", "2", "-T", "r/2"},
                             {"-t", "r/#", "-C", "1", "-T", "r/1", "-T", "r/2", "-v"},
                             {"-t", "r/#", "-C", "3", "--retained-only", "-v"},
                             {"-t", "r/+", "-t", "r/1", "-C", "4", "-q", "1"},
                             {"-t", "r/1", "-C", "1", "-F", "%t %J"},
                             {"-t", "r/1", "-C", "1", "-x", "60", "-i", "me"},
                             {"-t", "r/1", "-C", "1", "-I", "pre-"},
                             {"-t", "r/#", "-E"}};
  for (const Arguments& arguments : cases)
    for (const char* version : {"311", "5"}) {
      Arguments versioned = at(broker.port(), arguments);
      versioned.insert(versioned.end(), {"-V", version});
      check_same("mosquitto_sub", versioned);
    }
  const std::string url = "mqtt://127.0.0.1:" + std::to_string(broker.port()) + "/r/2";
  check_same("mosquitto_sub", {"-L", url, "-C", "1", "-v"});
  // -T spares what it holds.
  CHECK(ours("mosquitto_sub", at(broker.port(), {"-t", "r/#", "-C", "2", "--remove-retained", "-T", "r/2"}))
            .out == "r/1\nr/3\n");
  CHECK(ours("mosquitto_sub", at(broker.port(), {"-t", "r/#", "-C", "1"})).out == "r/2\n");
}

TEST_CASE("options files: mosquitto's places, its lines, and not ours") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  const TempDir dir;
  const std::string lines = "# where\n-h 127.0.0.1\r\n\n-p " + std::to_string(broker.port()) + "\n";
  REQUIRE(std::system(("mkdir -p " + dir.path() + "/.config/mqttkit").c_str()) == 0);
  dir.write(".config/mosquitto_pub", lines + "-t o\n-m from the file\n-r\n");
  dir.write(".config/mosquitto_sub", lines + "-t o\n");
  dir.write(".config/mqttkit/default.conf", "no-such-option\n");
  dir.write(".config/mqtt-pub", "no-such-option\n");
  const std::string other = dir.write("other", lines + "-t o\n-F %t:%p\n");
  const auto in = [&dir](Launch launch, bool xdg) {
    launch.environment = {{"HOME", xdg ? "/nonexistent" : dir.path()},
                          {"XDG_CONFIG_HOME", xdg ? std::optional(dir.path() + "/.config") : std::nullopt},
                          {"MQTTKIT_PORT", "1"}};
    return launch;
  };
  for (const bool xdg : {true, false}) {
    CHECK(run(in(as_mosquitto(Maker::ours, "mosquitto_pub", {}), xdg)).err == "");
    CHECK(run(in(as_mosquitto(Maker::ours, "mosquitto_sub", {"-C", "1"}), xdg)).out == "from the file\n");
    CHECK(run(in(as_mosquitto(Maker::ours, "mosquitto_sub", {"-C", "1", "-o", other}), xdg)).out ==
          "o:from the file\n");
  }
}

TEST_CASE("what 2.1 added to the output") {
  FakeBroker broker({.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    peer.send(Publish{.topic = "t", .properties = {}, .payload = std::string_view("\xF4\xFD\x34\x3F", 4)});
    peer.send(Publish{
        .topic = "t", .properties = {}, .payload = std::string_view("\x58\x39\xB4\xC8\x76\xBE\x05\x40", 8)});
  }});
  const auto shown = [&broker](const char* format) {
    return ours("mosquitto_sub", at(broker.port(), {"-t", "t", "-C", "2", "-F", format})).out;
  };
  CHECK(shown("%.3f") == "0.707\n\n");
  CHECK(shown("%.3d") == "\n2.718\n");
  CHECK(shown("%.2:x") == "f4:fd:34:3f\n58:39:b4:c8:76:be:05:40\n");
  CHECK(shown("%10x") == "  f4fd343f\n5839b4c876be0540\n");
  CHECK(shown("%2x") == "f4fd\n5839\n");
}

TEST_CASE("--watch and --message-rate") {
  FakeBroker broker({.subscribe = [](Peer& peer, const Subscribe& subscribe) {
    peer.answer(subscribe);
    for (const char* topic : {"a", "b", "a"})
      peer.send(Publish{.topic = topic, .properties = {}, .payload = "x"});
  }});
  CHECK(ours("mosquitto_sub", at(broker.port(), {"-t", "#", "-C", "3", "-w"})).out ==
        "\x1B[2J\x1B[1;1HBroker: 127.0.0.1\n"
        "\x1B[2;1Hx\n\x1B[2;1H\n\x1B[3;1Hx\n\x1B[3;1H\n\x1B[2;1Hx\n\x1B[3;1H\n");
  Process counting(
      as_mosquitto(Maker::ours, "mosquitto_sub", at(broker.port(), {"-t", "#", "--message-rate"})));
  counting.await_lines(1);
  CHECK(counting.out().starts_with("3 msgs/s\n"));
  counting.signal(SIGINT);
  CHECK(counting.wait().code == 0);
}

TEST_CASE("a lost connection is made again every second, the first one is not") {
  FakeBroker broker([](FakeBroker& self) {
    {
      Peer peer = self.accept();
      peer.welcome();
      peer.answer(peer.expect(PacketType::subscribe)->packet);
    }
    Peer peer = self.accept();
    peer.welcome();
    peer.answer(peer.expect(PacketType::subscribe)->packet);
    peer.send(Publish{.topic = "t", .properties = {}, .payload = "again"});
    peer.serve();
  });
  const Outcome outcome = ours("mosquitto_sub", at(broker.port(), {"-t", "t", "-C", "1"}));
  CHECK(outcome.out == "again\n");
  CHECK(outcome.err == "");
  CHECK(outcome.code == 0);
}
