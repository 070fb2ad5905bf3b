#include <unistd.h>

#include <utility>

#include "bench/bench.hpp"
#include "bench/outputs.hpp"
#include "report/compare.hpp"
#include "report/merge.hpp"
#include "report/outcome_json.hpp"
#include "shared/exit_code.hpp"
#include "shared/inspector.hpp"

// What is done with the reports of runs that have been: shown again, added up, compared.

namespace mq {
namespace {

Result<LoadOutcome> read_runs(const std::vector<std::string>& files) {
  std::vector<NamedOutcome> parts;
  for (const std::string& file : files) {
    auto outcome = read_outcome(file);
    if (!outcome) return std::unexpected(std::move(outcome.error()));
    parts.push_back({.name = file, .outcome = std::move(*outcome)});
  }
  if (parts.size() == 1) return std::move(parts.front().outcome);
  return merge_shards(parts);
}

std::string joined(const std::vector<std::string>& files) {
  std::string text;
  for (const std::string& file : files) {
    if (!text.empty()) text += ',';
    text += file;
  }
  return text;
}

}  // namespace

int run_report(MergeSettings& settings) {
  const Log& log = settings.connection.log;
  auto thresholds = thresholds_of(settings.report);
  if (!thresholds) return log.report(thresholds.error());
  auto baseline = baseline_of(settings.report);
  if (!baseline) return log.report(baseline.error());
  auto outcome = read_runs(settings.files);
  if (!outcome) return log.report(outcome.error());
  if (!settings.report.title.empty()) outcome->title = settings.report.title;
  return put_out(*outcome, *baseline, *thresholds, settings.report, log);
}

int run_compare(CompareSettings& settings) {
  const Log& log = settings.connection.log;
  std::vector<Side> sides;
  for (const auto& files : settings.sides) {
    auto side = read_side(joined(files));
    if (!side) return log.report(side.error());
    sides.push_back(std::move(*side));
  }
  Buffer text;
  for (std::size_t i = 1; i < sides.size(); ++i) {
    const Comparison comparison = compare(sides.front(), sides[i]);
    if (settings.report.json) {
      append_comparison_json(comparison, text);
      continue;
    }
    Ink ink(text, {.colour = screen_of(STDOUT_FILENO, settings.report.colour).colour, .lines = true});
    if (i > 1) text += '\n';
    append_comparison(comparison, ink);
  }
  if (auto written = write_out(text); !written) return log.report(written.error());
  return exit_done;
}

}  // namespace mq
