#include "load/audience.hpp"

#include <algorithm>
#include <utility>

#include "load/receivers.hpp"
#include "wire/topic.hpp"

namespace mq {

Result<Audience> Audience::make(const Scenario& scenario, const std::vector<std::uint32_t>& streams,
                                const Environment& environment) {
  Audience made;
  const std::size_t populations = scenario.populations.size();
  for (std::size_t i = 0; i < populations; ++i) {
    const Population& own = scenario.populations[i];
    if (!own.publish) continue;
    std::unique_ptr<ClientFields> fields;
    Template topic;
    for (const std::uint32_t number : streams) {
      if (number - own.first_client >= own.clients) continue;
      if (!fields) {
        auto opened = ClientFields::make(scenario, own, environment);
        if (!opened) return std::unexpected(std::move(opened.error()));
        fields = std::move(*opened);
        auto compiled = fields->compile(own.publish->topic);
        if (!compiled) return std::unexpected(std::move(compiled.error()));
        topic = std::move(*compiled);
      }
      std::string text = fields->text_of(topic, number - own.first_client);
      made.by_topic_[text].push_back(made.streams_.size());
      made.streams_.push_back({.number = number, .population = i, .topic = std::move(text)});
    }
  }
  for (std::size_t i = 0; i < populations; ++i) {
    std::vector<bool>& row = made.in_time_.emplace_back();
    for (std::size_t j = 0; j < populations; ++j) row.push_back(in_time_for(scenario, i, j));
  }
  return made;
}

std::vector<std::uint32_t> Audience::streams_for(std::size_t population,
                                                 const std::vector<std::string>& filters) const {
  std::vector<std::uint32_t> result;
  const auto add = [&](const Stream& stream) {
    if (in_time_[population][stream.population]) result.push_back(stream.number);
  };
  for (const std::string& filter : filters) {
    if (filter.find_first_of("+#") == filter.npos) {
      const auto found = by_topic_.find(filter);
      if (found == by_topic_.end()) continue;
      for (const std::size_t at : found->second) add(streams_[at]);
    } else {
      for (const Stream& stream : streams_)
        if (matches(filter, stream.topic)) add(stream);
    }
  }
  std::ranges::sort(result);
  const auto [first, last] = std::ranges::unique(result);
  result.erase(first, last);
  return result;
}

}  // namespace mq
