#include "pub/options.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "command_lines.hpp"

namespace mq {

using namespace std::chrono_literals;
using test::Arguments;
using Source = PubSettings::Source;

TEST_CASE("each source of messages") {
  struct Row {
    Arguments arguments;
    Source source;
  };
  const Row table[] = {
      {{"-m", "x"}, Source::message}, {{"-m", ""}, Source::message}, {{"-f", "x"}, Source::file},
      {{"-s"}, Source::whole_stdin},  {{"-l"}, Source::lines},       {{"-n"}, Source::null},
  };
  for (const Row& row : table) {
    Arguments arguments = row.arguments;
    arguments.insert(arguments.end(), {"-t", "a"});
    const auto settings = test::pub(arguments);
    REQUIRE(settings);
    CHECK(settings->source == row.source);
  }
}

TEST_CASE("publish options fill the settings") {
  const auto settings = test::pub({"-t", "a", "-t", "b/c", "-m", "first", "-m", "\xFF\x01", "-q", "2", "-r",
                                   "--repeat", "3", "--repeat-delay", "0.5"});
  REQUIRE(settings);
  CHECK(settings->topics == std::vector<std::string>{"a", "b/c"});
  CHECK(settings->message == "\xFF\x01");
  CHECK(settings->qos == QoS::exactly_once);
  CHECK(settings->retain);
  CHECK(settings->repeat == 3);
  CHECK(settings->repeat_delay == 500ms);

  const auto plain = test::pub({"-t", "a", "-f", "x"});
  REQUIRE(plain);
  CHECK(plain->file == "x");
  CHECK(plain->qos == QoS::at_most_once);
  CHECK_FALSE(plain->retain);
  CHECK(plain->repeat == 1);
  CHECK(plain->repeat_delay == Duration::zero());
}

TEST_CASE("recordings, lines with a form, and what is made fill the settings") {
  const auto replay = test::pub({"--replay", "-", "--speed", "2.5", "--map", "a/#=b/#", "-0"});
  REQUIRE(replay);
  CHECK(replay->source == Source::replay);
  CHECK(replay->replay == "-");
  CHECK(replay->speed == 2.5);
  CHECK_FALSE(replay->map.empty());
  CHECK(replay->delimiter == '\0');
  CHECK(replay->own_topics());
  CHECK(test::pub({"--replay", "x", "--speed", "max"})->speed == 0);

  const auto lines = test::pub({"-l", "--line-format", "%t %p", "--delimiter", "\\t", "--rate", "0.5"});
  REQUIRE(lines);
  CHECK(lines->line_format->gives_topic());
  CHECK(lines->delimiter == '\t');
  CHECK(lines->every == 2s);
  CHECK(test::pub({"-l", "--input", "json"})->json_input);

  const auto made = test::pub({"-t", "a", "--size", "2k", "--seed", "7", "--lint", "error,payload"});
  REQUIRE(made);
  CHECK(made->source == Source::random);
  CHECK(made->size == 2048);
  CHECK(made->seed == 7);
  CHECK(made->lint == PubSettings::Lint::error);
  CHECK(made->lint_payload);
  CHECK(test::pub({"-t", "a", "-n"})->lint == PubSettings::Lint::warn);

  // In either order the text is what each line goes into.
  for (const Arguments& arguments : {Arguments{"-l", "-m", "<{line}>"}, Arguments{"-m", "<{line}>", "-l"}}) {
    Arguments all = arguments;
    all.insert(all.end(), {"-t", "a", "--template"});
    const auto both = test::pub(all);
    REQUIRE(both);
    CHECK(both->source == Source::lines);
    CHECK(both->line_in_message);
    CHECK(both->message == "<{line}>");
  }
}

TEST_CASE("topics in many scripts, and odd but valid ones") {
  for (const char* topic :
       {"/", "a//b", " ", "$SYS/x", "температура", "温度/厨房", "درجة", "🌡/°C", "a,b", "[a,b]", "-t"}) {
    CAPTURE(topic);
    const auto settings = test::pub({"-t", topic, "-n"});
    REQUIRE(settings);
    CHECK(settings->topics.front() == topic);
  }
}

TEST_CASE("a command line that can't be meant is refused") {
  struct Row {
    Arguments arguments;
    const char* text;
    const char* hint;
  };
  const std::string long_topic(65536, 'x');
  const Row table[] = {
      {{}, "no topic to publish to", "give one with -t"},
      {{"-m", "x"}, "no topic to publish to", "give one with -t"},
      {{"-t", "a"},
       "no message to publish",
       "give one of -m TEXT, -f FILE, -s, -l (lines of input), -n (empty), --size and --replay"},
      {{"-t", "a", "-m", "x", "-f", "y"},
       "-f/--file: there is another source of messages already",
       "give one of -m, -f, -s, -l, -n, --size and --replay"},
      {{"-t", "a", "-l", "-n"},
       "-n/--null-message: there is another source of messages already",
       "give one of -m, -f, -s, -l, -n, --size and --replay"},
      {{"-t", "a", "-l", "--repeat", "2"},
       "--repeat does not go with -l",
       "it repeats the one message of -m, -f, -s or -n"},
      {{"-t", "", "-n"}, "-t/--topic: topic name is empty", ""},
      {{"-t", "a/+", "-n"}, "-t/--topic: topic name 'a/+' holds a wildcard, which only a filter may", ""},
      {{"-t", "#", "-n"}, "-t/--topic: topic name '#' holds a wildcard, which only a filter may", ""},
      {{"-t", "\xFF", "-n"}, "-t/--topic: topic name '\\xff' is not valid UTF-8", ""},
      {{"-t", "a", "-n", "-q", "3"}, "-q/--qos: '3' is not a QoS: 0, 1 or 2", ""},
      {{"-t", "a", "-n", "-q", "one"}, "-q/--qos: 'one' is not a QoS: 0, 1 or 2", ""},
      {{"-t", "a", "-f", ""}, "-f/--file: the file name is empty", ""},
      {{"-t", "a", "-n", "--repeat", "0"},
       "--repeat: '0' is not a whole number from 1 to 18446744073709551615",
       ""},
      {{"-t", "a", "-n", "--repeat-delay", "-1"}, "--repeat-delay: '-1' is not a number of seconds", ""},
      {{"-t", "a", "-n", "-C", "1"}, "unknown option '-C'", "--help lists all options"},
  };
  for (const Row& row : table) {
    CAPTURE(row.text);
    const auto settings = test::pub(row.arguments);
    REQUIRE_FALSE(settings);
    CHECK(settings.error().kind == ErrorKind::usage);
    CHECK(settings.error().text == row.text);
    CHECK(settings.error().hint == row.hint);
  }
  CHECK_FALSE(test::pub({"-t", long_topic.c_str(), "-n"}));
}

TEST_CASE("help, version and generated text are answered whatever else is wrong") {
  for (const Arguments& arguments :
       {Arguments{"--help"}, Arguments{"--help", "--bogus"}, Arguments{"-p", "x", "--help"},
        Arguments{"-o", "/nonexistent", "--help"}}) {
    const auto settings = test::pub(arguments);
    REQUIRE(settings);
    REQUIRE(settings->connection.answer);
    CHECK(settings->connection.answer->starts_with("mqtt-pub - "));
  }
  const auto version = test::pub({"--version"});
  REQUIRE(version);
  CHECK(version->connection.answer ==
        std::string("mqtt-pub (mqttkit) ").append(toolkit_version()).append("\n"));
  // As a value it is no request.
  const auto value = test::pub({"-t", "a", "-m", "--help"});
  REQUIRE(value);
  CHECK_FALSE(value->connection.answer);
}

TEST_CASE("--quiet is seen even when the command line is wrong") {
  CHECK(quiet_asked(Arguments{"--bogus", "--quiet"}));
  CHECK_FALSE(quiet_asked(Arguments{"--bogus"}));
  CHECK_FALSE(quiet_asked(Arguments{}));
}

}  // namespace mq
