#include "payload/schema/exact.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mq {
namespace {

constexpr std::int64_t huge = std::int64_t{1} << 40;
constexpr std::size_t most_divisor_digits = 18;  // ten times such a number still fits in 64 bits

std::int64_t exponent_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (const auto number = parse_number<std::int64_t>(text)) return std::clamp(*number, -huge, huge);
  return text.starts_with('-') ? -huge : huge;
}

std::int64_t power_of_last_digit(const ExactNumber& number) {
  return number.exponent - static_cast<std::int64_t>(number.digits.size());
}

}  // namespace

ExactNumber exact_number(std::string_view spelling) {
  ExactNumber result;
  if (spelling.starts_with('-')) {
    result.negative = true;
    spelling.remove_prefix(1);
  }
  if (const std::size_t e = spelling.find_first_of("eE"); e != std::string_view::npos) {
    result.exponent = exponent_of(spelling.substr(e + 1));
    spelling = spelling.substr(0, e);
  }
  const std::size_t point = std::min(spelling.find('.'), spelling.size());
  result.exponent += static_cast<std::int64_t>(point);
  result.digits = spelling.substr(0, point);
  if (point < spelling.size()) result.digits += spelling.substr(point + 1);
  const std::size_t zeros = std::min(result.digits.find_first_not_of('0'), result.digits.size());
  result.digits.erase(0, zeros);
  result.exponent -= static_cast<std::int64_t>(zeros);
  while (result.digits.ends_with('0')) result.digits.pop_back();
  if (result.digits.empty()) return {};
  return result;
}

std::strong_ordering order(const ExactNumber& a, const ExactNumber& b) {
  const auto sign = [](const ExactNumber& number) {
    return number.digits.empty() ? 0 : number.negative ? -1 : 1;
  };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  const auto size = a.exponent != b.exponent ? a.exponent <=> b.exponent : a.digits <=> b.digits;
  return a.negative ? 0 <=> size : size;
}

bool is_whole(std::string_view spelling) {
  return spelling.find_first_of(".eE") == std::string_view::npos || exact_number(spelling).whole();
}

Limit::Limit(std::string_view spelling)
    : spelling_(spelling), exact_(exact_number(spelling)), nearest_(parse_number<double>(spelling)) {}

std::strong_ordering Limit::order_of(std::string_view number) const {
  // Rounding keeps the order: what differs as doubles differs in the same sense.
  if (const auto nearest = parse_number<double>(number); nearest && nearest_ && *nearest != *nearest_)
    return *nearest < *nearest_ ? std::strong_ordering::less : std::strong_ordering::greater;
  return number == spelling_ ? std::strong_ordering::equal : order(exact_number(number), exact_);
}

std::optional<Divisor> Divisor::of(std::string_view spelling) {
  const ExactNumber number = exact_number(spelling);
  if (number.negative || number.digits.empty() || number.digits.size() > most_divisor_digits)
    return std::nullopt;
  Divisor divisor;
  divisor.spelling_ = spelling;
  divisor.digits_ = *parse_number<std::uint64_t>(number.digits);
  divisor.exponent_ = power_of_last_digit(number);
  return divisor;
}

bool Divisor::divides(std::string_view number) const {
  const ExactNumber exact = exact_number(number);
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
