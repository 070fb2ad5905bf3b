// The commands that have no scenario of their own: compare, report, sink, calibrate.
#include <doctest/doctest.h>

#include "bench_options/bench_lines.hpp"
#include "shared/option.hpp"

namespace mq {
namespace {

using test::error_of;
using test::hint_of;
using test::parsed;
using Sides = std::vector<std::vector<std::string>>;

TEST_CASE("compare: two sides or more, of one file or several") {
  const auto settings = parsed(parse_compare, "compare", {"a", "--output", "json", "b1,b2", "--", "-c"});
  REQUIRE(settings);
  CHECK(settings->sides == Sides{{"a"}, {"b1", "b2"}, {"-c"}});
  CHECK(settings->report.json);
  CHECK(error_of(parsed(parse_compare, "compare", {"a"})) == "a comparison takes two runs");
  CHECK(error_of(parsed(parse_compare, "compare", {"a", "b,"})) == "an empty name is no file");
  CHECK(error_of(parsed(parse_compare, "compare", {"a", "b", "--fail"})) == "unknown option '--fail'");
}

TEST_CASE("report: one file or all shards") {
  const auto settings = parsed(parse_report, "report", {"0.json", "--report", "x.html", "1.json", "-"});
  REQUIRE(settings);
  CHECK(settings->files == std::vector<std::string>{"0.json", "1.json", "-"});
  CHECK(settings->report.html == "x.html");
  CHECK(error_of(parsed(parse_report, "report", {})) == "no run to report");
}

TEST_CASE("sink: where it listens") {
  const auto settings = parsed(parse_sink, "sink", {});
  REQUIRE(settings);
  CHECK(settings->address == "127.0.0.1");
  CHECK(settings->port == 1883);
  CHECK(parsed(parse_sink, "sink", {"-p", "0", "-A", "::"})->address == "::");
  CHECK(error_of(parsed(parse_sink, "sink", {"x"})) == "unexpected argument 'x'");
  CHECK(error_of(parsed(parse_sink, "sink", {"-A", "localhost"})).contains("no numeric address"));
}

TEST_CASE("calibrate: a scenario and its options") {
  const auto settings = parsed(parse_calibrate, "calibrate", {"fanin", "--publishers", "3"});
  REQUIRE(settings);
  CHECK(settings->scenario.name == "fanin");
  CHECK(settings->scenario.populations[1].clients == 3);
  CHECK(error_of(parsed(parse_calibrate, "calibrate", {})) == "no scenario to calibrate with");
  CHECK(hint_of(parsed(parse_calibrate, "calibrate", {"fannin"})) == "did you mean fanin?");
  CHECK(parsed(parse_calibrate, "calibrate", {"--help"})->connection.answer);
}

TEST_CASE("help of every command is there and no letter is there twice") {
  for (const LoadCommand& command : load_commands()) {
    CAPTURE(command.name);
    CHECK(test::load(command.name, {"--help"})->connection.answer);
    LoadSettings settings;
    General general;
    const OptionRows rows = load_options(command, settings, general);
    for (const OptionRow& row : rows) {
      CAPTURE(row.name);
      CHECK(find_option(rows, row.name) == &row);
      if (row.letter != '\0') CHECK(find_option(rows, row.letter) == &row);
    }
  }
}

}  // namespace
}  // namespace mq
