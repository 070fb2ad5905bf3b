// Where a message goes: the routes of its connection that take it, each with the topic that it gets there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bridge/plan.hpp"
#include "bridge/route.hpp"
#include "bridge/traffic.hpp"

namespace mq {

struct Destination {
  Route* route = nullptr;
  Buffer topic;
  std::optional<Fate> ends{};  // here already: as a loop, or its topic is none
};

class Router {
 public:
  explicit Router(const BridgePlan& plan) : plan_(plan) {}

  // The routes of `routes` that take the message, in their order. The list is overwritten by the next call.
  const std::vector<Destination>& routes_for(const std::vector<Route*>& routes, const Publish& message);

 private:
  enum class Taken : std::uint8_t { no, elsewhere, yes };
  void find(const std::vector<Route*>& routes, const Publish& message, bool by_identifier);
  static Taken take(const Route& route, const Publish& message, Buffer& topic);
  bool loops(const Route& route, const Publish& message) const;

  const BridgePlan& plan_;
  std::vector<Destination> found_;
};

}  // namespace mq
