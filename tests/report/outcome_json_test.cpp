#include "report/outcome_json.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "peers/temp_dir.hpp"
#include "report/outcomes.hpp"
#include "report/tally_json.hpp"

using namespace mq;
using testing::equal;

namespace {

std::string json_of(const LoadOutcome& outcome) {
  Buffer out;
  append_outcome(outcome, out);
  return out;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  REQUIRE(at != text.npos);
  return text.replace(at, what.size(), with);
}

std::string error_of(const std::string& json) {
  const auto outcome = parse_outcome(json);
  return outcome ? "" : outcome.error().text;
}

// With everything in it that an outcome may have.
LoadOutcome full_outcome() {
  LoadOutcome full = testing::outcome();
  full.shards = {{0, 3}, {2, 3}};
  full.processes = 4;
  full.interrupted = true;
  full.accounted = false;
  full.failure = Error{.kind = ErrorKind::lost, .text = "all \"2\" connections were lost"};
  full.warm_up = 0.1;
  full.replay_seconds = 0.2;
  full.violations.push_back({Breach::Kind::corrupted, 2, ~std::uint64_t{0}, 0, ~std::uint64_t{0}, 3});
  full.clocks = {{2, -12.75, 40.5}};
  full.errors["\"quoted\"\n\x1b[31m"] = ~std::uint64_t{0};
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    testing::fill(full.tally.latencies[i].due, 5, 100, 1e9, 2);
    full.series[0].due[i] = {1, 2, 3, 4, 5, 6};
    full.series[0].done[i] = {7, 8, 9, 10, 11, 12};
  }
  for (std::size_t i = 0; i < count_kinds; ++i) full.tally.counts[i] = ~std::uint64_t{0} - i;
  return full;
}

}  // namespace

TEST_CASE("what is written comes back as it was") {
  for (const LoadOutcome& outcome : {testing::outcome(), full_outcome(), LoadOutcome{}}) {
    const std::string json = json_of(outcome);
    const auto back = parse_outcome(json);
    REQUIRE_MESSAGE(back, back.error().text);
    CHECK(equal(*back, outcome));
    CHECK(json_of(*back) == json);
  }
}

TEST_CASE("a run that failed is not complete, and of one whose process was lost that is known as well") {
  LoadOutcome outcome = testing::outcome();
  CHECK(json_of(outcome).contains("\"complete\": true,\n  \"failure\": null"));
  outcome.failure = Error{.kind = ErrorKind::refused, .text = "nobody came"};
  const std::string json = json_of(outcome);
  CHECK(json.contains("\"complete\": false"));
  CHECK(parse_outcome(json)->complete);
  CHECK(error_of(replaced(json, "\"refused\",", "\"denied_\",")).contains("kind"));
  outcome.complete = false;
  outcome.failure->kind = ErrorKind::io;
  CHECK_FALSE(parse_outcome(json_of(outcome))->complete);
}

TEST_CASE("a report keeps to the published schema") {
  for (const LoadOutcome& outcome : {testing::outcome(), full_outcome(), LoadOutcome{}})
    CHECK(testing::against_schema(json_of(outcome), "bench-report.schema.json").empty());
  const std::string json = json_of(testing::outcome());
  CHECK(testing::against_schema(replaced(json, "\"run\"", "\"ran\""), "bench-report.schema.json") != "");
  CHECK(testing::against_schema(replaced(json, "\"server\"", "\"moon\""), "bench-report.schema.json") != "");
  CHECK(testing::against_schema(replaced(json, "\"min_us\":", "\"min_us\":-"), "bench-report.schema.json") !=
        "");
}

TEST_CASE("readers find percentiles and rates under names with units") {
  LoadOutcome outcome;
  outcome.seconds = 2;
  outcome.tally.at(1, MessageCount::sent) = 5;
  for (std::uint64_t value = 1; value <= 1000; ++value)
    outcome.tally[Latency::end_to_end].record(value, 1 + value / 2);
  const std::string json = json_of(outcome);
  CHECK(json.contains(R"("sent_per_s":2.5,)"));
  CHECK(json.contains(R"({"e2e":{"corrected":{"count":1000,"clipped":0,"min_us":1,"mean_us":500.5,)"));
  CHECK(json.contains(R"("p50_us":500,"p75_us":750,"p90_us":900,"p95_us":950,"p99_us":990,"p99_9_us":999,)"
                      R"("p99_99_us":1000,"p99_999_us":1000,"max_us":1000,"buckets":[[1,1],[2,1],)"));
  CHECK(json.contains(R"("started": "1970-01-01T00:00:00Z")"));
}

TEST_CASE("bytes that are no text don't break a report") {
  LoadOutcome outcome = testing::outcome();
  outcome.title =
      "a\xff\xfe"
      "b\xe2\x82";
  outcome.errors = {{"\x80", 1}};
  const auto back = parse_outcome(json_of(outcome));
  REQUIRE(back);
  CHECK(back->title ==
        "a\xEF\xBF\xBD\xEF\xBF\xBD"
        "b\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("what is no report, or a broken one, is told in one sentence") {
  const std::string json = json_of(testing::outcome());
  CHECK(error_of("") == "this is not JSON: line 1, column 1: it ends too early");
  CHECK(error_of("[]") == "this is no report of mqtt-bench");
  CHECK(error_of(R"({"format":"k6"})") == "this is no report of mqtt-bench");
  CHECK(error_of(R"({"format":7})") == "this is no report of mqtt-bench");
  CHECK(error_of(replaced(json, "\"format_version\": 1", "\"format_version\": 2")) ==
        "this report has format 2, and this version knows formats up to 1");
  const auto broken = [&json](std::string_view what, std::string_view with) {
    return error_of(replaced(json, what, with));
  };
  CHECK(broken("\"run\"", "\"ran\"") == "the report is broken: '/run' is missing");
  CHECK(broken("\"run\": 4", "\"run\": -4") == "the report is broken: '/run' is no whole number of 32 bits");
  CHECK(broken("\"measured_s\": 10.0", "\"measured_s\": 1e999") ==
        "the report is broken: '/measured_s' is no number");
  CHECK(broken("\"bound\":\"server\"", "\"bound\":\"moon\"") ==
        "the report is broken: '/limit/bound' is 'moon', which is not known");
  CHECK(
      broken("\"buckets\":[[", "\"buckets\":[[1,1],[") ==
      "the report is broken: '/latencies/connect/corrected/buckets' does not fit its count, its least or its "
      "greatest value");
  CHECK(broken("\"buckets\":[[", "\"buckets\":[[1],[") ==
        "the report is broken: '/latencies/connect/corrected/buckets' has an element that is no pair of "
        "numbers");
  CHECK(broken("\"index\":0", "\"index\":1") ==
        "the report is broken: '/shards/0/index' is not below its count");
  CHECK(broken("\"at_s\":", "\"at_s\":1e300,\"x\":") ==
        "the report is broken: '/series/0/at_s' is outside of 0 to 1e9");
}

TEST_CASE("a report that is cut or changed anywhere is read or refused, never more") {
  const std::string json = json_of(testing::outcome());
  for (std::size_t length = 0; length + 2 < json.size(); length += 97)
    CHECK_FALSE(parse_outcome(json.substr(0, length)));
  std::mt19937 random(1);
  for (int i = 0; i < 100; ++i) {
    std::string changed = json;
    for (int change = 0; change < 3; ++change)
      changed[random() % changed.size()] = "0123456789[]{},:\"-e."[random() % 21];
    static_cast<void>(parse_outcome(changed));
  }
}

TEST_CASE("errors of files begin with the file's name") {
  const TempDir folder;
  const std::string path = folder.write("a.json", "{}");
  CHECK(read_outcome(path).error().text == "'" + path + "': this is no report of mqtt-bench");
  CHECK(read_outcome(folder.file("none.json")).error().kind == ErrorKind::usage);
  CHECK(equal(*read_outcome(folder.write("b.json", json_of(full_outcome()))), full_outcome()));
}
