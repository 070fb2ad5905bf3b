// Who has subscribed to what: filters without wildcards in a hash map, the others in a tree of their levels,
// and what topics of late came to, so that a topic used again costs one look. Points to sessions, which must
// leave before they go.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sink/session.hpp"
#include "wire/packet.hpp"

namespace mq::sink {

struct Subscriber {
  Session* session = nullptr;
  std::uint32_t identifier = 0;  // of the subscription; 0: none
  QoS qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
};

// Of a shared subscription: one of them gets each message.
struct Group {
  std::string name;
  std::vector<Subscriber> members;
  std::size_t next = 0;
};

struct FilterNode;

struct Filter {
  std::string text;  // without "$share/..."
  std::vector<Subscriber> subscribers;
  std::vector<std::unique_ptr<Group>> groups;
  FilterNode* node = nullptr;  // its place in the tree, if it has wildcards
};

class Router {
 public:
  static constexpr std::size_t most_levels = 200;  // of a filter

  Router();
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  std::size_t subscriptions() const { return subscriptions_; }

  // True when it is new, false when one with the same filter was replaced.
  bool subscribe(Session& session, const Subscription& subscription, std::uint32_t identifier);
  bool unsubscribe(Session& session, std::string_view text);
  void unsubscribe_all(Session& session);

  // Filters that take in the topic; until the next subscription changes.
  std::span<Filter* const> match(std::string_view topic) {
    if (subscriptions_ == 0) return {};
    Known& known = known_[std::hash<std::string_view>{}(topic) % known_.size()];
    if (known.generation != generation_ || known.topic != topic) find(topic, known);
    return known.filters;
  }

 private:
  struct Known {
    std::uint64_t generation = 0;
    std::string topic;
    std::vector<Filter*> filters;
  };

  Filter* find_filter(std::string_view plain);
  Filter& make_filter(std::string_view plain);
  void discard(Filter& filter);
  void leave(Session& session, std::size_t membership);
  void find(std::string_view topic, Known& known);

  std::unordered_map<std::string_view, std::unique_ptr<Filter>> exact_;  // the key is in the filter
  std::unique_ptr<FilterNode> tree_;
  std::uint64_t generation_ = 1;
  std::size_t subscriptions_ = 0;
  std::vector<Known> known_;
};

}  // namespace mq::sink
