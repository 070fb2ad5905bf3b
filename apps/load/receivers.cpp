#include "load/receivers.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "load/client_fields.hpp"
#include "load/subscribers.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

const PublishPlan* plan_of(const Population& population) {
  if (population.publish) return &*population.publish;
  return population.request ? &population.request->publish : nullptr;
}

std::span<const std::string> filters_of(const Population& population) {
  if (population.subscribe) return population.subscribe->filters;
  if (population.respond) return population.respond->filters;
  return {};
}

// Whether `one` begins only when `other` has finished.
bool follows(const Scenario& scenario, std::size_t one, std::size_t other, std::size_t depth = 0) {
  if (depth > scenario.populations.size()) return false;
  return std::ranges::any_of(scenario.populations[one].after, [&](const Population::After& after) {
    return (after.population == other && after.finished) ||
           follows(scenario, after.population, other, depth + 1);
  });
}

class Reckoning {
 public:
  explicit Reckoning(const Scenario& scenario) : scenario_(scenario), fields_(scenario.populations.size()) {}

  Result<std::vector<std::uint32_t>> all() {
    std::uint64_t clients = 0;
    for (const Population& one : scenario_.populations)
      clients = std::max(clients, one.first_client + one.clients);
    std::vector<std::uint32_t> counts(clients);
    for (std::size_t i = 0; i < scenario_.populations.size(); ++i)
      if (plan_of(scenario_.populations[i]) != nullptr)
        if (auto done = reckon(i, counts); !done) return std::unexpected(std::move(done.error()));
    return counts;
  }

 private:
  bool gets(std::size_t subscriber, std::size_t publisher) const {
    return in_time_for(scenario_, subscriber, publisher);
  }

  Result<ClientFields*> fields_of(std::size_t population) {
    std::unique_ptr<ClientFields>& fields = fields_[population];
    if (!fields) {
      auto made = ClientFields::make(scenario_, scenario_.populations[population], process_variable);
      if (!made) return std::unexpected(std::move(made.error()));
      fields = std::move(*made);
    }
    return fields.get();
  }

  Result<void> add(std::size_t population, Subscribers& to) {
    const Population& own = scenario_.populations[population];
    auto fields = fields_of(population);
    if (!fields) return std::unexpected(std::move(fields.error()));
    const auto filters = filters_of(own);
    std::vector<Template> texts;
    bool constant = true;
    for (const std::string& filter : filters) {
      auto text = (*fields)->compile(filter);
      if (!text) return std::unexpected(std::move(text.error()));
      constant = constant && !(*fields)->by_client(*text);
      texts.push_back(std::move(*text));
    }
    if (constant && texts.size() == 1) {
      const std::string filter = (*fields)->text_of(texts.front(), 0);
      if (auto checked = check_topic_filter(filter); !checked) return checked;
      to.add(filter, static_cast<std::uint32_t>(own.clients));
      return {};
    }
    for (std::uint64_t number = 0; number < own.clients; ++number) {
      for (const Template& text : texts) {
        const std::string filter = (*fields)->text_of(text, number);
        if (auto checked = check_topic_filter(filter); !checked) return checked;
        if (texts.size() == 1)
          to.add(filter);
        else
          to.add_one_of_several(filter, next_id_);
      }
      if (texts.size() > 1) ++next_id_;
    }
    return {};
  }

  Result<void> reckon(std::size_t publisher, std::vector<std::uint32_t>& counts) {
    const Population& own = scenario_.populations[publisher];
    Subscribers subscribers;
    next_id_ = 0;
    for (std::size_t i = 0; i < scenario_.populations.size(); ++i)
      if (gets(i, publisher))
        if (auto added = add(i, subscribers); !added) return added;
    auto fields = fields_of(publisher);
    if (!fields) return std::unexpected(std::move(fields.error()));
    auto topic = (*fields)->compile(plan_of(own)->topic);
    if (!topic) return std::unexpected(std::move(topic.error()));
    const bool changes = (*fields)->by_client(*topic) || (*fields)->by_message(*topic);
    std::string text;
    std::uint32_t count = 0;
    for (std::uint64_t number = 0; number < own.clients; ++number) {
      if (changes || number == 0) {
        text = (*fields)->text_of(*topic, number);
        if (auto checked = check_topic_name(text); !checked) return checked;
        count = subscribers.count(text);
      }
      const bool hears_itself =
          own.subscribe && own.subscribe->no_local && count > 0 && gets(publisher, publisher);
      counts[own.first_client + number] =
          hears_itself ? count - own_copy(**fields, own, number, text) : count;
    }
    return {};
  }

  // 1 if the client's own filters take in the topic.
  static std::uint32_t own_copy(ClientFields& fields, const Population& own, std::uint64_t number,
                                std::string_view topic) {
    for (const std::string& filter : own.subscribe->filters) {
      const auto text = fields.compile(filter);
      if (!text) continue;
      const std::string filled = fields.text_of(*text, number);
      if (!is_shared(filled) && matches(filled, topic)) return 1;
    }
    return 0;
  }

  const Scenario& scenario_;
  std::vector<std::unique_ptr<ClientFields>> fields_;
  std::uint32_t next_id_ = 0;  // of clients with several filters
};

}  // namespace

bool in_time_for(const Scenario& scenario, std::size_t subscriber, std::size_t publisher) {
  const Population& own = scenario.populations[subscriber];
  if (filters_of(own).empty() || own.leaves_when_ready || follows(scenario, publisher, subscriber))
    return false;
  if (!follows(scenario, subscriber, publisher)) return true;
  if (own.resumes) return !follows(scenario, *own.resumes, publisher);
  const PublishPlan* plan = plan_of(scenario.populations[publisher]);
  return own.subscribe && own.subscribe->replay && plan != nullptr && plan->retain;
}

Result<std::vector<std::uint32_t>> receivers(const Scenario& scenario) { return Reckoning(scenario).all(); }

}  // namespace mq
