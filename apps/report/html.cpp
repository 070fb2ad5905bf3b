#include "report/html.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "report/amounts.hpp"
#include "report/outcome_json.hpp"
#include "report/page_charts.hpp"
#include "report/page_style.hpp"
#include "report/page_tables.hpp"
#include "report/rates.hpp"
#include "report/sentences.hpp"

namespace mq {
namespace {

class Tiles {
 public:
  Tiles(const Page& page, const std::optional<Comparison>& comparison, Buffer& out)
      : page_(page), comparison_(comparison), out_(out) {}

  // A figure that is known; `fault` marks it.
  void put(const std::string& name, std::string_view label, bool fault = false) {
    const auto metric = parse_metric(name);
    const auto value = metric ? metric->value(page_.outcome) : std::nullopt;
    if (!value) return;
    out_ += fmt::format("<div{}><dt>{}</dt><dd>{}<small>{}</small></dd></div>\n",
                        fault ? " class=\"fault\"" : "", html_text(label),
                        html_text(in_page(value_text(*value, metric->unit()))), html_text(beside(*metric)));
  }

 private:
  std::string beside(const Metric& metric) const {
    if (!comparison_) return {};
    const auto found = std::ranges::find(comparison_->differences, metric.name(),
                                         [](const Difference& one) { return one.metric.name(); });
    if (found == comparison_->differences.end() || !found->before) return {};
    std::string text = change_text(*found);
    if (found->verdict != Difference::Verdict::unknown)
      text += fmt::format(", {}", verdict_text(found->verdict));
    return text;
  }

  const Page& page_;
  const std::optional<Comparison>& comparison_;
  Buffer& out_;
};

void put_tiles(const Page& page, const std::optional<Comparison>& comparison, Buffer& out) {
  const Tally& tally = page.outcome.tally;
  Tiles tiles(page, comparison, out);
  out += "<dl class=\"tiles\">\n";
  const RateRow& main = main_rate(tally);
  tiles.put(fmt::format("{}.rate", main.name), main.title);
  if (main.name != "received" && tally.all(MessageCount::received) > 0)
    tiles.put("received.rate", "received");
  if (const auto kind = main_latency(tally)) {
    const TallyRow& row = latency_rows()[static_cast<std::size_t>(*kind)];
    for (const std::string_view value : {"p50", "p99", "p99.9", "max"})
      tiles.put(fmt::format("{}.{}", row.name, value), fmt::format("{} {}", row.title, value));
  }
  if (tally.all(MessageCount::expected) > 0)
    tiles.put("lost", "lost", page.outcome.accounted && tally.all(MessageCount::lost) > 0);
  if (page.outcome.violation_count > 0) tiles.put("violations", "broken promises", true);
  if (!page.outcome.errors.empty()) tiles.put("errors", "errors", true);
  tiles.put("lag.p99", "schedule lag p99");
  out += "</dl>\n";
}

void put_head(const LoadOutcome& outcome, Buffer& out) {
  const std::string name = html_text(shown(outcome.scenario, 80));
  const std::string title = html_text(shown(outcome.title, 200));
  out += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  // It fetches nothing, and can't.
  out +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
      "script-src 'unsafe-inline'\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n";
  out += fmt::format("<title>{}{}{} - mqtt-bench</title>\n<style>", name, title.empty() ? "" : ": ", title);
  out += page_style;
  out += "</style>\n</head>\n<body>\n<main>\n<header>\n";
  out += fmt::format("<h1>{}{}</h1>\n", title.empty() ? name : title,
                     title.empty() ? "" : fmt::format(" <small>{}</small>", name));
  const std::string servers = servers_text(outcome);
  out += fmt::format("<p>{}{}</p>\n<p>{}</p>\n</header>\n", html_text(clients_text(outcome)),
                     servers.empty() ? "" : " on " + html_text(servers), html_text(measured_text(outcome)));
  if (const std::string failure = failure_text(outcome); !failure.empty())
    out += fmt::format("<p class=\"limit\">failed: {}</p>\n", html_text(in_page(failure)));
  if (const std::string limit = limit_text(outcome); !limit.empty())
    out += fmt::format("<p class=\"limit\">{}</p>\n", html_text(in_page(limit)));
}

}  // namespace

void append_page(const Page& page, Buffer& out) {
  std::optional<Comparison> comparison;
  if (page.earlier != nullptr)
    comparison = compare({page.earlier_name, {*page.earlier}}, {"this run", {page.outcome}});
  put_head(page.outcome, out);
  put_tiles(page, comparison, out);
  if (page.verdicts != nullptr) put_verdicts(*page.verdicts, out);
  out += "<section class=\"charts\">\n";
  for (const Chart& chart : charts_of(page.outcome, page.earlier)) append_chart(chart, out);
  out += "</section>\n";
  put_latencies(page.outcome, out);
  put_messages(page.outcome, out);
  if (comparison) put_comparison(*comparison, out);
  put_findings(page.outcome, out);
  put_health(page.outcome, out);
  out += fmt::format("<footer>mqtt-bench {}, run {:08x}, {}</footer>\n</main>\n<script>",
                     html_text(page.outcome.version), page.outcome.run, utc_text(page.outcome.started));
  out += page_script;
  out += "</script>\n</body>\n</html>\n";
}

}  // namespace mq
