// Subscriptions of many clients, to be asked how many of them a topic has: exact filters in a hash map,
// others in a tree of their levels. Clients with several filters are counted once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace mq {

class Subscribers {
 public:
  // So many clients that have this filter and no other.
  void add(std::string_view filter, std::uint32_t clients = 1);
  // One with several filters; ids count from 0 and are the caller's.
  void add_one_of_several(std::string_view filter, std::uint32_t id);

  std::uint32_t count(std::string_view topic);

 private:
  struct Place {
    std::uint32_t clients = 0;       // and groups of shared subscriptions
    std::vector<std::uint32_t> ids;  // of clients with several filters
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  // A level below a node of the tree.
  struct Step {
    std::uint32_t above;
    std::string level;
  };
  using StepView = std::pair<std::uint32_t, std::string_view>;
  struct StepHash {
    using is_transparent = void;
    std::size_t operator()(const StepView& step) const {
      return std::hash<std::string_view>()(step.second) ^ step.first * std::size_t{0x9E3779B97F4A7C15};
    }
    std::size_t operator()(const Step& step) const { return (*this)(StepView(step.above, step.level)); }
  };
  struct StepEqual {
    using is_transparent = void;
    static StepView view(const Step& step) { return {step.above, step.level}; }
    static StepView view(const StepView& step) { return step; }
    bool operator()(const auto& one, const auto& other) const { return view(one) == view(other); }
  };

  Place* place_of(std::string_view filter);  // nullptr: of a shared subscription that is there already
  std::uint32_t below(std::uint32_t node, std::string_view level) const;  // 0: none
  std::uint32_t count_below(std::uint32_t node, std::string_view rest, bool first);
  std::uint32_t count_at(const Place& place);

  std::unordered_map<std::string, Place, Hash, std::equal_to<>> exact_;
  std::unordered_map<Step, std::uint32_t, StepHash, StepEqual> steps_;
  std::vector<Place> nodes_{1};
  std::unordered_set<std::string> shared_;
  std::vector<std::uint64_t> seen_;  // by id: the last question that it was counted for
  std::uint64_t question_ = 0;
};

}  // namespace mq
