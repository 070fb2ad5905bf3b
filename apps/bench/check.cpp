#include "bench/check.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "load/client_fields.hpp"
#include "load/message_maker.hpp"
#include "load/receivers.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

// That what is compiled by the engine can be: identifiers and filters.
Result<void> check_texts(const Scenario& scenario, const Population& population) {
  auto fields = ClientFields::make(scenario, population, process_variable);
  if (!fields) return std::unexpected(std::move(fields.error()));
  std::vector<std::string_view> texts{population.client_id};
  if (population.subscribe)
    texts.insert(texts.end(), population.subscribe->filters.begin(), population.subscribe->filters.end());
  if (population.respond)
    texts.insert(texts.end(), population.respond->filters.begin(), population.respond->filters.end());
  if (population.request) texts.emplace_back(population.request->response_topic);
  for (const std::string_view text : texts) {
    auto compiled = (*fields)->compile(text);
    if (!compiled) return std::unexpected(std::move(compiled.error()));
    if ((*fields)->by_message(*compiled))
      return usage(fmt::format("{} changes with each message", quoted(text)),
                   "a client's identifier and what it subscribes to stay the same");
  }
  return {};
}

// Whoever has subscribers beside it should be heard by one.
Result<void> check_receivers(const Scenario& scenario) {
  const auto subscribes = [](const Population& one) { return one.subscribe || one.respond; };
  if (std::ranges::none_of(scenario.populations, subscribes)) return {};
  auto counts = receivers(scenario);
  if (!counts) return std::unexpected(std::move(counts.error()));
  for (const Population& population : scenario.populations) {
    if (!population.publish && !population.request) continue;
    const auto begin = counts->begin() + static_cast<std::ptrdiff_t>(population.first_client);
    if (std::any_of(begin, begin + static_cast<std::ptrdiff_t>(population.clients),
                    [](std::uint32_t count) { return count > 0; }))
      continue;
    const PublishPlan& plan = population.publish ? *population.publish : population.request->publish;
    return usage(
        fmt::format("nobody subscribes to what {} publish to {}", population.name, quoted(plan.topic)),
        "give a filter with the wildcards that the topic needs");
  }
  return {};
}

}  // namespace

Result<void> check_scenario(const Scenario& scenario, const Log& log) {
  for (std::size_t i = 0; i < scenario.populations.size(); ++i) {
    const Population& population = scenario.populations[i];
    if (auto checked = check_texts(scenario, population); !checked) return checked;
    if (!population.publish && !population.request) continue;
    if (auto made = MessageMaker::make(scenario, i, process_variable, log); !made)
      return std::unexpected(std::move(made.error()));
  }
  return check_receivers(scenario);
}

}  // namespace mq
