#include "report/open_metrics.hpp"

#include <fmt/core.h>

#include <string>

#include "report/tally_json.hpp"

namespace mq {
namespace {

// Seconds, as text and in microseconds: 1, 2 and 5 times the powers of ten from 10 us to 100 s.
struct Boundary {
  std::string_view text;
  std::uint64_t microseconds;
};
constexpr Boundary boundaries[] = {
    {"1e-05", 10},        {"2e-05", 20},          {"5e-05", 50},        {"0.0001", 100},
    {"0.0002", 200},      {"0.0005", 500},        {"0.001", 1'000},     {"0.002", 2'000},
    {"0.005", 5'000},     {"0.01", 10'000},       {"0.02", 20'000},     {"0.05", 50'000},
    {"0.1", 100'000},     {"0.2", 200'000},       {"0.5", 500'000},     {"1.0", 1'000'000},
    {"2.0", 2'000'000},   {"5.0", 5'000'000},     {"10.0", 10'000'000}, {"20.0", 20'000'000},
    {"50.0", 50'000'000}, {"100.0", 100'000'000},
};

double sum_of(const Histogram& histogram) {
  return histogram.mean() * static_cast<double>(histogram.count()) / 1e6;
}

// Calls `put` with the labels and the histogram of each latency that has values.
template <class Put>
void each_latency(const Tally& tally, Put put) {
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    for (const bool corrected : {true, false}) {
      const Histogram& histogram = corrected ? tally.latencies[i].due : tally.latencies[i].done;
      if (histogram.count() > 0)
        put(fmt::format("kind=\"{}\",value=\"{}\"", latency_rows()[i].name,
                        corrected ? corrected_name : uncorrected_name),
            histogram);
    }
  }
}

void put_histograms(const Tally& tally, Exposition& to) {
  to.begin("latency_seconds", "histogram",
           "Latencies; corrected ones count from when something was due by the schedule", "seconds");
  each_latency(tally, [&to](const std::string& labels, const Histogram& histogram) {
    const auto buckets = histogram.buckets();
    auto next = buckets.begin();
    std::uint64_t seen = 0;
    for (const Boundary& boundary : boundaries) {
      for (; next != buckets.end() && next->highest <= boundary.microseconds; ++next) seen += next->times;
      to.sample("_bucket", fmt::format("{},le=\"{}\"", labels, boundary.text), seen);
    }
    to.sample("_bucket", labels + ",le=\"+Inf\"", histogram.count());
    to.sample("_count", labels, histogram.count());
    to.sample("_sum", labels, sum_of(histogram));
  });
  to.begin("latency_quantile_seconds", "summary",
           "The same latencies by quantiles, exact within a thousandth", "seconds");
  each_latency(tally, [&to](const std::string& labels, const Histogram& histogram) {
    for (const auto& [percent, quantile] : {std::pair(50.0, "0.5"),
                                            {90.0, "0.9"},
                                            {99.0, "0.99"},
                                            {99.9, "0.999"},
                                            {99.99, "0.9999"},
                                            {99.999, "0.99999"},
                                            {100.0, "1.0"}})
      to.sample("", fmt::format("{},quantile=\"{}\"", labels, quantile),
                static_cast<double>(histogram.percentile(percent)) / 1e6);
    to.sample("_count", labels, histogram.count());
    to.sample("_sum", labels, sum_of(histogram));
  });
}

void put_messages(const Tally& tally, Exposition& to) {
  for (std::size_t i = 0; i < message_count_kinds; ++i) {
    const auto kind = static_cast<MessageCount>(i);
    // What may become less again is no counter: messages that are still on their way.
    const bool settles = kind == MessageCount::lost || kind == MessageCount::unacknowledged;
    const TallyRow& row = message_count_rows()[i];
    to.begin(fmt::format("messages_{}", row.name), settles ? "gauge" : "counter", row.meaning);
    for (int qos = 0; qos < 3; ++qos)
      to.sample(settles ? "" : "_total", fmt::format("qos=\"{}\"", qos), tally.at(qos, kind));
  }
}

void put_health(const LoadOutcome& outcome, Exposition& to) {
  to.begin("violations", "counter", "Deliveries that broke what their QoS promises");
  to.sample("_total", {}, outcome.violation_count);
  if (!outcome.errors.empty()) {
    constexpr std::size_t most_kinds = 100;
    std::size_t kinds = 0;
    to.begin("errors", "counter", "What went wrong");
    for (const auto& [text, count] : outcome.errors)
      if (++kinds <= most_kinds) to.sample("_total", fmt::format("error=\"{}\"", label_text(text)), count);
  }
  if (!outcome.threads.empty()) {
    to.begin("thread_cpu_seconds", "counter", "CPU time of the generator's threads", "seconds");
    for (const ThreadHealth& thread : outcome.threads)
      to.sample("_total", fmt::format("thread=\"{}\"", label_text(thread.name)), thread.cpu_seconds);
  }
}

}  // namespace

void append_open_metrics(const LoadOutcome& outcome, std::uint64_t open, Buffer& out) {
  Exposition to("mqttkit_bench", out);
  to.begin({}, "info", "The run");
  to.sample(
      "_info",
      fmt::format("version=\"{}\",scenario=\"{}\",title=\"{}\",run=\"{:08x}\"", label_text(outcome.version),
                  label_text(outcome.scenario), label_text(outcome.title), outcome.run),
      std::uint64_t{1});
  to.begin("measured_seconds", "gauge", "How long was measured so far", "seconds");
  to.sample({}, {}, outcome.seconds);
  to.begin("connections_open", "gauge", "Connections at this moment");
  to.sample({}, {}, open);
  for (std::size_t i = 0; i < count_kinds; ++i) {
    to.begin(count_rows()[i].name, "counter", count_rows()[i].meaning);
    to.sample("_total", {}, outcome.tally.counts[i]);
  }
  put_messages(outcome.tally, to);
  put_histograms(outcome.tally, to);
  put_health(outcome, to);
  to.end();
}

}  // namespace mq
