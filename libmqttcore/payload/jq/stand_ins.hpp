// How a program that reckons with doubles is kept from changing numbers that a double can't hold. The program
// runs again with other numbers in their place, stand-ins: where its results then hold a stand-in, it has
// only passed the number on, and the number's own spelling belongs there. Where they differ in any other way
// it has reckoned with it, and the result is wrong by what the double has lost.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payload/value.hpp"

namespace mq {

struct StandIn {
  double rounded = 0;  // what the first run gets
  double other = 0;    // what the second run gets
  bool whole = false;  // an identifier, rather than a measured quantity
};

// The inexact numbers of one input, by their spelling.
class StandIns {
 public:
  explicit StandIns(const Value& input);

  bool empty() const { return by_spelling_.empty(); }
  bool any(bool whole) const;
  // The stand-in for a number, nullptr when a double holds it.
  const StandIn* find(std::string_view spelling) const;

  // Puts the own spelling of numbers that were passed on into `results`, given what the first run made and
  // what a second did in which all that are `whole`, or all others, stood in. False, and nothing changed,
  // when the program did more with them.
  bool restore(bool whole, const std::vector<Value>& first, const std::vector<Value>& second,
               std::vector<Value>& results) const;

  // One of the whole numbers, to name.
  std::string_view example() const;

 private:
  using Spellings = std::map<std::string, std::string>;  // of a stand-in, of the number

  void collect(const Value& value);
  bool restore(const Value& first, const Value& second, const Spellings& spellings, Value& result) const;

  std::map<std::string, StandIn, std::less<>> by_spelling_;
};

}  // namespace mq
