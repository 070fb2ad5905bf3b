// What aliases stand for: names and types of metrics as births told them, for each edge node (Sparkplug 3.0,
// 6.4.6: an alias is unique within an edge node and its devices). Bounded; the node that was born longest ago
// is forgotten first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mq {

// "spBv1.0/GROUP/TYPE/NODE[/DEVICE]", or "spBv1.0/STATE/HOST" with only the type.
struct SparkplugTopic {
  std::string_view type;
  std::string node{};  // "GROUP/NODE"
  std::string device{};
};

std::optional<SparkplugTopic> parse_sparkplug_topic(std::string_view topic);

class SparkplugNames {
 public:
  static constexpr std::size_t most_nodes = 4096;
  static constexpr std::size_t most_aliases = 100'000;
  static constexpr std::size_t most_bytes = std::size_t{64} << 20U;

  struct Known {
    std::string name;
    std::uint32_t type = 0;
    std::shared_ptr<const std::string> device;
  };

  void forget_node(const std::string& node);
  void forget_device(const std::string& node, const std::string& device);
  // Of the node's own birth, once its metrics are learnt: what its death will have too ("bdSeq", 6.4.19).
  void set_birth(const std::string& node, std::uint64_t sequence);
  // False when a death of that "bdSeq" is another one than that of the birth that is known.
  bool is_death_of_birth(const std::string& node, std::optional<std::uint64_t> sequence) const;
  // Of a metric in a birth. Nothing is kept when the node alone fills what there is room for.
  void learn(const SparkplugTopic& topic, std::uint64_t alias, std::string_view name, std::uint32_t type);
  // nullptr when no birth has told.
  const Known* find(const std::string& node, std::uint64_t alias) const;

  std::size_t aliases() const { return aliases_; }
  std::size_t nodes() const { return nodes_.size(); }

 private:
  struct Node {
    std::map<std::uint64_t, Known> aliases;
    std::shared_ptr<const std::string> device;  // the latest
    std::list<std::string>::iterator place;
    std::optional<std::uint64_t> birth;
  };

  Node& node_of(const std::string& name);

  // Ordered, not hashed: the senders choose the keys.
  std::map<std::string, Node> nodes_;
  std::list<std::string> order_;  // by birth, oldest first
  std::size_t aliases_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace mq
