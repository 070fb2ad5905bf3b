// How a program that reckons with doubles is kept from changing numbers that a double can't hold. The program
// runs again with other numbers in their place, stand-ins: where its results then hold a stand-in, it has
// only passed the number on, and the number's own spelling belongs there. Where they differ in any other way
// it has reckoned with it, and the result is wrong by what the double has lost.
//
// Whole numbers, which are identifiers more often than quantities, have two stand-ins each, so far apart in
// size and so different in their last digits that what treats both alike treats the number itself alike; a
// program that does more than pass them on fails. Of the others only the spelling is at stake.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "payload/value.hpp"

namespace mq {

// The runs of a program over one input, and whose stand-ins each gets.
enum class Run : std::uint8_t { first, whole_small, whole_large, others };

struct StandIn {
  double rounded = 0;  // what runs that leave the number alone get
  double small = 0;    // of a whole number, below 2^53, where adding 1 shows
  double large = 0;    // of a whole number, about 2^62; of another, one that lies nearby
  bool whole = false;
};

// The inexact numbers of one input, by their spelling.
class StandIns {
 public:
  explicit StandIns(const Value& input);

  bool empty() const { return by_spelling_.empty(); }
  bool any(bool whole) const;
  // What stands for a number in a run; nullptr when a double holds it.
  const double* find(std::string_view spelling, Run run) const;

  // Puts the own spelling of numbers that were passed on into `results`, given what the first run made and
  // what `run` did. Of whole numbers: false, and nothing changed, when the program did more with them. Of
  // others: each that can be told.
  bool restore(Run run, const std::vector<Value>& first, const std::vector<Value>& second,
               std::vector<Value>& results) const;

  // One of the whole numbers, to name.
  std::string_view example() const;

 private:
  struct Original {
    std::string spelling, rounded;
  };
  using Originals = std::map<std::string, Original>;  // by the spelling of the stand-in

  void collect(const Value& value);
  static double of(const StandIn& stand_in, Run run);
  static bool restore(bool strict, const Value& first, const Value& second, const Originals& originals,
                      Value& result);

  std::map<std::string, StandIn, std::less<>> by_spelling_;
};

}  // namespace mq
