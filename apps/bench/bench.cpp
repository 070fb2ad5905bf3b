#include "bench/bench.hpp"

#include <utility>

#include "bench/calibrate.hpp"
#include "bench/launch.hpp"
#include "bench/outputs.hpp"
#include "bench/watching.hpp"
#include "shared/client_program.hpp"
#include "shared/exit_code.hpp"

namespace mq {
int run_bench(BenchSettings& settings) {
  const Log& log = settings.connection.log;
  auto thresholds = thresholds_of(settings.report);
  if (!thresholds) return log.report(thresholds.error());
  auto baseline = baseline_of(settings.report);
  if (!baseline) return log.report(baseline.error());
  Watching owner(settings);
  int signal = 0;
  std::optional<double> ceiling;
  if (settings.calibrate) {
    if (auto can = can_calibrate(settings.scenario); !can) return log.report(can.error());
    auto flooded = against_sink(settings, true, owner, signal);
    owner.end();
    if (!flooded) return log.report(flooded.error());
    if (signal != 0) return exit_code_of_signal(signal);
    ceiling = rate_of(*flooded);
  }
  auto outcome = launch(settings,
                        {.targets = {},
                         .sink = nullptr,
                         .signals = true,
                         .metrics = settings.report.metrics,
                         .ceiling = ceiling},
                        owner, signal);
  owner.end();
  if (!outcome) {
    put_out_failure(outcome.error(), *thresholds, settings.report, log);
    const int code = log.report(outcome.error());
    return signal != 0 ? exit_code_of_signal(signal) : code;
  }
  outcome->title = settings.report.title;
  outcome->version = toolkit_version();
  int code = put_out(*outcome, *baseline, *thresholds, settings.report, log);
  if (outcome->failure) {
    const int failed = log.report(*outcome->failure);
    if (code == exit_done) code = failed;
  }
  return code == exit_done && signal != 0 ? exit_code_of_signal(signal) : code;
}

}  // namespace mq
