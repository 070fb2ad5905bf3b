#include "report/html.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <limits>

#include "peers/process.hpp"
#include "peers/temp_dir.hpp"
#include "report/axis.hpp"
#include "report/chart.hpp"
#include "report/outcomes.hpp"

using namespace mq;

namespace {

std::string page_of(const LoadOutcome& outcome, const LoadOutcome* earlier = nullptr) {
  const auto verdicts = judge({*parse_threshold("e2e.p99 > 50ms"), *parse_threshold("lost > 0")}, outcome);
  Buffer out;
  append_page({outcome, earlier, "earlier.json", &verdicts}, out);
  return out;
}

// What Python says is wrong: elements that are not closed, drawings that are no XML, points that are no JSON.
std::string faults_of(const std::string& page) {
  const mq::Outcome outcome = run({.command = {"python3", "-c", R"py(
import html.parser, json, re, sys, xml.etree.ElementTree as tree
page = sys.stdin.buffer.read().decode()
open_ = []
class Parser(html.parser.HTMLParser):
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta",): open_.append(tag)
    def handle_startendtag(self, tag, attributes):
        pass
    def handle_endtag(self, tag):
        if not open_ or open_.pop() != tag: print("not balanced:", tag, self.getpos())
Parser().feed(page)
if open_: print("not closed:", open_)
drawings = re.findall(r"<svg.*?</svg>", page, re.S)
for drawing in drawings:
    for element in tree.fromstring(drawing).iter():
        for name, value in element.attrib.items():
            if "nan" in value or "inf" in value: print("no number:", name, value)
for points in re.findall(r'<script type="application/json">(.*?)</script>', page, re.S):
    for line in json.loads(points)["lines"]:
        if not len(line["at"]) == len(line["x"]) == len(line["y"]): print("points differ in number:", line["name"])
if len(drawings) != page.count("<figure"): print("a figure without a drawing")
)py"},
                                   .input = Input::bytes,
                                   .input_bytes = page});
  return outcome.out + outcome.err;
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += what.size()) ++count;
  return count;
}

}  // namespace

TEST_CASE("a page is well formed, complete and fetches nothing") {
  const LoadOutcome outcome = testing::outcome(1);
  const LoadOutcome earlier = testing::outcome(2);
  for (const LoadOutcome* before : {static_cast<const LoadOutcome*>(nullptr), &earlier}) {
    const std::string page = page_of(outcome, before);
    CHECK(faults_of(page) == "");
    CHECK(count_of(page, "<figure") == 6);
    for (const std::string_view fetching : {"http:", "https:", "src=", "href=", "url(", "@import", "fetch("})
      CHECK_FALSE(page.contains(fetching));
    for (const std::string_view shown :
         {"<h1>nightly", "901/s", "broker-limited: ", "mqtt://127.0.0.1:1883", "<td>4,503</td>", "lost is 3",
          "messages 123 to 124 of stream 7 never reached client 17", "connection refused", "load-1 56 %",
          "prefers-color-scheme:dark", "@media print", "as scheduled", "as sent"})
      CHECK_MESSAGE(page.contains(shown), std::string(shown));
    CHECK(page.contains("earlier.json") == (before != nullptr));
    CHECK(page.contains("p99 earlier") == (before != nullptr));
  }
}

TEST_CASE("no text of others becomes part of the page") {
  LoadOutcome outcome = testing::outcome();
  const std::string evil = "</script><script>alert(1)</script><img src=x>&\"'\x1b\xff]]>";
  outcome.title = outcome.scenario = outcome.version = outcome.limit.why = evil;
  outcome.servers = outcome.notes = {evil};
  outcome.errors = {{evil, 1}};
  outcome.threads[0].name = outcome.populations[0].name = evil;
  const auto verdicts = judge({*parse_threshold("lost > 0")}, outcome);
  Buffer page;
  append_page({outcome, &outcome, evil, &verdicts}, page);
  CHECK(faults_of(page) == "");
  CHECK_FALSE(page.contains("<img"));
  CHECK_FALSE(page.contains("<script>alert"));
  CHECK_FALSE(page.contains('\x1b'));
}

TEST_CASE("a run of which nothing or little is known has a page too") {
  LoadOutcome outcome;
  CHECK(faults_of(page_of(outcome)) == "");
  CHECK(count_of(page_of(outcome), "<figure") == 0);
  outcome.series.resize(1);
  outcome.tally[Latency::connect].record(7, 7);
  CHECK(faults_of(page_of(outcome, &outcome)) == "");
  outcome.series = {Interval{.at = 1e9, .seconds = 1e-300, .open = ~std::uint64_t{0}}, Interval{.at = 0}};
  outcome.series[0].messages.fill(~std::uint64_t{0});
  outcome.series[0].due.fill({1, 0, ~std::uint64_t{0}, 0, 0, 1});
  outcome.tally[Latency::connect].record(Histogram::most, 1);
  outcome.seconds = 1e-300;
  CHECK(faults_of(page_of(outcome, &outcome)) == "");
}

TEST_CASE("a long run's page stays small") {
  LoadOutcome outcome = testing::outcome();
  const auto series = outcome.series;
  for (int i = 1; i < 3600; ++i)
    for (Interval interval : series) {
      interval.at += 10 * i;
      outcome.series.push_back(interval);
    }
  const std::string page = page_of(outcome);
  CHECK(page.size() < 400'000);
  CHECK(page.contains(">8:00 h<"));
}

TEST_CASE("a chart tells its lines apart by dashes and names") {
  Chart chart{.title = "<t>"};
  chart.x.text = chart.y.text = [](double value) { return std::to_string(static_cast<int>(value)); };
  chart.lines.push_back({"one", 0, ChartLine::Dash::solid, false, {{0, 1}, {1, 2}}});
  chart.lines.push_back({"two",
                         1,
                         ChartLine::Dash::dots,
                         false,
                         {{0, 1}, {1, std::numeric_limits<double>::quiet_NaN()}, {2, 5}}});
  Buffer out;
  append_chart(chart, out);
  CHECK(out.contains("aria-label=\"&#60;t&#62;\""));
  CHECK(out.contains("class=\"line c0\""));
  CHECK(out.contains("class=\"line c1 dash2\""));
  CHECK(count_of(out, "class=\"name c") == 2);
  CHECK(out.contains(R"({"name":"two","at":[56.0,524.0],"x":["0","2"],"y":["1","5"]})"));
}

TEST_CASE("axes have round ticks") {
  using Ticks = std::vector<double>;
  using enum Axis::Fit;
  CHECK(Axis(0, 1010, false, rounded, 0, 1).ticks() == Ticks{0, 500, 1000, 1500});
  CHECK(Axis(0, 10, false, exact, 0, 1).ticks() == Ticks{0, 2, 4, 6, 8, 10});
  CHECK(Axis(3, 3, false, rounded, 0, 1).ticks().size() >= 2);
  CHECK(Axis(150, 1800, true, rounded, 0, 1).ticks() == Ticks{100, 200, 500, 1000, 2000});
  CHECK(Axis(150, 2e6, true, rounded, 0, 1).ticks() == Ticks{1e2, 1e3, 1e4, 1e5, 1e6, 1e7});
  const Axis axis(1, 100, true, rounded, 0, 200);
  CHECK(*axis.at(10) == doctest::Approx(100));
  CHECK_FALSE(axis.at(0));
  CHECK_FALSE(axis.at(std::numeric_limits<double>::infinity()));
  CHECK(*axis.at(1e9) == 200);
}

TEST_CASE("a browser loads the page without a complaint") {
  const char* browser = std::getenv("MQTTKIT_CHROMIUM");
  if (browser == nullptr) {
    MESSAGE("SKIPPED: MQTTKIT_CHROMIUM names no browser; scripts/nightly does where there is one");
    return;
  }
  const TempDir folder;
  const auto load = [&](const std::string& page) {
    const mq::Outcome outcome =
        run({.command = {browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
                         "--user-data-dir=" + folder.file("profile"), "--dump-dom",
                         "file://" + folder.write("page.html", page)}});
    CHECK(outcome.code == 0);
    CHECK(outcome.out.contains("</html>"));
    return outcome.err;
  };
  CHECK(load("<!DOCTYPE html><html><script>none.such()</script></html>").contains("CONSOLE"));
  const LoadOutcome outcome = testing::outcome(1);
  const LoadOutcome earlier = testing::outcome(2);
  const std::string before = "</body>";
  // The pointer passes over all charts.
  const std::string hover =
      R"(<script>for (const svg of document.querySelectorAll("figure.chart svg")) { const box = svg.getBoundingClientRect();
for (let x = 10; x < 80; x++) svg.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + box.width * x / 100, clientY: box.top }));
svg.dispatchEvent(new PointerEvent("pointermove", { clientX: box.left + box.width * 56 / 640, clientY: box.top }));
if (getComputedStyle(svg.parentNode.querySelector(".tip")).display !== "block") console.error("no tip"); }</script>)";
  std::string page = page_of(outcome, &earlier);
  page.insert(page.rfind(before), hover);
  CHECK_FALSE(load(page).contains("CONSOLE"));
}
