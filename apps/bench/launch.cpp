#include "bench/launch.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <utility>

#include "bench/process_crew.hpp"
#include "engine/targets.hpp"
#include "load/machine.hpp"
#include "load/prerequisites.hpp"
#include "load/receivers.hpp"
#include "net/http_server.hpp"
#include "report/open_metrics.hpp"

namespace mq {
namespace {

// Descriptors that are not connections: streams, files, epoll, what libraries keep.
constexpr std::uint64_t other_descriptors = 200;

bool is_loopback(const Address& address) {
  const std::string host = host_text(address);
  return host.starts_with("127.") || host == "::1";
}

std::uint64_t connections_of(const Scenario& scenario) {
  std::uint64_t clients = 0;
  for (const Population& population : scenario.populations) {
    const Shard& shard = scenario.shard;
    if (population.clients > shard.index) clients += (population.clients - shard.index - 1) / shard.count + 1;
  }
  return clients;
}

// What the machine lacks is told, all of it; the first one decides.
Result<void> check_machine(const BenchSettings& settings, const LoadPlan& plan, unsigned processes,
                           std::uint64_t served, const Machine& machine) {
  const Scenario& scenario = settings.scenario;
  Need need{.connections = plan.expected_connections,
            .processes = processes,
            .served = served,
            .destinations = 0,
            .source_addresses = scenario.source_addresses,
            .loopback = true,
            .tls = false,
            .bytes_per_connection = 0};
  for (const Target& target : plan.targets) {
    const bool local = target.address.family() == AF_UNIX;
    need.destinations += local ? 0 : 1;
    need.loopback = need.loopback && (local || is_loopback(target.address));
    need.tls = need.tls || target.endpoint.tls;
  }
  const auto missing = lacks(need, machine);
  for (std::size_t i = 1; i < missing.size(); ++i) plan.log.report(missing[i]);
  if (!missing.empty()) return std::unexpected(missing.front());
  return {};
}

Result<LoadPlan> plan_of(const BenchSettings& settings, Launch& options, unsigned processes) {
  LoadPlan plan;
  plan.scenario = settings.scenario;
  plan.client = settings.connection.client;
  plan.log = settings.connection.log;
  plan.slices = processes * settings.scenario.threads;
  plan.expected_connections = connections_of(settings.scenario);
  if (options.targets.empty()) {
    auto found = find_targets(plan.client);
    if (!found) return std::unexpected(std::move(found.error()));
    plan.targets = std::move(*found);
  } else {
    plan.targets = std::move(options.targets);
  }
  auto to = receivers(plan.scenario);
  if (!to) return std::unexpected(std::move(to.error()));
  plan.receivers = std::move(*to);
  plan.epoch = Poller::epoch();
  return plan;
}

}  // namespace

Result<LoadOutcome> launch(const BenchSettings& settings, Launch options, RunOwner& owner, int& signal) {
  const std::uint64_t connections = connections_of(settings.scenario);
  // Of our own sink the other ends are descriptors of this process, too.
  const std::uint64_t served = options.sink != nullptr ? connections : 0;
  Machine machine = read_machine();
  machine.open_files_soft = raise_open_files(connections + served + other_descriptors);
  machine.open_files_hard = std::max(machine.open_files_hard, machine.open_files_soft);
  const auto processes = settings.processes > 0
                             ? settings.processes
                             : static_cast<unsigned>(processes_for(connections + served, machine));
  auto plan = plan_of(settings, options, processes);
  if (!plan) return std::unexpected(std::move(plan.error()));
  if (auto can = check_machine(settings, *plan, processes, served, machine); !can)
    return std::unexpected(std::move(can.error()));
  plan->machine = machine;
  for (std::size_t i = 0; i < plan->targets.size(); ++i) plan->targets[i].number = i;
  Poller poller;
  std::vector<std::unique_ptr<Crew>> crews;
  const unsigned count = processes > 1 ? processes : settings.scenario.threads;
  for (unsigned i = 0; i < count; ++i) {
    auto crew = processes > 1 ? make_process_crew(poller, *plan, i, count)
                              : make_thread_crew(poller, *plan, i, count);
    if (!crew) return std::unexpected(std::move(crew.error()));
    crews.push_back(std::move(*crew));
  }
  if (options.sink != nullptr) options.sink->begin();
  Run::Options run_options;
  run_options.ceiling = options.ceiling;
  if (settings.start_at) {
    const auto wall =
        std::chrono::duration_cast<std::chrono::nanoseconds>(settings.start_at->time_since_epoch());
    run_options.start_at = Time(Duration(wall.count() - plan->epoch));
  }
  WayIn way{.options = &plan->client.open, .tls = {}, .ports = {}};
  std::optional<ClockWatch> clock;
  if (settings.scenario.shard.count > 1) {
    if (std::ranges::any_of(plan->targets, [](const Target& target) { return target.endpoint.tls; })) {
      auto context = TlsContext::make(plan->client.tls);
      if (!context) return std::unexpected(std::move(context.error()));
      way.tls = std::move(*context);
    }
    auto ports = Ports::make({.sources = settings.scenario.source_addresses}, machine);
    if (!ports) return std::unexpected(std::move(ports.error()));
    way.ports.push_back(std::move(*ports));
    clock.emplace(poller, *plan, way);
    run_options.clock = &*clock;
  }
  Run run(poller, *plan, std::move(crews), run_options, owner);
  std::unique_ptr<HttpServer> metrics;
  if (options.metrics) {
    auto server =
        HttpServer::listen(poller.loop(), *options.metrics,
                           {{"/metrics", [&run] {
                               HttpContent content{.type = std::string(open_metrics_type), .body = {}};
                               append_open_metrics(run.so_far(), run.state().open, content.body);
                               return content;
                             }}});
    if (!server) return std::unexpected(std::move(server.error()));
    metrics = std::move(*server);
    poller.invite();
  }
  std::optional<Signals> signals;
  if (options.signals) {
    poller.invite();
    // Who is impatient at the very end does not lose the report: this is what holds again when it is over.
    for (const int number : {SIGINT, SIGTERM}) std::signal(number, SIG_IGN);
    signals.emplace(poller.loop(), std::initializer_list<int>{SIGINT, SIGTERM}, [&](int number) {
      signal = number;
      run.interrupt();
    });
  }
  auto outcome = run.execute();
  if (!outcome) return outcome;
  outcome->processes = processes;
  return outcome;
}

}  // namespace mq
