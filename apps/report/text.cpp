#include "report/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "report/amounts.hpp"
#include "report/sentences.hpp"
#include "report/tally_json.hpp"

namespace mq {
namespace {

constexpr std::size_t margin = 12;  // of what stands behind labels
constexpr std::size_t width = 80;
constexpr std::size_t most_listed = 5;

class Sheet {
 public:
  explicit Sheet(Ink& ink) : ink_(ink) {}

  // An empty line, should something follow.
  void blank() { blank_ = true; }

  // `text` behind the label, wrapped; nothing when it is empty.
  void put(std::string_view label, std::string_view text, Part part = Part::punctuation) {
    if (text.empty()) return;
    put_label(label, margin);
    while (text.size() > width - margin) {
      const std::size_t space = text.rfind(' ', width - margin);
      if (space == text.npos || space == 0) break;
      put_line(part, text.substr(0, space));
      text.remove_prefix(space + 1);
      ink_.out().append(margin, ' ');
    }
    put_line(part, text);
  }

  void put_label(std::string_view label, std::size_t columns) {
    if (blank_) ink_.out() += '\n';
    blank_ = false;
    ink_.put(Part::name, label);
    ink_.out().append(label.size() < columns ? columns - label.size() : 1, ' ');
  }

  void put_line(Part part, std::string_view text) {
    ink_.put(part, text);
    ink_.out() += '\n';
  }

  void put_cell(Part part, std::string_view text, std::size_t columns) {
    if (text.size() < columns) ink_.out().append(columns - text.size(), ' ');
    ink_.put(part, text);
  }

 private:
  Ink& ink_;
  bool blank_ = false;
};

constexpr std::size_t label_width = 15;
constexpr std::size_t cell_width = 9;

void put_histogram(Sheet& sheet, std::string_view label, const Histogram& histogram, Ink& ink) {
  sheet.put_label(label, label_width);
  for (const double percent : shown_percents)
    sheet.put_cell(Part::punctuation, percentile_text(histogram, percent), cell_width);
  sheet.put_cell(Part::punctuation, time_text(static_cast<double>(histogram.max())), cell_width);
  ink.out() += '\n';
}

void put_latencies(Sheet& sheet, const Tally& tally, Ink& ink) {
  bool any = false;
  bool explained = true;
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    const Timing& timing = tally.latencies[i];
    if (static_cast<Latency>(i) == Latency::lag || timing.due.count() == 0) continue;
    if (!any) {
      sheet.blank();
      sheet.put_label("latency", label_width);
      for (const double percent : shown_percents)
        sheet.put_cell(Part::note, fmt::format("p{:g}", percent), cell_width);
      sheet.put_cell(Part::note, "max", cell_width);
      ink.out() += '\n';
      any = true;
    }
    const std::string_view title = latency_rows()[i].title;
    if (!differs(timing)) {
      put_histogram(sheet, title, timing.due, ink);
      continue;
    }
    sheet.put_label(title, title.size());
    ink.out().back() = '\n';
    put_histogram(sheet, "  as scheduled", timing.due, ink);
    put_histogram(sheet, "  as sent", timing.done, ink);
    explained = false;
  }
  if (!explained)
    sheet.put_line(Part::note, "  as scheduled: from when it was due; as sent: from when it was really sent");
}

void put_messages(Sheet& sheet, const LoadOutcome& outcome, Ink& ink) {
  const MessageTable table = message_table(outcome.tally);
  if (table.rows.empty()) return;
  sheet.blank();
  std::vector<std::size_t> widths;
  sheet.put_label("messages", margin);
  for (const MessageCount kind : table.columns) {
    const std::string_view title = message_count_rows()[static_cast<std::size_t>(kind)].title;
    const bool first = widths.empty();
    std::size_t columns = title.size();
    for (const int qos : table.rows) columns = std::max(columns, grouped(outcome.tally.at(qos, kind)).size());
    widths.push_back(columns + (first ? 0 : 2));
    sheet.put_cell(Part::note, title, widths.back());
  }
  ink.out() += '\n';
  for (const int qos : table.rows) {
    sheet.put_label(fmt::format("  QoS {}", qos), margin);
    for (std::size_t i = 0; i < widths.size(); ++i) {
      const std::uint64_t count = outcome.tally.at(qos, table.columns[i]);
      const bool fault =
          count > 0 && (table.columns[i] >= MessageCount::lost || table.columns[i] == MessageCount::refused ||
                        table.columns[i] == MessageCount::unsent);
      sheet.put_cell(fault ? Part::word : Part::punctuation,
                     message_text(outcome.tally, qos, table.columns[i]), widths[i]);
    }
    ink.out() += '\n';
  }
  sheet.put("", faults_text(outcome));
}

void put_violations(Sheet& sheet, const LoadOutcome& outcome) {
  if (outcome.violation_count == 0) return;
  sheet.blank();
  sheet.put("broken", so_many(outcome.violation_count, "promise") + " of QoS", Part::word);
  const std::size_t listed = std::min(outcome.violations.size(), most_listed);
  for (std::size_t i = 0; i < listed; ++i) sheet.put("", sentence(outcome.violations[i]));
  if (const std::uint64_t more = unnamed(outcome, listed); more > 0)
    sheet.put("", fmt::format("and {} more", grouped(more)), Part::note);
}

void put_errors(Sheet& sheet, const LoadOutcome& outcome) {
  if (outcome.errors.empty()) return;
  const std::vector<ErrorCount> rows = errors_by_count(outcome);
  sheet.blank();
  const std::size_t listed = std::min(rows.size(), most_listed);
  for (std::size_t i = 0; i < listed; ++i)
    sheet.put(i == 0 ? "errors" : "", fmt::format("{} x {}", grouped(rows[i].count), shown(rows[i].text)));
  if (rows.size() > listed) sheet.put("", fmt::format("and {} more kinds", rows.size() - listed), Part::note);
}

}  // namespace

void append_report(const LoadOutcome& outcome, Ink& ink) {
  Sheet sheet(ink);
  const std::string servers = servers_text(outcome);
  sheet.put_line(Part::text, name_text(outcome));
  sheet.put("clients", clients_text(outcome) + (servers.empty() ? "" : " on " + servers));
  sheet.put("measured", measured_text(outcome));
  sheet.put("failed", failure_text(outcome));
  sheet.put("rates", rates_text(outcome));
  sheet.put("counts", events_text(outcome));
  put_latencies(sheet, outcome.tally, ink);
  put_messages(sheet, outcome, ink);
  put_violations(sheet, outcome);
  put_errors(sheet, outcome);
  sheet.blank();
  sheet.put("lag", lag_text(outcome));
  sheet.put("CPU", cpu_text(outcome));
  sheet.put("clocks", clocks_text(outcome));
  sheet.put("ceiling", ceiling_text(outcome));
  sheet.put("limit", limit_text(outcome));
  constexpr std::size_t most_notes = 4;
  for (std::size_t i = 0; i < outcome.notes.size() && i < most_notes; ++i)
    sheet.put("note", shown(outcome.notes[i], 400));
}

}  // namespace mq
