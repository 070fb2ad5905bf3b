// What ends a subscriber, and what is done with messages instead of showing them: options that must fit.
#include <doctest/doctest.h>

#include "command_lines.hpp"
#include "shared/format.hpp"
#include "sub/options.hpp"

namespace mq {

using namespace std::chrono_literals;

namespace {

std::string fault(const test::Arguments& arguments) {
  const auto settings = test::sub(arguments);
  return settings ? "none" : settings.error().text;
}

}  // namespace

TEST_CASE("expectations fill the settings") {
  const auto settings = test::sub(
      {"-t", "a", "--expect", ".a", "--expect", ".b", "--expect-any", "--idle", "0.5", "--junit", "out.xml"});
  REQUIRE(settings);
  CHECK(settings->expectations == std::vector<std::string>{".a", ".b"});
  CHECK(settings->expect_any);
  CHECK(settings->idle == 500ms);
  CHECK(settings->junit == "out.xml");
}

TEST_CASE("expectations that can't be met or kept are refused") {
  CHECK(fault({"-t", "a", "--expect", ""}).ends_with("an empty text is no jq program"));
  CHECK(fault({"-t", "a", "--expect-any"}) == "--expect-any means nothing without --expect");
  CHECK(fault({"-t", "a", "--expect-none"}) == "--expect-none needs -W or --idle");
  CHECK(fault({"-t", "a", "--expect-none", "-W", "1", "--expect", "."}) ==
        "--expect and --expect-none exclude each other");
  CHECK(fault({"-t", "a", "-E", "--expect", "."}) == "-E waits for no message that could be expected");
  CHECK(fault({"-t", "a", "--idle", "0"}).ends_with("'0' is not a number of seconds above 0"));
}

TEST_CASE("a command is split into words, or handed to a shell") {
  const auto words = test::sub({"-t", "a", "--exec", "log 'a b'", "--jobs", "4"});
  REQUIRE(words);
  CHECK(words->command == std::vector<std::string>{"log", "a b"});
  CHECK(words->jobs == 4);
  const auto shell = test::sub({"-t", "a", "--exec", "log 'a b' | cat", "--shell"});
  REQUIRE(shell);
  CHECK(shell->command == std::vector<std::string>{"/bin/sh", "-c", "log 'a b' | cat"});
  CHECK(fault({"-t", "a", "--exec", "a 'b"}) == "--exec: the command has a ' without its end");
  CHECK(fault({"-t", "a", "--exec", ""}).ends_with("the command is empty"));
  CHECK(fault({"-t", "a", "--exec", "x", "-F", "%p"}) == "--exec goes with none of -F, --jq and --output");
  CHECK(fault({"-t", "a", "--shell"}) == "--shell means nothing without --exec");
  CHECK(fault({"-t", "a", "--jobs", "2"}) == "--jobs means nothing without --exec");
}

TEST_CASE("a server's figures need no filter and take none") {
  const auto settings = test::sub({"--sys", "--interval", "2"});
  REQUIRE(settings);
  CHECK(settings->filters == std::vector<std::string>{"$SYS/#"});
  CHECK(settings->interval == 2s);
  CHECK(fault({"--sys", "-t", "a"}) == "--sys subscribes by itself: it goes neither with -t nor with -U");
  CHECK(fault({"--sys", "-C", "1"}) == "--sys does not go with -C, which is for messages");
  for (const char* option : {"-E", "-R", "-N", "-0", "--remove-retained"})
    CHECK(fault({"--sys", option}).starts_with("--sys does not go with -"));
  for (const char* option : {"-T", "-F", "--jq", "--exec", "--expect", "--schema"})
    CHECK(fault({"--sys", option, "x"}) ==
          std::string("--sys does not go with ") + option + ", which is for messages");
  CHECK(fault({"-t", "a", "--interval", "2"}) == "--interval means nothing without --sys");
}

TEST_CASE("another byte than a newline can follow a message") {
  CHECK(test::sub({"-t", "a", "-0"})->delimiter == '\0');
  CHECK(test::sub({"-t", "a", "--delimiter", "\\x1e"})->delimiter == '\x1e');
  CHECK(fault({"-t", "a", "-0", "-N"}) == "-N goes neither with -0 nor with --delimiter");
  const Publish publish{.topic = "t", .properties = {}, .payload = "p"};
  Buffer out;
  Format::payloads({.end = '\0'}).append(publish, {}, out);
  Format::topics_and_payloads({.end = ';'}).append(publish, {}, out);
  CHECK(out == std::string("p\0t p;", 6));
}

}  // namespace mq
