// What a Run and its worker processes say to each other, as JSON values: both sides of every word in one
// place. Times are nanoseconds of the steady clock, which all processes of a machine share.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/crew.hpp"
#include "payload/value.hpp"

namespace mq {

// Parent to worker.
struct CrewOrder {
  enum class What : std::uint8_t { start, go, stop, leave, collect, sent, judge };
  What what = What::start;
  std::size_t population = 0;
  Time when{}, measured_from{};
  StreamFacts facts{};  // of judge
};
Value to_value(const CrewOrder& order);
CrewOrder order_of(const Value& value);

// Worker to parent: "progress" whenever it has changed, the others as answers in the order of the questions.
Value to_value(const std::vector<Progress>& progress);
Value to_value(const Crew::Part& part);
Value to_value(const StreamFacts& facts);
Value to_value(const Troop::Verdict& verdict);
// What keeps it from doing anything: the last that it says.
Value to_value(const Error& failure);

std::vector<Progress> progress_of(const Value& value);
Crew::Part part_of(const Value& value);
StreamFacts facts_of(const Value& value);
Troop::Verdict verdict_of(const Value& value);
std::optional<Error> failure_of(const Value& value);

}  // namespace mq
