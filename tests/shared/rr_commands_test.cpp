// The commands of a program: which word on the command line is one, what is said of a word that nearly is,
// and whose options and options file they have.
#include <doctest/doctest.h>

#include <filesystem>

#include "command_lines.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

using test::Arguments;

std::string command_in(Arguments arguments) {
  const Program* const command = command_of(rr_program(), arguments);
  return command == nullptr ? "" : std::string(command->command);
}

// Error and hint.
std::string told(Arguments arguments) {
  const auto result = test::rr(std::move(arguments));
  return test::error_of(result) + ": " + test::hint_of(result);
}

}  // namespace

TEST_CASE("a command stands first, spelt out") {
  CHECK(command_in({"ping"}) == "ping");
  CHECK(command_in({"ping", "--help"}) == "ping");
  CHECK(command_in({}).empty());
  CHECK(command_in({""}).empty());
  CHECK(command_in({"pin"}).empty());
  CHECK(command_in({"--ping"}).empty());
  CHECK(command_in({"-t", "ping"}).empty());
}

TEST_CASE("each command is whole: a name of its own, rows, a page, and what runs it") {
  std::string seen;
  for (const Program* command : rr_program().commands) {
    const std::string name(command->command);
    CAPTURE(name);
    CHECK(seen.find(" " + name + " ") == seen.npos);
    seen += " " + name + " ";
    CHECK(command->name == "mqtt-rr");
    CHECK(called(*command) == "mqtt-rr " + name);
    CHECK(page_of(*command) == "mqtt-rr-" + name);
    CHECK_FALSE(command->rows().empty());
    CHECK((command->run != nullptr));
    CHECK(command->commands.empty());
    CHECK_FALSE(command->summary.empty());
    CHECK(rr_program().prose.find("mqtt\\-rr\\-" + name + " (1)") != std::string_view::npos);
    CHECK(command->prose.find("mqtt\\-rr (1)") != std::string_view::npos);
  }
}

TEST_CASE("a word that is no command is told with the nearest one") {
  CHECK(told({"png", "-t", "a"}) == "unknown command 'png': did you mean mqtt-rr ping?");
  CHECK(told({"pin"}) == "unknown command 'pin': did you mean mqtt-rr ping?");
  CHECK(told({"-h", "x", "ping", "-C", "3"}) ==
        "the command 'ping' does not stand first: begin with mqtt-rr ping");
  CHECK(told({"-t", "a", "-m", "x", "pong"}) ==
        "unexpected argument 'pong': every value stands behind the option that it belongs to");
  CHECK(told({"a/b"}) == "unexpected argument 'a/b': did you mean -t 'a/b'?");
  CHECK(told({"help"}) == "unexpected argument 'help': did you mean --help?");
  CHECK(test::error_of(test::ping({"ping"})) == "unexpected argument 'ping'");
  CHECK(test::rr({"png", "--help"}).value().connection.answer);
}

TEST_CASE("a command answers what is asked of it, and leaves completions to the program") {
  CHECK(test::ping({"--help"}).value().connection.answer->starts_with("mqtt-rr ping - "));
  CHECK(test::ping({"--version"}).value().connection.answer->starts_with("mqtt-rr (mqttkit) "));
  CHECK(test::ping({"--generate", "man"}).value().connection.answer->starts_with(".TH MQTT\\-RR\\-PING"));
  const auto completion = test::ping({"--generate", "fish"});
  CHECK(test::error_of(completion) == "--generate fish: completions are those of the whole program");
  CHECK(test::hint_of(completion) == "mqtt-rr --generate fish");
}

TEST_CASE("a command has an options file of its own, beside everybody's") {
  const TempDir home;
  const std::string folder = home.file("mqttkit");
  std::filesystem::create_directory(folder);
  home.write("mqttkit/default.conf", "host common\n");
  home.write("mqtt-rr", "response-topic for/rr\n");
  home.write("mqtt-rr-ping", "interval 0.5\n");
  const test::Variables variables{{"XDG_CONFIG_HOME", home.path()}};
  const auto ping = test::ping({}, variables);
  REQUIRE(ping);
  CHECK(ping->connection.client.endpoints[0].host == "common");
  CHECK(ping->interval == std::chrono::milliseconds(500));
  const auto rr = test::rr({"-t", "a", "-n"}, variables);
  REQUIRE(rr);
  CHECK(rr->response_topic == "for/rr");
}

}  // namespace mq
