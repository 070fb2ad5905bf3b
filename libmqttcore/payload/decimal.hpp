// Decimal numbers of any size and precision, by their spelling, compared without rounding.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mq {

// A JSON number without the ways in which it can be spelt: 0.d1d2d3... times ten to `exponent`.
struct Decimal {
  bool negative = false;
  std::string digits{};  // without zeros at either end; empty: nothing
  std::int64_t exponent = 0;

  bool whole() const { return exponent >= static_cast<std::int64_t>(digits.size()); }
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

// An exponent beyond all reason counts as one that is merely huge.
Decimal decimal_of(std::string_view spelling);

std::strong_ordering compare(const Decimal& a, const Decimal& b);

}  // namespace mq
