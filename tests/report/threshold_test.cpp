#include "report/threshold.hpp"

#include <doctest/doctest.h>

#include "report/outcomes.hpp"
#include "shared/exit_code.hpp"

using namespace mq;

namespace {

Threshold threshold(std::string_view text) {
  auto parsed = parse_threshold(text);
  REQUIRE_MESSAGE(parsed, parsed.error().text);
  return *parsed;
}

Error error_of(std::string_view text) {
  const auto parsed = parse_threshold(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().kind == ErrorKind::usage);
  return parsed.error();
}

Verdict verdict_of(std::string_view text, const LoadOutcome& outcome = testing::outcome()) {
  return judge({threshold(text)}, outcome).front();
}

}  // namespace

TEST_CASE("conditions are read with their units") {
  CHECK(threshold("e2e.p99 > 50ms").limit == 50'000);
  CHECK(threshold("e2e.p99>50us").limit == 50);
  CHECK(threshold("  e2e.p99  >  50 \u00b5s ").limit == 50);
  CHECK(threshold("ack.uncorrected.p99.9 >= 2s").limit == 2e6);
  CHECK(threshold("ack.uncorrected.p99.9 >= 2s").compare == Threshold::Compare::at_least);
  CHECK(threshold("connect.max > 1min").limit == 60e6);
  CHECK(threshold("connect.max > 0").limit == 0);
  CHECK(threshold("rate < 100k").limit == 100'000);
  CHECK(threshold("rate < 1.5M/s").limit == 1.5e6);
  CHECK(threshold("received.rate<10k").limit == 10'000);
  CHECK(threshold("bytes_sent.rate < 10 MB/s").limit == 10e6);
  CHECK(threshold("lost > 0").limit == 0);
  CHECK(threshold("lost != 0").compare == Threshold::Compare::unequal);
  CHECK(threshold("lost == 0").compare == Threshold::Compare::equal);
  CHECK(threshold("cpu >= 90%").limit == 90);
}

TEST_CASE("a condition that is wrong is told with its mend") {
  CHECK(error_of("lost").text == "the condition 'lost' does not compare anything");
  CHECK(error_of("lost = 0").text == "the condition 'lost = 0' does not compare anything");
  CHECK(error_of("losst > 0").text ==
        "the condition 'losst > 0' can't be judged: there is no figure 'losst'");
  CHECK(error_of("losst > 0").hint == "did you mean lost?");
  CHECK(error_of("e2e.p99 > 50").text == "the condition 'e2e.p99 > 50' lacks a unit");
  CHECK(error_of("e2e.p99 > 50").hint == "a time has a unit: us, ms, s or min");
  CHECK(error_of("e2e.p99 > 50k").text ==
        "the condition 'e2e.p99 > 50k' has 'k', which is no unit of e2e.p99");
  CHECK(error_of("rate < 100ms").hint == "this figure is a number a second; it may have k, M or G");
  CHECK(error_of("lost > 1/s").hint == "this figure is a number; it may have k, M or G");
  CHECK(error_of("lost > x").text == "the condition 'lost > x' compares with 'x', which is no number");
  CHECK(error_of("lost > 1.2.3").text.ends_with("no number"));
  for (const std::string_view text : {"", ">", "> 5", "lost >", "lost > -1", "lost > 1 2", "lost > nan",
                                      "lost >> 1", "lost > 1, rate < 5", "e2e > 5ms"})
    CHECK_FALSE(parse_threshold(text));
}

TEST_CASE("a run is failed when a condition holds") {
  CHECK(verdict_of("lost > 0").broken);
  CHECK(verdict_of("lost > 0").sentence == "lost is 3");
  CHECK_FALSE(verdict_of("lost > 3").broken);
  CHECK(verdict_of("lost >= 3").broken);
  CHECK_FALSE(verdict_of("lost < 3").broken);
  CHECK(verdict_of("lost <= 3").broken);
  CHECK(verdict_of("lost == 3").broken);
  CHECK_FALSE(verdict_of("lost != 3").broken);
  CHECK(verdict_of("rate < 100k").sentence == "rate is 901/s");
  CHECK(verdict_of("e2e.max > 100ms").broken);
  CHECK_FALSE(verdict_of("e2e.uncorrected.max > 100ms").broken);
}

TEST_CASE("what was not measured fails too") {
  const Verdict unmeasured = verdict_of("tls.p99 > 1s");
  CHECK(unmeasured.broken);
  CHECK(unmeasured.sentence == "tls.p99 was not measured");
  LoadOutcome outcome = testing::outcome();
  outcome.accounted = false;
  CHECK(verdict_of("lost > 100", outcome).sentence ==
        "lost is not known: not every delivery is accounted for");
  CHECK(verdict_of("lost > 100", outcome).broken);
}

TEST_CASE("the result is told in lines, in a sentence with its exit code, and as JUnit") {
  const LoadOutcome outcome = testing::outcome();
  const auto verdicts =
      judge({threshold("lost > 0"), threshold("rate < 100"), threshold("tls.max > 1s")}, outcome);
  Buffer lines;
  Ink ink(lines, {});
  append_verdicts(verdicts, ink);
  CHECK(lines ==
        "failed      fail if lost > 0: lost is 3\n"
        "passed      fail if rate < 100: rate is 901/s\n"
        "failed      fail if tls.max > 1s: tls.max was not measured\n");
  const auto result = result_of(verdicts);
  REQUIRE_FALSE(result);
  CHECK(result.error().text == "2 of 3 thresholds are broken: lost is 3 (fail if 'lost > 0')");
  CHECK(exit_code(result.error().kind) == exit_threshold);
  CHECK(result_of({verdicts[0]}).error().text == "lost is 3 (fail if 'lost > 0')");
  CHECK(result_of({verdicts[1]}));
  CHECK(result_of({}));

  const JunitSuite suite = junit_of(verdicts, outcome, nullptr);
  CHECK(suite.name == "mqtt-bench pubsub");
  REQUIRE(suite.cases.size() == 3);
  CHECK(suite.cases[0].outcome == JunitCase::Outcome::failed);
  CHECK(suite.cases[0].message == "lost is 3");
  CHECK(suite.cases[1].outcome == JunitCase::Outcome::passed);
  CHECK(suite.cases[2].outcome == JunitCase::Outcome::broken);
  CHECK(junit_of({}, outcome, nullptr).cases.at(0).outcome == JunitCase::Outcome::passed);
  const Error refused{ErrorKind::refused, "no entry"};
  CHECK(junit_of({}, outcome, &refused).cases.at(0).outcome == JunitCase::Outcome::broken);
  CHECK(junit_xml(suite).contains("name=\"lost &#62; 0\""));
}
