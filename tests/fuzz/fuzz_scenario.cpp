// Arbitrary bytes as a scenario file of mqtt-bench. What is wrong is an error with the file's name; what is
// right is a scenario that holds together: its parts point at each other, its numbers can be reckoned with,
// and a small one can be carried out as far as that takes no file and no connection.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include "bench/bench_options.hpp"
#include "bench/check.hpp"
#include "bench/rows.hpp"
#include "bench/scenario_file.hpp"
#include "fuzz/target.hpp"
#include "load/arrivals.hpp"

namespace {

using namespace mq;

void check_rate(const Rate& rate) {
  require(std::isfinite(rate.per_second) && rate.per_second >= 0);
  require(rate.pace == Pace::flood || rate.per_second > 0);
  require(rate.burst > 0);
}

bool reads_file(const Population& population) {
  const auto of = [](const PublishPlan& plan) {
    return plan.payload.kind != PayloadPlan::Kind::pattern && !plan.payload.path.empty();
  };
  return !population.data.path.empty() || (population.publish && of(*population.publish)) ||
         (population.request && of(population.request->publish));
}

// Formats and schemas are modules and files.
bool plain(const Population& population) {
  const auto of = [](const PublishPlan& plan) { return plan.payload.kind == PayloadPlan::Kind::pattern; };
  return (!population.publish || of(*population.publish)) &&
         (!population.request || of(population.request->publish));
}

void check(const Scenario& scenario) {
  require(!scenario.populations.empty());
  std::uint64_t clients = 0;
  bool small = true;
  for (const Population& population : scenario.populations) {
    require(population.first_client == clients && population.clients > 0);
    clients += population.clients;
    require(clients <= UINT32_MAX);
    for (const auto& after : population.after) require(after.population < scenario.populations.size());
    require(!population.resumes || *population.resumes < scenario.populations.size());
    check_rate(population.connect);
    if (population.churn) check_rate(population.churn->rate);
    if (population.publish) check_rate(population.publish->rate);
    if (population.request) check_rate(population.request->publish.rate);
    small = small && !reads_file(population) && plain(population) && population.clients <= 200;
  }
  for (const Stage& stage : scenario.stages)
    require(stage.length > Duration::zero() && std::isfinite(stage.from) && std::isfinite(stage.to));
  require(!scenario.duration || *scenario.duration >= Duration::zero());
  if (!small) return;
  if (const auto good = check_scenario(scenario, {}); !good) require(!good.error().text.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string file = "file.toml";
  const auto root = parse_toml({reinterpret_cast<const char*>(data), size}, file);
  if (!root) {
    require(root.error().text.starts_with("file.toml:"));  // and the line
    return 0;
  }
  LoadSettings settings;
  General general;
  const OptionRows rows = run_options(settings, general);
  store_defaults(rows, settings);
  const auto built = build_run(settings, [&] { return take_scenario(*root, file, settings); });
  if (built) {
    check(settings.bench.scenario);
  } else {
    require(built.error().kind == ErrorKind::usage && !built.error().text.empty());
  }
  return 0;
}
