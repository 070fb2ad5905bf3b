#include "e2e/bench_run.hpp"

#include <utility>

namespace mq {

Launch bench(const std::string& command, std::uint16_t port, const Arguments& arguments) {
  Arguments all{"-h", "127.0.0.1", "-p", std::to_string(port)};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return bench(command, all);
}

Launch bench(const std::string& command, const Arguments& arguments) {
  Launch launch = pub(arguments);
  launch.command.insert(launch.command.begin() + 1, command);
  launch.command.front() = MQTT_BENCH;
  // What is shown while a run goes on is no part of it.
  if (command != "report" && command != "compare" && command != "sink")
    launch.command.emplace_back("--no-progress");
  return launch;
}

BenchReport report_of(Launch launch, Duration limit) {
  launch.command.insert(launch.command.end(), {"--output", "json"});
  BenchReport report{.outcome = run(std::move(launch), limit), .json = {}};
  report.json = nlohmann::json::parse(report.outcome.out, nullptr, false);
  if (report.json.is_discarded())
    throw PeerFailure("no report, exit code " + std::to_string(report.outcome.code) + ": " +
                      report.outcome.err);
  return report;
}

std::string make_small_scenario(const std::string& file) {
  return "sed -e 's/^length = .*/length = \"0.2s\"/; s/^warm-up = .*/warm-up = \"0.1s\"/' "
         "-e 's/^drain.*/drain = \"5s\"/; s/^clients = 500.*/clients = 5/; s/^count = 500/count = 5/' "
         "-e 's/^clients = 50$/clients = 5/; s/^stay.*/stay = \"0.1s\"/' " MQTTKIT_SOURCE_DIR
         "/docs/bench-scenario.toml > " +
         file;
}

}  // namespace mq
