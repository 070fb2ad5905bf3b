// Numbers of any size and precision, by their spelling: compared and divided without rounding.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mq {

// A JSON number without the ways in which it can be spelt: 0.d1d2d3... times ten to `exponent`.
struct ExactNumber {
  bool negative = false;
  std::string digits{};  // without zeros at either end; empty: nothing
  std::int64_t exponent = 0;

  bool whole() const { return exponent >= static_cast<std::int64_t>(digits.size()); }
  friend bool operator==(const ExactNumber&, const ExactNumber&) = default;
};

// An exponent beyond all reason counts as one that is merely huge.
ExactNumber exact_number(std::string_view spelling);
std::strong_ordering order(const ExactNumber& a, const ExactNumber& b);

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
  ExactNumber exact_;
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
