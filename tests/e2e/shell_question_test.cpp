// What a program answers a shell that completes a command line, and what it never does for that.
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "e2e/programs.hpp"
#include "peers/mosquitto.hpp"

namespace mq {
namespace {

std::string ended_by_nul(const Arguments& parts) {
  std::string text;
  for (const std::string& part : parts) text.append(part).push_back('\0');
  return text;
}

// The shell's question with these words; plenty of time unless it is said otherwise.
Launch question(const Arguments& words, const std::string& limit = "10") {
  Launch launch{.command = {MQTT_SUB, "--complete", "zsh", "topics"}};
  launch.environment = {{"XDG_CONFIG_HOME", "/nowhere"}, {"MQTTKIT_COMPLETE_TOPICS", limit}};
  launch.input = Input::bytes;
  launch.input_bytes = ended_by_nul(words);
  return launch;
}

std::string answer(const Arguments& words, const std::string& limit = "10") {
  const Outcome outcome = run(question(words, limit));
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
  return outcome.out;
}

// A machine that is busy may need more than one try.
void check_offers(const Arguments& words, std::string_view expected) {
  std::string offered;
  for (int i = 0; i < 5 && offered != expected; ++i) offered = answer(words);
  CHECK(offered == expected);
}

void retain(const Mosquitto& broker, const Arguments& topics, const Arguments& more = {}) {
  for (const std::string& topic : topics) {
    Arguments arguments{"-t", topic, "-r", "-m", "x"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    REQUIRE(run(mosquitto_pub(broker.port(), arguments)).code == 0);
  }
}

}  // namespace

TEST_CASE("topics are offered level by level, those that a terminal would obey never") {
  if (!have_mosquitto()) return;
  const Mosquitto broker;
  retain(broker, {"a/1", "a/2/x", "b", "c\xE2\x80\xAE/turned"});
  const std::string port = std::to_string(broker.port());
  check_offers({"mqtt-sub", "-p", port, "-t", ""}, "a/\nb\n");
  check_offers({"mqtt-sub", "-p", port, "-t", "a/"}, "a/1\na/2/\n");
  check_offers({"mqtt-sub", "-p", port, "--topic=+/2"}, "+/2/x\n");
  check_offers({"mqtt-sub", "-L", "mqtt://127.0.0.1:" + port, "-t", "$share/group/b"}, "$share/group/b\n");
  check_offers({"mqtt-sub", "-p", port, "-t", "$SYS/broker/ver"}, "$SYS/broker/version\n");
  // Half of a command line, and one with a fault.
  check_offers({"mqtt-sub", "-p", port, "--no-such", "-q", "7", "-c", "-t", "b"}, "b\n");
  // Another server is not asked in place of one that can't be.
  CHECK(answer({"mqtt-sub", "-p", port, "-h", "no host", "-t", "b"}).empty());
  CHECK(answer({"mqtt-sub", "-p", port, "-t", "b"}, "0").empty());
  CHECK(answer({"mqtt-sub", "-p", port, "-t", "b"}, "off").empty());
  CHECK(answer({"mqtt-sub", "-p", port, "-t", "b/#/"}).empty());
}

TEST_CASE("a client that runs with the same identifier is not disturbed") {
  if (!have_mosquitto()) return;
  Mosquitto broker;
  retain(broker, {"a"});
  Process other(mosquitto_sub(broker.port(), {"-i", "mine", "-t", "b", "-C", "1"}));
  broker.await_subscription("mine", "b");
  const Arguments words{"mqtt-sub", "-p", std::to_string(broker.port()), "-i", "mine", "--will-topic", "w",
                        "-t",       ""};
  check_offers(words, "a\n");
  CHECK(run(mosquitto_pub(broker.port(), {"-t", "b", "-m", "still here"})).code == 0);
  CHECK(other.wait().out == "still here\n");
  CHECK(count_of("as mine ", broker.log()) == 1);
}

TEST_CASE("a password is used where it is at hand; nobody is asked for one, and no program is run for it") {
  if (!have_mosquitto()) return;
  const Mosquitto broker({.anonymous = false, .users = {{"me", "sesame"}}});
  retain(broker, {"a"}, {"-u", "me", "-P", "sesame"});
  const TempDir dir;
  const std::string file = dir.write("password", "sesame\n");
  const std::string marker = dir.file("marker");
  Arguments words{"mqtt-sub", "-p", std::to_string(broker.port()), "-u", "me"};
  const auto with = [&words](Arguments more) {
    more.insert(more.begin(), words.begin(), words.end());
    more.insert(more.end(), {"-t", ""});
    return more;
  };
  check_offers(with({"-P", "sesame"}), "a\n");
  check_offers(with({"--password-file", file}), "a\n");
  CHECK(answer(with({"-P", "wrong"})).empty());
  CHECK(answer(with({"-P", "$SECRET"})).empty());
  CHECK(answer(with({"--password-command", "touch " + marker + "; echo sesame"})).empty());
  CHECK_FALSE(std::filesystem::exists(marker));
  // The shell's terminal is not for questions.
  Launch asked = question(with({"--ask-password"}));
  CHECK(run(asked).out.empty());
  CHECK_FALSE(holds(broker.log(), "SECRET"));
}

TEST_CASE("a server that is away, silent or not to be trusted: no topics, and no word") {
  if (!have_mosquitto()) return;
  std::uint16_t closed = 0;
  {
    Mosquitto gone;
    gone.stop();
    closed = gone.port();
  }
  CHECK(answer({"mqtt-sub", "-p", std::to_string(closed), "-t", ""}).empty());
  CHECK(answer({"mqtt-sub", "-h", "no-such-host.invalid", "-t", ""}).empty());
  // 192.0.2.0/24 is nobody's: what is sent there gets no answer.
  const Outcome silent = run(question({"mqtt-sub", "-h", "192.0.2.1", "-t", ""}, "0.5"));
  CHECK(silent.out.empty());
  CHECK(silent.err.empty());
}

TEST_CASE("profiles are those of the folder") {
  const TempDir dir;
  std::filesystem::create_directory(dir.file("mqttkit"));
  for (const char* name : {"plant.conf", "home.conf", "notes.txt", ".conf"})
    dir.write(std::string("mqttkit/") + name, "");
  Launch launch{.command = {MQTT_RR, "ping", "--complete", "bash", "profiles"}};
  launch.environment = {{"XDG_CONFIG_HOME", dir.path()}};
  launch.input = Input::bytes;
  launch.input_bytes = ended_by_nul({"mqtt-rr ping --profile ", " :="});
  CHECK(run(launch).out == "home\nplant\n");
}

}  // namespace mq
