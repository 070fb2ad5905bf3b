// Decimal numbers by their spelling: whether a double holds what the text says, and which of two is greater.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mq {

// A number without the ways in which it can be spelt: 0.d1d2d3... times ten to `exponent`.
struct Decimal {
  bool negative = false;
  std::string digits{};  // without zeros at either end; empty: nothing
  std::int64_t exponent = 0;

  friend bool operator==(const Decimal&, const Decimal&) = default;
};

// `spelling` is a JSON number. An exponent beyond all reason counts as one that is merely huge.
Decimal decimal_of(std::string_view spelling);

std::strong_ordering compare(const Decimal& a, const Decimal& b);

// The nearest double, and whether its shortest spelling says the same as `spelling` does.
struct Nearest {
  double number = 0;
  bool exact = true;
};
Nearest nearest_double(std::string_view spelling);

// As jq prints a number: without a fraction where there is none.
std::string spelling_of(double number);

}  // namespace mq
