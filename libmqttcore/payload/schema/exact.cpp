#include "payload/schema/exact.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mq {
namespace {

constexpr std::size_t most_divisor_digits = 18;  // ten times such a number still fits in 64 bits

std::int64_t power_of_last_digit(const Decimal& number) {
  return number.exponent - static_cast<std::int64_t>(number.digits.size());
}

}  // namespace

bool is_whole(std::string_view spelling) {
  return spelling.find_first_of(".eE") == std::string_view::npos || decimal_of(spelling).whole();
}

Limit::Limit(std::string_view spelling)
    : spelling_(spelling), exact_(decimal_of(spelling)), nearest_(parse_number<double>(spelling)) {}

std::strong_ordering Limit::order_of(std::string_view number) const {
  // Rounding keeps the order: what differs as doubles differs in the same sense.
  if (const auto nearest = parse_number<double>(number); nearest && nearest_ && *nearest != *nearest_)
    return *nearest < *nearest_ ? std::strong_ordering::less : std::strong_ordering::greater;
  return number == spelling_ ? std::strong_ordering::equal : compare(decimal_of(number), exact_);
}

std::optional<Divisor> Divisor::of(std::string_view spelling) {
  const Decimal number = decimal_of(spelling);
  if (number.negative || number.digits.empty() || number.digits.size() > most_divisor_digits)
    return std::nullopt;
  Divisor divisor;
  divisor.spelling_ = spelling;
  divisor.digits_ = *parse_number<std::uint64_t>(number.digits);
  divisor.exponent_ = power_of_last_digit(number);
  return divisor;
}

bool Divisor::divides(std::string_view number) const {
  const Decimal exact = decimal_of(number);
  if (exact.digits.empty()) return true;
  // Its last digit isn't 0, so it is no multiple of a higher power of ten.
  std::int64_t tens = power_of_last_digit(exact) - exponent_;
  if (tens < 0) return false;
  std::uint64_t rest = 0;
  for (const char digit : exact.digits)
    rest = (rest * 10 + static_cast<std::uint64_t>(digit - '0')) % digits_;
  // No more than 60 twos or fives are in the divisor: further tens change nothing.
  for (tens = std::min<std::int64_t>(tens, 60); tens > 0 && rest != 0; --tens) rest = rest * 10 % digits_;
  return rest == 0;
}

}  // namespace mq
