#include "payload/protobuf/sparkplug_names.hpp"

#include <algorithm>
#include <array>

namespace mq {

std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic) {
  constexpr std::string_view first = "spBv1.0/";
  if (!topic.starts_with(first)) return std::nullopt;
  topic.remove_prefix(first.size());
  if (topic.starts_with("STATE/")) return SparkplugTopic{.type = topic.substr(0, 5)};
  std::array<std::string_view, 4> levels{};
  std::size_t count = 0;
  while (count < levels.size()) {
    // A device may not have a slash in its name; what follows one is no Sparkplug topic.
    const std::size_t end = std::min(topic.find('/'), topic.size());
    levels[count++] = topic.substr(0, end);
    if (end == topic.size()) break;
    topic.remove_prefix(end + 1);
    if (count == levels.size()) return std::nullopt;
  }
  if (count < 3) return std::nullopt;
  return SparkplugTopic{levels[1], std::string(levels[0]) + "/" + std::string(levels[2]),
                        std::string(levels[3])};
}

void SparkplugNames::forget_node(const std::string& node) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return;
  aliases_ -= found->second.aliases.size();
  for (const auto& [alias, known] : found->second.aliases) bytes_ -= known.name.size();
  order_.erase(found->second.place);
  nodes_.erase(found);
}

void SparkplugNames::forget_device(const std::string& node, const std::string& device) {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return;
  std::erase_if(found->second.aliases, [&](const auto& entry) {
    if (*entry.second.device != device) return false;
    --aliases_;
    bytes_ -= entry.second.name.size();
    return true;
  });
}

SparkplugNames::Node& SparkplugNames::node_of(const std::string& name) {
  const auto [place, fresh] = nodes_.try_emplace(name);
  if (fresh) place->second.place = order_.insert(order_.end(), name);
  return place->second;
}

void SparkplugNames::learn(const SparkplugTopic& topic, std::uint64_t alias, std::string_view name,
                           std::uint32_t type) {
  Node& node = node_of(topic.node);
  const auto is_full = [&] {
    return nodes_.size() > most_nodes || aliases_ >= most_aliases || bytes_ + name.size() > most_bytes;
  };
  while (is_full()) {
    const auto other = std::ranges::find_if(order_, [&](const auto& one) { return one != topic.node; });
    if (other == order_.end()) break;
    forget_node(std::string(*other));
  }
  if (is_full()) return;
  if (node.device == nullptr || *node.device != topic.device)
    node.device = std::make_shared<const std::string>(topic.device);
  const auto [place, fresh] = node.aliases.try_emplace(alias);
  if (fresh) ++aliases_;
  bytes_ += name.size() - place->second.name.size();
  place->second = {std::string(name), type, node.device};
}

void SparkplugNames::set_birth(const std::string& node, std::uint64_t sequence) {
  if (const auto found = nodes_.find(node); found != nodes_.end()) found->second.birth = sequence;
}

bool SparkplugNames::is_death_of_birth(const std::string& node, std::optional<std::uint64_t> sequence) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() || !found->second.birth || !sequence || found->second.birth == sequence;
}

const SparkplugNames::Known* SparkplugNames::find(const std::string& node, std::uint64_t alias) const {
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return nullptr;
  const auto known = found->second.aliases.find(alias);
  return known != found->second.aliases.end() ? &known->second : nullptr;
}

}  // namespace mq
