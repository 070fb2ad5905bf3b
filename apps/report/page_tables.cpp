#include "report/page_tables.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "report/amounts.hpp"
#include "report/chart.hpp"
#include "report/sentences.hpp"

namespace mq {
namespace {

using Cells = std::vector<std::string>;

class Table {
 public:
  Table(std::string_view heading, const Cells& columns, Buffer& out) : out_(out) {
    out_ += fmt::format("<h2>{}</h2>\n<div class=\"wide\"><table>\n", html_text(heading));
    if (columns.empty()) return;
    out_ += "<thead><tr>";
    for (const std::string& column : columns)
      out_ += fmt::format("<th scope=\"col\">{}</th>", html_text(column));
    out_ += "</tr></thead>\n";
  }
  ~Table() { out_ += "</table></div>\n"; }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  void put(const Cells& cells, std::string_view row_class = {}, std::string_view last_class = {}) {
    out_ += row_class.empty() ? "<tr>" : fmt::format("<tr class=\"{}\">", row_class);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool last = i + 1 == cells.size() && !last_class.empty();
      const std::string text = html_text(in_page(cells[i]));
      if (i == 0)
        out_ += fmt::format("<th scope=\"row\">{}</th>", text);
      else
        out_ += fmt::format("<td{}>{}</td>", last ? fmt::format(" class=\"{}\"", last_class) : "", text);
    }
    out_ += "</tr>\n";
  }

 private:
  Buffer& out_;
};

Cells histogram_cells(std::string name, const Histogram& histogram) {
  Cells cells{std::move(name), grouped(histogram.count()), time_text(histogram.mean())};
  for (const double percent : shown_percents) cells.push_back(percentile_text(histogram, percent));
  cells.push_back(time_text(static_cast<double>(histogram.max())));
  return cells;
}

}  // namespace

std::string in_page(std::string text) {
  for (std::size_t at = 0; (at = text.find(" us", at)) != text.npos; at += 4)
    if (at + 3 == text.size() || text[at + 3] == ' ' || text[at + 3] == ',') text.replace(at, 3, " \u00b5s");
  return text;
}

void put_verdicts(const std::vector<Verdict>& verdicts, Buffer& out) {
  if (verdicts.empty()) return;
  Table table("Thresholds", {"fail if", "it was", ""}, out);
  for (const Verdict& verdict : verdicts)
    table.put({shown(verdict.condition), verdict.sentence, verdict.broken ? "failed" : "passed"}, {},
              verdict.broken ? "worse" : "better");
}

void put_latencies(const LoadOutcome& outcome, Buffer& out) {
  const auto measured = [](const Timing& timing) { return timing.due.count() > 0; };
  if (std::ranges::none_of(outcome.tally.latencies, measured)) return;
  Cells columns{"", "values", "mean"};
  for (const double percent : shown_percents) columns.push_back(fmt::format("p{:g}", percent));
  columns.emplace_back("max");
  Table table("Latencies", columns, out);
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    const Timing& timing = outcome.tally.latencies[i];
    if (!measured(timing)) continue;
    const std::string title(latency_rows()[i].title);
    table.put(histogram_cells(differs(timing) ? title + ", as scheduled" : title, timing.due));
    if (differs(timing)) table.put(histogram_cells("as sent", timing.done), "second");
  }
}

void put_messages(const LoadOutcome& outcome, Buffer& out) {
  const MessageTable shape = message_table(outcome.tally);
  if (shape.rows.empty()) return;
  Cells columns{""};
  for (const MessageCount kind : shape.columns)
    columns.emplace_back(message_count_rows()[static_cast<std::size_t>(kind)].title);
  {
    Table table("Messages", columns, out);
    for (const int qos : shape.rows) {
      Cells cells{fmt::format("QoS {}", qos)};
      for (const MessageCount kind : shape.columns) cells.push_back(message_text(outcome.tally, qos, kind));
      table.put(cells);
    }
  }
  if (const std::string faults = faults_text(outcome); !faults.empty())
    out += fmt::format("<p class=\"faint\">{}</p>\n", html_text(faults));
}

void put_comparison(const Comparison& comparison, Buffer& out) {
  if (comparison.differences.empty()) return;
  {
    Table table("Compared with " + shown(comparison.before, 120),
                {"", "earlier", "this run", "change", "noise", ""}, out);
    for (const Difference& one : comparison.differences) {
      const auto text = [&one](const std::optional<double>& value) {
        return value ? value_text(*value, one.metric.unit()) : std::string("-");
      };
      const std::string noise = noise_text(one);
      const std::string_view verdict = verdict_text(one.verdict);
      table.put({one.metric.title(), text(one.before), text(one.after), change_text(one),
                 noise.empty() ? "" : "\u00b1 " + noise, std::string(verdict)},
                {}, one.verdict == Difference::Verdict::noise ? "faint" : verdict);
    }
  }
  for (const std::string& note : comparison.notes)
    out += fmt::format("<p class=\"faint\">{}</p>\n", html_text(note));
}

void put_findings(const LoadOutcome& outcome, Buffer& out) {
  if (outcome.violation_count > 0) {
    Table table("Broken promises", {}, out);
    for (const Breach& breach : outcome.violations) {
      const std::string text = sentence(breach);
      table.put({text.substr(0, text.find(':')), text.substr(text.find(':') + 2)}, {}, "text");
    }
    if (const std::uint64_t more = unnamed(outcome, outcome.violations.size()); more > 0)
      table.put({"", fmt::format("and {} more", grouped(more))}, {}, "text");
  }
  if (!outcome.errors.empty()) {
    constexpr std::size_t most_listed = 50;
    const std::vector<ErrorCount> rows = errors_by_count(outcome);
    Table table("Errors", {}, out);
    for (std::size_t i = 0; i < std::min(rows.size(), most_listed); ++i)
      table.put({grouped(rows[i].count), shown(rows[i].text, 300)}, {}, "text");
    if (rows.size() > most_listed)
      table.put({"", fmt::format("and {} more kinds", rows.size() - most_listed)}, {}, "text");
  }
  if (std::ranges::none_of(outcome.tally.counts, [](std::uint64_t count) { return count > 0; })) return;
  Table table("Counts", {}, out);
  for (std::size_t i = 0; i < count_kinds; ++i)
    if (outcome.tally.counts[i] > 0)
      table.put({std::string(count_rows()[i].title), grouped(outcome.tally.counts[i])});
}

void put_health(const LoadOutcome& outcome, Buffer& out) {
  const std::pair<std::string_view, std::string> rows[] = {{"schedule lag", lag_text(outcome)},
                                                           {"CPU", cpu_text(outcome)},
                                                           {"clocks", clocks_text(outcome)},
                                                           {"ceiling", ceiling_text(outcome)}};
  if (outcome.notes.empty() && std::ranges::all_of(rows, [](const auto& row) { return row.second.empty(); }))
    return;
  Table table("The generator itself", {}, out);
  for (const auto& [label, text] : rows)
    if (!text.empty()) table.put({std::string(label), text}, {}, "text");
  for (const std::string& note : outcome.notes) table.put({"note", shown(note, 600)}, {}, "text");
}

}  // namespace mq
