#include "report/metric.hpp"

#include <doctest/doctest.h>

#include <set>

#include "report/outcomes.hpp"

using namespace mq;

namespace {

std::optional<double> value_of(std::string_view name, const LoadOutcome& outcome) {
  const auto metric = parse_metric(name);
  REQUIRE_MESSAGE(metric, metric.error().text);
  return metric->value(outcome);
}

}  // namespace

TEST_CASE("every name is read back as what it says, has a title, and is there once") {
  std::set<std::string> seen;
  for (const std::string& name : metric_names()) {
    CAPTURE(name);
    const auto metric = parse_metric(name);
    REQUIRE(metric);
    CHECK(metric->name() == name);
    CHECK_FALSE(metric->title().empty());
    CHECK(seen.insert(name).second);
  }
  CHECK(seen.contains("ack.uncorrected.p99.9"));
  CHECK(parse_metric("e2e.p99.9999")->name() == "e2e.p99.9999");
  CHECK(parse_metric("e2e.uncorrected.p99")->title() == "end to end p99, as sent");
  CHECK(parse_metric("sent.qos1.rate")->title() == "sent at QoS 1 a second");
}

TEST_CASE("values are those of the outcome") {
  LoadOutcome outcome = testing::outcome();
  const Tally& tally = outcome.tally;
  CHECK(value_of("sent", outcome) == 9010);
  CHECK(value_of("sent.qos1", outcome) == 4503);
  CHECK(value_of("sent.qos2", outcome) == 0);
  CHECK(value_of("sent.rate", outcome) == 901);
  CHECK(value_of("rate", outcome) == 901);
  CHECK(value_of("sent.qos1.rate", outcome) == 450.3);
  CHECK(value_of("lost", outcome) == 3);
  CHECK(value_of("errors", outcome) == 3);
  CHECK(value_of("violations", outcome) == 1);
  CHECK(value_of("cpu", outcome) == doctest::Approx(56));
  CHECK(value_of("ceiling", outcome) == 123'456);
  CHECK(value_of("connected", outcome) == 20);
  CHECK(value_of("e2e.p99", outcome) == static_cast<double>(tally[Latency::end_to_end].due.percentile(99)));
  CHECK(value_of("e2e.uncorrected.max", outcome) ==
        static_cast<double>(tally[Latency::end_to_end].done.max()));
  CHECK(value_of("e2e.mean", outcome) == tally[Latency::end_to_end].due.mean());
  CHECK(value_of("tls.count", outcome) == 0);
  CHECK_FALSE(value_of("tls.p99", outcome));
  CHECK_FALSE(value_of("lag.uncorrected.p99", outcome));
  outcome.accounted = false;
  CHECK_FALSE(value_of("lost", outcome));
  CHECK_FALSE(value_of("rate", LoadOutcome{}));
  CHECK_FALSE(value_of("cpu", LoadOutcome{}));
}

TEST_CASE("an interval knows its rates and percentiles") {
  const Interval interval = testing::outcome().series[2];
  CHECK(parse_metric("sent.rate")->value(interval) == static_cast<double>(interval.messages[0]));
  CHECK(parse_metric("e2e.p99")->value(interval) == static_cast<double>(interval.due[4].p99));
  CHECK(parse_metric("e2e.uncorrected.max")->value(interval) == static_cast<double>(interval.done[4].max));
  CHECK_FALSE(parse_metric("e2e.p99.99")->value(interval));
  CHECK_FALSE(parse_metric("tls.p99")->value(interval));
  CHECK_FALSE(parse_metric("sent")->value(interval));
}

TEST_CASE("a name that is none is told with the nearest one") {
  CHECK(parse_metric("e2e.p9x").error().text == "'e2e.p9x' does not say which value of the latency is meant");
  CHECK(parse_metric("e2e").error().hint == "such as e2e.p99, e2e.uncorrected.p99.9, e2e.mean or e2e.max");
  CHECK(parse_metric("losst").error().text == "there is no figure 'losst'");
  CHECK(parse_metric("losst").error().hint == "did you mean lost?");
  CHECK(parse_metric("recieved.rate").error().hint == "did you mean received.rate?");
  CHECK(parse_metric("xyzzy").error().hint.starts_with("figures are such as"));
  for (const std::string_view name :
       {"", ".", "e2e.", "e2e.p", "e2e.p0", "e2e.p101", "e2e.p-1", "e2e.pnan", "e2e.p1e1", "sent.",
        "sent.qos3", "sent.qos1.", "sent.qos1.x", "rate.rate", "connects.qos1", "e2e.p99.uncorrected"})
    CHECK_FALSE(parse_metric(name));
}
