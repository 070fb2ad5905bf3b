#include "report/tally_json.hpp"

#include <fmt/core.h>

#include <string>

#include "base/text.hpp"
#include "payload/json.hpp"

namespace mq {
namespace {

constexpr std::size_t most_buckets = 30'000;  // a histogram has fewer

constexpr std::string_view qos_names[] = {"qos0", "qos1", "qos2"};

Value histogram_value(const Histogram& histogram, Detail detail) {
  Value value = Value::object();
  value.add("count", Value::number(histogram.count()));
  value.add("clipped", Value::number(histogram.clipped()));
  value.add("min_us", Value::number(histogram.min()));
  if (detail == Detail::everything) {
    value.add("mean_us", Value::number(histogram.mean()));
    value.add("deviation_us", Value::number(histogram.standard_deviation()));
    for (const PercentileRow& row : percentile_rows)
      value.add(row.field, Value::number(histogram.percentile(row.percent)));
  }
  value.add("max_us", Value::number(histogram.max()));
  Value& buckets = value.add("buckets", Value::array());
  for (const auto& [highest, times] : histogram.buckets()) {
    Value& bucket = buckets.add(Value::array());
    bucket.items.reserve(2);
    bucket.add(Value::number(highest));
    bucket.add(Value::number(times));
  }
  return value;
}

void take_histogram(Members members, Histogram& histogram) {
  std::uint64_t count = 0;
  std::uint64_t clipped = 0;
  std::uint64_t min = 0;
  std::uint64_t max = 0;
  members.get("count", count);
  members.get("clipped", clipped);
  members.get("min_us", min);
  members.get("max_us", max);
  const std::vector<Value>* items = members.array("buckets", most_buckets);
  if (items == nullptr) return;
  std::vector<Histogram::Bucket> buckets;
  buckets.reserve(items->size());
  for (const Value& item : *items) {
    const bool pair = item.kind == Value::Kind::array && item.items.size() == 2;
    const auto highest =
        pair ? parse_number<std::uint64_t>(item.items[0].text) : std::optional<std::uint64_t>();
    const auto times =
        pair ? parse_number<std::uint64_t>(item.items[1].text) : std::optional<std::uint64_t>();
    if (!highest || !times) return members.refuse("buckets", "has an element that is no pair of numbers");
    buckets.push_back({*highest, *times});
  }
  auto restored = Histogram::restored(buckets, min, max, clipped);
  if (!restored || restored->count() != count)
    return members.refuse("buckets", "does not fit its count, its least or its greatest value");
  histogram = std::move(*restored);
}

template <std::size_t Size>
Value counts_value(std::span<const TallyRow> rows, const std::array<std::uint64_t, Size>& counts, bool all) {
  Value value = Value::object();
  for (std::size_t i = 0; i < Size; ++i)
    if (all || counts[i] > 0) value.add(rows[i].name, Value::number(counts[i]));
  return value;
}

// What is missing is 0: a later version may count more, an earlier one less.
template <std::size_t Size>
void take_counts(Members members, std::span<const TallyRow> rows, std::array<std::uint64_t, Size>& counts) {
  for (std::size_t i = 0; i < Size; ++i)
    if (members.has(rows[i].name)) members.get(rows[i].name, counts[i]);
}

Value percentiles_value(const Percentiles& percentiles) {
  Value value = Value::object();
  value.add("count", Value::number(percentiles.count));
  for (const auto& [name, field] : interval_percentiles) value.add(name, Value::number(percentiles.*field));
  return value;
}

void take_percentiles(Members members, Percentiles& percentiles) {
  members.get("count", percentiles.count);
  for (const auto& [name, field] : interval_percentiles) members.get(name, percentiles.*field);
}

}  // namespace

void add_tally(const Tally& tally, Detail detail, Value& object) {
  Value& latencies = object.add("latencies", Value::object());
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    const Timing& timing = tally.latencies[i];
    if (timing.due.count() == 0 && timing.done.count() == 0) continue;
    Value& kind = latencies.add(latency_rows()[i].name, Value::object());
    kind.add(corrected_name, histogram_value(timing.due, detail));
    if (timing.done.count() > 0) kind.add(uncorrected_name, histogram_value(timing.done, detail));
  }
  object.add("counts", counts_value(count_rows(), tally.counts, true));
  Value& messages = object.add("messages", Value::object());
  for (std::size_t qos = 0; qos < tally.messages.size(); ++qos)
    messages.add(qos_names[qos], counts_value(message_count_rows(), tally.messages[qos], true));
}

void take_tally(Members& members, Tally& tally) {
  Members latencies = members.object("latencies");
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    if (!latencies.has(latency_rows()[i].name)) continue;
    Members kind = latencies.object(latency_rows()[i].name);
    take_histogram(kind.object(corrected_name), tally.latencies[i].due);
    if (kind.has(uncorrected_name)) take_histogram(kind.object(uncorrected_name), tally.latencies[i].done);
  }
  take_counts(members.object("counts"), count_rows(), tally.counts);
  Members messages = members.object("messages");
  for (std::size_t qos = 0; qos < tally.messages.size(); ++qos)
    take_counts(messages.object(qos_names[qos]), message_count_rows(), tally.messages[qos]);
}

// There may be very many of them: what is 0 is left out.
Value interval_value(const Interval& interval) {
  Value value = Value::object();
  value.add("at_s", real_value(interval.at));
  value.add("length_s", real_value(interval.seconds));
  value.add("measured", Value::boolean(interval.measured));
  value.add("open", Value::number(interval.open));
  value.add("counts", counts_value(count_rows(), interval.counts, false));
  value.add("messages", counts_value(message_count_rows(), interval.messages, false));
  Value& latencies = value.add("latencies", Value::object());
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    if (interval.due[i].count == 0 && interval.done[i].count == 0) continue;
    Value& kind = latencies.add(latency_rows()[i].name, Value::object());
    kind.add(corrected_name, percentiles_value(interval.due[i]));
    if (interval.done[i].count > 0) kind.add(uncorrected_name, percentiles_value(interval.done[i]));
  }
  return value;
}

void take_interval(Members& members, Interval& interval) {
  members.get("at_s", interval.at);
  members.get("length_s", interval.seconds);
  if (members.has("measured")) members.get("measured", interval.measured);
  constexpr double longest = 1e9;  // seconds
  if (interval.at < 0 || interval.at > longest) members.refuse("at_s", "is outside of 0 to 1e9");
  if (interval.seconds < 0 || interval.seconds > longest)
    members.refuse("length_s", "is outside of 0 to 1e9");
  members.get("open", interval.open);
  take_counts(members.object("counts"), count_rows(), interval.counts);
  take_counts(members.object("messages"), message_count_rows(), interval.messages);
  Members latencies = members.object("latencies");
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    if (!latencies.has(latency_rows()[i].name)) continue;
    Members kind = latencies.object(latency_rows()[i].name);
    take_percentiles(kind.object(corrected_name), interval.due[i]);
    if (kind.has(uncorrected_name)) take_percentiles(kind.object(uncorrected_name), interval.done[i]);
  }
}

}  // namespace mq
