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

// One histogram goes into the file itself, several into files beside it: "run.hgrm" and "run-e2e.hgrm".
std::string path_for(const std::string& path, const std::string& name, bool only) {
  if (only || path == "-") return path;
  const std::size_t dot = path.rfind('.');
  const bool has_dot = dot != std::string::npos && dot > path.rfind('/') + 1;
  const std::size_t at = has_dot ? dot : path.size();
  return path.substr(0, at) + "-" + name + path.substr(at);
}

// What can't be written does not keep the others from being written: the first error is told in the end.
class Files {
 public:
  // What goes to "-" is added to `out`, for standard output.
  explicit Files(Buffer& out) : out_(out) {}

  void put(const std::string& path, Bytes text) {
    constexpr mode_t readable = 0644;
    if (path == "-") {
      out_ += text;
    } else if (auto done = write_file_atomically(path, text, readable); !done && written_) {
      written_ = std::move(done);
    }
  }
  Result<void> written() { return std::move(written_); }

 private:
  Buffer& out_;
  Result<void> written_;
};

void put_percentiles(const LoadOutcome& outcome, const std::string& path, Files& files) {
  const auto histograms = histograms_of(outcome);
  for (const NamedHistogram& each : histograms) {
    Buffer text;
    append_percentile_text(*each.histogram, text);
    files.put(path_for(path, each.name, histograms.size() == 1), text);
  }
}

void put_files(const LoadOutcome& outcome, const std::optional<LoadOutcome>& baseline,
               const std::vector<Verdict>& verdicts, const ReportSettings& settings, Files& files) {
  Buffer text;
  if (!settings.json_file.empty()) {
    append_outcome(outcome, text);
    files.put(settings.json_file, text);
    text.clear();
  }
  if (!settings.csv.empty()) {
    append_csv(outcome, text);
    files.put(settings.csv, text);
    text.clear();
  }
  if (!settings.html.empty()) {
    append_page({.outcome = outcome,
                 .earlier = baseline ? &*baseline : nullptr,
                 .earlier_name = settings.baseline,
                 .verdicts = &verdicts},
                text);
    files.put(settings.html, text);
  }
  if (!settings.percentiles.empty()) put_percentiles(outcome, settings.percentiles, files);
  const Error* failure = outcome.failure ? &*outcome.failure : nullptr;
  if (!settings.junit.empty()) files.put(settings.junit, junit_xml(junit_of(verdicts, outcome, failure)));
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
  // Standard output may wait for its reader: the files don't.
  Files files(text);
  put_files(outcome, baseline, verdicts, settings, files);
  auto written = write_out(text);
  if (auto all = files.written(); !all) written = std::move(all);
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
  Buffer text;
  Files files(text);
  files.put(settings.junit, junit_xml(suite));
  auto written = files.written();
  if (written) written = write_out(text);
  if (!written) log.report(written.error());
}

}  // namespace mq
