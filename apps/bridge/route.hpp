// A route at work: its plan, and what carries it out.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bridge/plan.hpp"
#include "bridge/treatment.hpp"

namespace mq {

class Lane;
class Link;

struct Route {
  const RoutePlan* plan = nullptr;
  Link* to = nullptr;
  Lane* lane = nullptr;                    // of `to`
  std::unique_ptr<Treatment> treatment;    // nullptr: none
  std::vector<std::uint32_t> identifiers;  // of the subscriptions of its rules, in their order
};

}  // namespace mq
