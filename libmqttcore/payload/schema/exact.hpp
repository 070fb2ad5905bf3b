// Numbers of any size and precision, by their spelling: compared and divided without rounding.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "payload/decimal.hpp"

namespace mq {

// Whether the number so spelt has no fraction: 1, 1.0 and 1e2 have none.
bool is_whole(std::string_view spelling);

// A number that many others are compared with; exact, and quick for all that differ as doubles.
class Limit {
 public:
  explicit Limit(std::string_view spelling);

  const std::string& spelling() const { return spelling_; }
  std::strong_ordering order_of(std::string_view number) const;  // that of `number` to the limit

 private:
  std::string spelling_;
  Decimal exact_;
  std::optional<double> nearest_;  // none when it is out of a double's range
};

// Divides numbers of any size by one of at most 18 digits.
class Divisor {
 public:
  // nullopt unless the number so spelt is greater than nothing and of few enough digits.
  static std::optional<Divisor> of(std::string_view spelling);

  const std::string& spelling() const { return spelling_; }
  bool divides(std::string_view number) const;

 private:
  std::string spelling_;
  std::uint64_t digits_ = 1;   // as a whole number
  std::int64_t exponent_ = 0;  // the power of ten that it is multiplied by
};

}  // namespace mq
