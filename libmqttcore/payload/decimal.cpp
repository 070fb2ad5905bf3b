#include "payload/decimal.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace mq {
namespace {

constexpr std::int64_t huge = std::int64_t{1} << 40;

std::int64_t exponent_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (const auto number = parse_number<std::int64_t>(text)) return std::clamp(*number, -huge, huge);
  return text.starts_with('-') ? -huge : huge;
}

}  // namespace

Decimal decimal_of(std::string_view spelling) {
  Decimal result;
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

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  const auto sign = [](const Decimal& number) {
    return number.digits.empty() ? 0 : number.negative ? -1 : 1;
  };
  if (sign(a) != sign(b)) return sign(a) <=> sign(b);
  const auto size = a.exponent != b.exponent ? a.exponent <=> b.exponent : a.digits <=> b.digits;
  return a.negative ? 0 <=> size : size;
}

}  // namespace mq
