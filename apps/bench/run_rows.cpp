// Threads, processes and machines that share a load, and what becomes of its results.
#include <fmt/core.h>

#include <utility>

#include "bench/quantities.hpp"
#include "bench/rows.hpp"
#include "report/metric.hpp"
#include "shared/store.hpp"
#include "shared/url.hpp"

namespace mq {
namespace {

constexpr ChoiceRow<OutputSettings::Colour> colour_choices[] = {{"auto", OutputSettings::Colour::automatic},
                                                                {"always", OutputSettings::Colour::always},
                                                                {"never", OutputSettings::Colour::never}};

Result<void> add_address(std::vector<std::string>& target, std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789abcdefABCDEF.:") != text.npos)
    return usage(fmt::format("{} is no numeric address", quoted(text)));
  target.emplace_back(text);
  return {};
}

Result<void> add_threshold(std::vector<std::string>& target, std::string_view text) {
  if (text.empty()) return usage("an empty text is no condition", "such as 'e2e.p99 > 50ms' or 'lost > 0'");
  target.emplace_back(text);
  return {};
}

Result<void> store_shard(Shard& target, std::string_view text) {
  auto shard = parse_shard(text);
  if (!shard) return std::unexpected(std::move(shard.error()));
  target = *shard;
  return {};
}

Result<void> store_moment(std::optional<LocalTime::Moment>& target, std::string_view text) {
  auto moment = parse_moment(text);
  if (!moment) return std::unexpected(std::move(moment.error()));
  target = *moment;
  return {};
}

Result<void> store_metrics(std::optional<std::string>& target, std::string_view text) {
  std::string host;
  std::uint16_t port = 0;
  bool port_given = false;
  const bool port_alone = text.starts_with(':');
  if (auto read = read_host_and_port(port_alone ? std::string("localhost").append(text) : std::string(text),
                                     host, port, port_given);
      !read)
    return read;
  if (!port_given) return usage(fmt::format("{} names no port", quoted(text)), "such as :9100");
  target = text;
  return {};
}

void file_row(OptionRows& rows, std::string& target, std::string_view name, std::string_view summary,
              std::string_view detail) {
  rows.push_back({.name = name,
                  .value = "FILE",
                  .group = OptionGroup::output,
                  .completion = Completion::file,
                  .summary = summary,
                  .detail = detail,
                  .set = store_path(target)});
}

}  // namespace

void run_rows(OptionRows& rows, LoadSettings& settings) {
  constexpr auto group = OptionGroup::load;
  Scenario& scenario = settings.bench.scenario;
  add(rows, settings,
      {.name = "threads",
       .value = "N",
       .group = group,
       .default_text = "1",
       .summary = "threads that share the clients",
       .detail = "How many threads share the clients, each with an event loop of its own. More than there "
                 "are cores to spare make latencies worse.",
       .set = store_number<unsigned>(scenario.threads, 1, 1024)});
  add(rows, settings,
      {.name = "processes",
       .value = "N",
       .group = group,
       .summary = "processes that share them; default: as needed",
       .detail = "How many processes share the clients, each with --threads threads. Without it there is "
                 "one, or as many as it takes where a process may not have enough descriptors.",
       .set = store_number<unsigned>(settings.bench.processes, 1, 1024)});
  add(rows, settings,
      {.letter = 'A',
       .name = "source-address",
       .aliases = "bind",
       .value = "ADDRESS",
       .group = group,
       .repeats = true,
       .summary = "local address to connect from, in turn",
       .detail = "Numeric address of this machine that connections are made from; of several, clients take "
                 "them in turn. Each has ports for some 28,000 connections to one port of a server.",
       .set = one_value(scenario.source_addresses, add_address)});
  add(rows, settings,
      {.name = "shard",
       .value = "I/N",
       .group = group,
       .summary = "this process's part of a load on N machines",
       .detail = "Carry out part I, from 0, of a load that N processes share: its clients, topics, "
                 "identifiers and rates. All of them need the same other options, and the same --run. "
                 "mqtt-bench report adds up what they have shown.",
       .set = one_value(scenario.shard, store_shard)});
  add(rows, settings,
      {.name = "start-at",
       .value = "TIME",
       .group = group,
       .summary = "when to begin, for several shards",
       .detail = "Connect at once, but publish, ask, come and go, or count what arrives from this moment on, "
                 "on the clock of this machine: RFC 3339 with a zone, such as 2030-01-31T12:00:00Z, or "
                 "seconds since 1970. Whoever is not ready by then begins as soon as it is.",
       .set = one_value(settings.bench.start_at, store_moment)});
  add(rows, settings,
      {.name = "run",
       .value = "NAME",
       .group = group,
       .summary = "name of the run, the same in all shards",
       .detail = "What the run is known by in stamps, topics and client identifiers: eight hexadecimal "
                 "digits, or any text, of which they are made. Without it, it follows from --title and "
                 "--start-at where there are shards, else from chance.",
       .set = store_text(settings.run_name)});
  add(rows, settings,
      {.name = "calibrate",
       .group = group,
       .summary = "first find out what this program can do here",
       .detail = "Before the run, let the scenario go as fast as it can against a server within this "
                 "program, for some seconds: how near the run comes to that tells whether it was this "
                 "program that set the limit.",
       .set = [&settings](OptionValues) -> Result<void> {
         settings.bench.calibrate = true;
         return {};
       }});
  add(rows, settings,
      {.name = "seed",
       .value = "N",
       .group = group,
       .default_text = "1",
       .summary = "seed of everything random",
       .detail = "Seed of all random values, sizes and times: the same in every run with the same seed, "
                 "however many threads, processes and shards there are.",
       .set = store_number<std::uint64_t>(scenario.seed)});
}

void live_rows(OptionRows& rows, ReportSettings& settings) {
  constexpr auto group = OptionGroup::output;
  rows.push_back({.name = "metrics",
                  .value = "ADDRESS",
                  .group = group,
                  .summary = "answer OpenMetrics there while running, e.g. :9100",
                  .detail = "Answer HTTP requests for /metrics at this HOST:PORT, or :PORT for all "
                            "addresses, with the figures so far in the OpenMetrics format.",
                  .set = one_value(settings.metrics, store_metrics)});
  rows.push_back({.name = "no-progress",
                  .group = group,
                  .summary = "show nothing while running",
                  .detail = "Show no live view and no lines of progress on standard error.",
                  .set = [&settings](OptionValues) -> Result<void> {
                    settings.progress = false;
                    return {};
                  }});
}

void report_rows(OptionRows& rows, ReportSettings& settings) {
  constexpr auto group = OptionGroup::output;
  rows.push_back({.name = "output",
                  .value = "FORMAT",
                  .group = group,
                  .default_text = "text",
                  .choices = "text json",
                  .summary = "the report as text, or as JSON",
                  .detail = "How the report is written to standard output: as text, or as one JSON object.",
                  .set = [&settings](OptionValues values) -> Result<void> {
                    if (!has_word("text json", values[0]))
                      return usage(fmt::format("{} is neither text nor json", quoted(values[0])));
                    settings.json = values[0] == "json";
                    return {};
                  }});
  rows.push_back(
      {.name = "color",
       .aliases = "colour",
       .value = "WHEN",
       .group = group,
       .default_text = "auto",
       .choices = "auto always never",
       .summary = "colour in the report",
       .detail = "Whether the report is coloured; \"auto\" is on a terminal, unless NO_COLOR is set.",
       .set = store_choice(settings.colour, colour_choices)});
  rows.push_back({.name = "title",
                  .value = "TEXT",
                  .group = group,
                  .summary = "what to call this run in reports",
                  .detail = "What to call this run in reports.",
                  .set = store_text(settings.title)});
  file_row(rows, settings.html, "report", "write a page with charts to FILE (HTML)",
           "Write a page with charts to this file: one HTML file that needs no network.");
  file_row(rows, settings.json_file, "json", "write the report to FILE as JSON",
           "Write the report to this file as JSON, whole: mqtt-bench report and mqtt-bench compare read it.");
  file_row(
      rows, settings.csv, "csv", "write the course of the run to FILE (CSV)",
      "Write the course of the run to this file (CSV): a line for every second, in runs of more than two "
      "hours for every 2, 4, 8 and so on.");
  file_row(
      rows, settings.percentiles, "hgrm", "write latencies for HdrHistogram's plotter",
      "Write the latencies to this file in HdrHistogram's percentile format, which its plotter reads. Where "
      "there are several they go into files beside it, named after them: run.hgrm becomes run-e2e.hgrm, "
      "run-ack.hgrm and so on.");
  file_row(rows, settings.junit, "junit", "write the outcome of --fail-if to FILE (JUnit)",
           "Write what became of every --fail-if to this file, as a JUnit report.");
  file_row(rows, settings.baseline, "baseline", "compare with an earlier run's JSON in FILE",
           "Show the differences to an earlier run, of which this file has the JSON.");
  // Rows view their texts.
  static const std::string conditions =
      "End with exit status 9 if this holds of the run, such as 'e2e.p99 > 50ms', 'lost > 0' or "
      "'received.rate < 10k'. "
      "It compares by < <= > >= == or !=. " +
      metrics_text();
  rows.push_back({.name = "fail-if",
                  .value = "CONDITION",
                  .group = group,
                  .repeats = true,
                  .summary = "fail if, e.g., 'e2e.p99 > 50ms' or 'lost > 0'",
                  .detail = conditions,
                  .set = one_value(settings.fail_if, add_threshold)});
}

}  // namespace mq
