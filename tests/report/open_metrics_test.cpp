#include "report/open_metrics.hpp"

#include <doctest/doctest.h>

#include "peers/process.hpp"
#include "report/outcomes.hpp"

using namespace mq;

namespace {

std::string text_of(const LoadOutcome& outcome, std::uint64_t open = 20) {
  Buffer out;
  append_open_metrics(outcome, open, out);
  return out;
}

// As Prometheus' own strict reader for Python has it: name, labels and value of each sample.
std::string as_prometheus_reads(const std::string& text) {
  const mq::Outcome outcome = run({.command = {"/usr/bin/python3", "-c", R"py(
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
for family in parse(sys.stdin.buffer.read().decode()):
    for sample in family.samples:
        print(family.type, sample.name, sorted(sample.labels.items()), float(sample.value))
)py"},
                                   .input = Input::bytes,
                                   .input_bytes = text});
  CHECK(outcome.err == "");
  return outcome.out;
}

}  // namespace

TEST_CASE("the text is what OpenMetrics readers take") {
  const LoadOutcome outcome = testing::outcome();
  const std::string text = text_of(outcome);
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK(text.contains("\nmqttkit_bench_messages_sent_total{qos=\"1\"} 4503\n"));
  const std::string read = as_prometheus_reads(text);
  for (const std::string_view line :
       {"counter mqttkit_bench_messages_sent_total [('qos', '0')] 4507.0\n",
        "gauge mqttkit_bench_messages_lost [('qos', '1')] 2.0\n",
        "gauge mqttkit_bench_connections_open [] 20.0\n",
        "counter mqttkit_bench_bytes_sent_total [] 720800.0\n",
        "counter mqttkit_bench_violations_total [] 1.0\n",
        "counter mqttkit_bench_errors_total [('error', 'connection refused')] 2.0\n",
        "counter mqttkit_bench_thread_cpu_seconds_total [('thread', 'load-1')] 5.6\n",
        "info mqttkit_bench_info [('run', '1a2b3c4d'), ('scenario', 'pubsub'), ('title', 'nightly'), "
        "('version', "
        "'0.1.0')] 1.0\n",
        "histogram mqttkit_bench_latency_seconds_bucket [('kind', 'e2e'), ('le', '+Inf'), ('value', "
        "'corrected')] "
        "9010.0\n",
        "summary mqttkit_bench_latency_quantile_seconds_count [('kind', 'e2e'), ('value', 'uncorrected')] "
        "9010.0\n"})
    CHECK_MESSAGE(read.contains(line), std::string(line));
  CHECK_FALSE(read.contains("'tls'"));
}

TEST_CASE("buckets count what is not above their boundary, and the sum is in seconds") {
  LoadOutcome outcome;
  for (const std::uint64_t value : {5U, 10U, 11U, 1000U, 1001U, 200'000'000U})
    outcome.tally[Latency::connect].due.record(value);
  const std::string text = text_of(outcome);
  const auto bucket = [&text](std::string_view le, int count) {
    return text.contains("latency_seconds_bucket{kind=\"connect\",value=\"corrected\",le=\"" +
                         std::string(le) + "\"} " + std::to_string(count) + "\n");
  };
  CHECK(bucket("1e-05", 2));
  CHECK(bucket("2e-05", 3));
  CHECK(bucket("0.001", 4));
  CHECK(bucket("0.002", 5));
  CHECK(bucket("100.0", 5));
  CHECK(bucket("+Inf", 6));
  CHECK(text.contains("quantile=\"1.0\"} 200\n"));
  CHECK(as_prometheus_reads(text) != "");
}

TEST_CASE("labels hold any text, and a run that has just begun has a text too") {
  LoadOutcome outcome = testing::outcome();
  outcome.title = "a \"b\"\n\\c\xff\x1b";
  outcome.errors = {{"x\r\ny", 1}};
  CHECK(as_prometheus_reads(text_of(outcome)) != "");
  CHECK(text_of(outcome).contains("title=\"a \\\"b\\\"\\n\\\\c\xEF\xBF\xBD\x1b\""));
  CHECK(as_prometheus_reads(text_of({})) != "");
}
