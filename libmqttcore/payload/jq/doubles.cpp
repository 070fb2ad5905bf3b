#include "payload/jq/doubles.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "payload/decimal.hpp"

namespace mq {
namespace {

// Below this many characters without an exponent there are no more digits than a double keeps.
constexpr std::size_t surely_exact = 15;

}  // namespace

Nearest nearest_double(std::string_view spelling) {
  Nearest result;
  const auto [end, error] =
      std::from_chars(spelling.data(), spelling.data() + spelling.size(), result.number);
  if (error == std::errc::result_out_of_range) {
    const bool tiny = decimal_of(spelling).exponent < 0;
    const double largest = std::numeric_limits<double>::max();
    result.number = tiny ? 0 : spelling.starts_with('-') ? -largest : largest;
    result.exact = false;
    return result;
  }
  if (spelling.size() <= surely_exact && spelling.find_first_of("eE") == std::string_view::npos)
    return result;
  result.exact = decimal_of(spelling_of(result.number)) == decimal_of(spelling);
  return result;
}

std::string spelling_of(double number) {
  std::array<char, 32> digits{};
  const auto format = number == std::floor(number) && std::abs(number) < 1e17 ? std::chars_format::fixed
                                                                              : std::chars_format::general;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, format).ptr;
  return {digits.data(), end};
}

}  // namespace mq
