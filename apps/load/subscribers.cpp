#include "load/subscribers.hpp"

#include <algorithm>
#include <utility>

#include "wire/topic.hpp"

namespace mq {

Subscribers::Place* Subscribers::place_of(std::string_view filter) {
  if (is_shared(filter)) {
    if (!shared_.emplace(filter).second) return nullptr;
    filter = plain_filter(filter);
  }
  if (!has_wildcard(filter)) {
    const auto found = exact_.find(filter);
    return found != exact_.end() ? &found->second : &exact_[std::string(filter)];
  }
  std::uint32_t node = 0;
  while (true) {
    const std::size_t end = std::min(filter.find('/'), filter.size());
    const auto [step, is_new] = steps_.try_emplace(Step{node, std::string(filter.substr(0, end))},
                                                   static_cast<std::uint32_t>(nodes_.size()));
    if (is_new) nodes_.emplace_back();
    node = step->second;
    if (end == filter.size()) return &nodes_[node];
    filter.remove_prefix(end + 1);
  }
}

void Subscribers::add(std::string_view filter, std::uint32_t clients) {
  const bool group = is_shared(filter);
  if (Place* place = place_of(filter)) place->clients += group ? 1 : clients;
}

void Subscribers::add_one_of_several(std::string_view filter, std::uint32_t id) {
  if (is_shared(filter)) return add(filter);
  if (seen_.size() <= id) seen_.resize(id + 1);
  place_of(filter)->ids.push_back(id);
}

std::uint32_t Subscribers::count_at(const Place& place) {
  std::uint32_t count = place.clients;
  for (const std::uint32_t id : place.ids)
    if (std::exchange(seen_[id], question_) != question_) ++count;
  return count;
}

std::uint32_t Subscribers::below(std::uint32_t node, std::string_view level) const {
  const auto found = steps_.find(StepView(node, level));
  return found == steps_.end() ? 0 : found->second;
}

std::uint32_t Subscribers::count_below(std::uint32_t node, std::string_view rest, bool first) {
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view level = rest.substr(0, end);
  std::uint32_t count = 0;
  // [MQTT-4.7.2-1]
  const bool wild = !first || !level.starts_with('$');
  if (wild)
    if (const std::uint32_t all = below(node, "#")) count += count_at(nodes_[all]);
  for (const std::string_view name : {level, std::string_view("+")}) {
    if (name == "+" && !wild) continue;
    const std::uint32_t next = below(node, name);
    if (next == 0) continue;
    if (end < rest.size()) {
      count += count_below(next, rest.substr(end + 1), false);
    } else {
      count += count_at(nodes_[next]);
      // "a/#" takes in "a" as well.
      if (const std::uint32_t all = below(next, "#")) count += count_at(nodes_[all]);
    }
  }
  return count;
}

std::uint32_t Subscribers::count(std::string_view topic) {
  ++question_;
  std::uint32_t count = 0;
  if (const auto found = exact_.find(topic); found != exact_.end()) count += count_at(found->second);
  if (nodes_.size() > 1) count += count_below(0, topic, true);
  return count;
}

}  // namespace mq
