#include "report/csv.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "report/tally_json.hpp"

namespace mq {
namespace {

struct Column {
  std::string name;
  std::function<void(const Interval&, Buffer&)> put;
};
using Columns = std::vector<Column>;

void put_number(std::uint64_t number, Buffer& out) { fmt::format_to(std::back_inserter(out), "{}", number); }

template <class Pick>
void add_counts(const std::vector<Interval>& series, std::span<const TallyRow> rows, Pick pick,
                Columns& columns) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto seen = [i, pick](const Interval& interval) { return pick(interval)[i] > 0; };
    if (std::ranges::any_of(series, seen))
      columns.push_back({std::string(rows[i].name), [i, pick](const Interval& interval, Buffer& out) {
                           put_number(pick(interval)[i], out);
                         }});
  }
}

// A cell is empty where nothing was measured.
template <class Pick>
void add_latency(const std::vector<Interval>& series, const std::string& name, Pick pick, Columns& columns) {
  if (std::ranges::none_of(series, [pick](const Interval& interval) { return pick(interval).count > 0; }))
    return;
  columns.push_back({name + "_count", [pick](const Interval& interval, Buffer& out) {
                       put_number(pick(interval).count, out);
                     }});
  for (const auto& [field, value] : interval_percentiles)
    columns.push_back(
        {fmt::format("{}_{}", name, field), [pick, value](const Interval& interval, Buffer& out) {
           const Percentiles& percentiles = pick(interval);
           if (percentiles.count > 0) put_number(percentiles.*value, out);
         }});
}

Columns columns_of(const LoadOutcome& outcome) {
  const std::vector<Interval>& series = outcome.series;
  const auto real = [](double number, int decimals, Buffer& out) {
    fmt::format_to(std::back_inserter(out), "{:.{}f}", number, decimals);
  };
  Columns columns{
      {"unix_s", [real, start = static_cast<double>(outcome.started) / 1e6](
                     const Interval& interval, Buffer& out) { real(start + interval.at, 3, out); }},
      {"at_s", [real](const Interval& interval, Buffer& out) { real(interval.at, 3, out); }},
      {"length_s", [real](const Interval& interval, Buffer& out) { real(interval.seconds, 3, out); }},
      {"open", [](const Interval& interval, Buffer& out) { put_number(interval.open, out); }}};
  add_counts(
      series, count_rows(), [](const Interval& interval) { return std::span(interval.counts); }, columns);
  add_counts(
      series, message_count_rows(), [](const Interval& interval) { return std::span(interval.messages); },
      columns);
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    const std::string name(latency_rows()[i].name);
    add_latency(
        series, name, [i](const Interval& interval) -> const Percentiles& { return interval.due[i]; },
        columns);
    add_latency(
        series, fmt::format("{}_{}", name, uncorrected_name),
        [i](const Interval& interval) -> const Percentiles& { return interval.done[i]; }, columns);
  }
  return columns;
}

}  // namespace

void append_csv(const LoadOutcome& outcome, Buffer& out) {
  const Columns columns = columns_of(outcome);
  for (const Column& column : columns)
    out.append(column.name).append(&column == &columns.back() ? "\n" : ",");
  for (const Interval& interval : outcome.series) {
    for (const Column& column : columns) {
      column.put(interval, out);
      out += &column == &columns.back() ? '\n' : ',';
    }
  }
}

}  // namespace mq
