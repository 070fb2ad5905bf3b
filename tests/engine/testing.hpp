// A scenario run in this process against a server on loopback, as the program does it but for its command
// line.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/run.hpp"
#include "load/receivers.hpp"
#include "peers/failure.hpp"

namespace mq::testing {

inline PublishPlan to_own_topic(QoS qos, Rate rate, std::uint64_t count) {
  PublishPlan plan;
  plan.topic = "load/{number}";
  plan.qos = qos;
  plan.rate = rate;
  plan.count = count;
  return plan;
}

// As many publishers as subscribers, each pair with a topic of its own.
inline Scenario pairs(std::uint64_t clients, QoS qos, Rate rate, std::uint64_t count) {
  Scenario scenario;
  scenario.name = "pairs";
  scenario.run = 4711;
  scenario.drain = std::chrono::seconds(5);
  Population subscribers;
  subscribers.name = "subscribers";
  subscribers.clients = clients;
  subscribers.client_id = "s-{number}";
  subscribers.subscribe = SubscribePlan{.filters = {"load/{number}"}, .qos = qos, .properties = {}};
  Population publishers;
  publishers.name = "publishers";
  publishers.clients = clients;
  publishers.client_id = "p-{number}";
  publishers.first_client = clients;
  publishers.publish = to_own_topic(qos, rate, count);
  publishers.after = {{.population = 0, .finished = false}};
  scenario.populations = {subscribers, publishers};
  return scenario;
}

struct Ignoring final : RunOwner {
  void on_interval(const LoadOutcome&, const RunState&) override {}
};

inline LoadPlan plan_for(const Scenario& scenario, std::uint16_t port) {
  LoadPlan plan;
  plan.scenario = scenario;
  Target target;
  target.endpoint = Endpoint{"127.0.0.1", port, {}};
  target.address = *numeric_address("127.0.0.1", port);
  plan.targets = {target};
  auto to = receivers(scenario);
  if (!to) throw PeerFailure(to.error().text);
  plan.receivers = std::move(*to);
  plan.epoch = Poller::epoch();
  return plan;
}

inline LoadOutcome execute(const LoadPlan& plan, Run::Options options = {}) {
  const Scenario& scenario = plan.scenario;
  Poller poller;
  std::vector<std::unique_ptr<Crew>> crews;
  for (unsigned i = 0; i < scenario.threads; ++i) {
    auto crew = make_thread_crew(poller, plan, i, scenario.threads);
    if (!crew) throw PeerFailure(crew.error().text);
    crews.push_back(std::move(*crew));
  }
  Ignoring owner;
  Run run(poller, plan, std::move(crews), options, owner);
  auto outcome = run.execute();
  if (!outcome) throw PeerFailure(outcome.error().text);
  return std::move(*outcome);
}

inline LoadOutcome execute(const Scenario& scenario, std::uint16_t port, Run::Options options = {}) {
  return execute(plan_for(scenario, port), options);
}

}  // namespace mq::testing
