// Carries out a scenario on this machine: looks its servers up, shares its clients out among threads, or
// among worker processes where one may not have enough descriptors, and runs it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/settings.hpp"
#include "engine/run.hpp"
#include "sink/sink.hpp"

namespace mq {

// What a run is started with beside its settings.
struct Launch {
  std::vector<Target> targets;           // empty: those of the settings
  Sink* sink = nullptr;                  // they are this one, which listens: it begins when all are forked
  bool signals = true;                   // SIGINT and SIGTERM end the run in order, a second time at once
  std::optional<std::string> metrics{};  // where OpenMetrics are asked for
  std::optional<double> ceiling{};  // what the generator can do here at best, a second, if that was measured
};

// `signal` gets the number of the signal that ended it, if one did. With `options.signals` SIGINT and SIGTERM
// are ignored afterwards, until the report has been put out.
Result<LoadOutcome> launch(const BenchSettings& settings, Launch options, RunOwner& owner, int& signal);

}  // namespace mq
