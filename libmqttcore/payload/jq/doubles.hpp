// Numbers as jq has them: doubles, and whether one holds what a spelling says.
#pragma once

#include <string>
#include <string_view>

namespace mq {

// The nearest double to a JSON number, and whether its shortest spelling says the same.
struct Nearest {
  double number = 0;
  bool exact = true;
};
Nearest nearest_double(std::string_view spelling);

// As jq prints a number: without a fraction where there is none.
std::string spelling_of(double number);

}  // namespace mq
