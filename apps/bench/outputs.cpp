#include "bench/outputs.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/system_error.hpp"
#include "report/csv.hpp"
#include "report/html.hpp"
#include "report/outcome_json.hpp"
#include "report/percentile_text.hpp"
#include "report/text.hpp"
#include "shared/exit_code.hpp"
#include "shared/file.hpp"
#include "shared/inspector.hpp"

namespace mq {
namespace {

// "-" is standard output.
Result<void> write_to(const std::string& path, Bytes text) {
  constexpr mode_t readable = 0644;
  return path == "-" ? write_out(text) : write_file_atomically(path, text, readable);
}

// One histogram goes into the file itself, several into files beside it: "run.hgrm" and "run-e2e.hgrm".
std::string path_for(const std::string& path, const std::string& name, bool only) {
  if (only || path == "-") return path;
  const std::size_t dot = path.rfind('.');
  const bool has_dot = dot != std::string::npos && dot > path.rfind('/') + 1;
  const std::size_t at = has_dot ? dot : path.size();
  return path.substr(0, at) + "-" + name + path.substr(at);
}

Result<void> write_percentiles(const LoadOutcome& outcome, const std::string& path) {
  const auto histograms = histograms_of(outcome);
  for (const NamedHistogram& each : histograms) {
    Buffer text;
    append_percentile_text(*each.histogram, text);
    if (auto written = write_to(path_for(path, each.name, histograms.size() == 1), text); !written)
      return written;
  }
  return {};
}

Result<void> write_files(const LoadOutcome& outcome, const std::optional<LoadOutcome>& baseline,
                         const std::vector<Verdict>& verdicts, const ReportSettings& settings) {
  Buffer text;
  if (!settings.json_file.empty()) {
    append_outcome(outcome, text);
    if (auto written = write_to(settings.json_file, text); !written) return written;
    text.clear();
  }
  if (!settings.csv.empty()) {
    append_csv(outcome, text);
    if (auto written = write_to(settings.csv, text); !written) return written;
    text.clear();
  }
  if (!settings.html.empty()) {
    append_page({.outcome = outcome,
                 .earlier = baseline ? &*baseline : nullptr,
                 .earlier_name = settings.baseline,
                 .verdicts = &verdicts},
                text);
    if (auto written = write_to(settings.html, text); !written) return written;
  }
  if (!settings.percentiles.empty())
    if (auto written = write_percentiles(outcome, settings.percentiles); !written) return written;
  if (!settings.junit.empty())
    return write_to(settings.junit, junit_xml(junit_of(verdicts, outcome, nullptr)));
  return {};
}

}  // namespace

Result<void> write_out(Bytes text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    // Nobody reads any more: that is no failure of the run.
    if (count < 0 && errno == EPIPE) return {};
    if (count < 0) return fail(ErrorKind::io, "cannot write to standard output: " + system_error(errno));
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::vector<Threshold>> thresholds_of(const ReportSettings& settings) {
  std::vector<Threshold> thresholds;
  for (const std::string& text : settings.fail_if) {
    auto threshold = parse_threshold(text);
    if (!threshold) return std::unexpected(std::move(threshold.error()));
    thresholds.push_back(std::move(*threshold));
  }
  return thresholds;
}

Result<std::optional<LoadOutcome>> baseline_of(const ReportSettings& settings) {
  if (settings.baseline.empty()) return std::optional<LoadOutcome>();
  auto outcome = read_outcome(settings.baseline);
  if (!outcome) return std::unexpected(std::move(outcome.error()));
  return std::move(*outcome);
}

int put_out(const LoadOutcome& outcome, const std::optional<LoadOutcome>& baseline,
            const std::vector<Threshold>& thresholds, const ReportSettings& settings, const Log& log) {
  const std::vector<Verdict> verdicts = judge(thresholds, outcome);
  Buffer text;
  if (settings.json) {
    append_outcome(outcome, text);
  } else {
    const Screen screen = screen_of(STDOUT_FILENO, settings.colour);
    Ink ink(text, {.colour = screen.colour, .lines = true});
    append_report(outcome, ink);
    append_verdicts(verdicts, ink);
  }
  auto written = write_out(text);
  if (auto files = write_files(outcome, baseline, verdicts, settings); !files) written = std::move(files);
  int code = exit_done;
  if (auto kept = result_of(verdicts); !kept) code = log.report(kept.error());
  // A broken threshold is what a script asks for: it goes before a file that could not be written.
  if (!written) {
    const int failed = log.report(written.error());
    if (code == exit_done) code = failed;
  }
  return code;
}

void put_out_failure(const Error& failure, const std::vector<Threshold>& thresholds,
                     const ReportSettings& settings, const Log& log) {
  if (settings.junit.empty()) return;
  const LoadOutcome nothing;
  const auto suite = junit_of(judge(thresholds, nothing), nothing, &failure);
  if (auto written = write_to(settings.junit, junit_xml(suite)); !written) log.report(written.error());
}

}  // namespace mq
