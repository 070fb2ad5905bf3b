#include "payload/cbor/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/text.hpp"
#include "payload/value.hpp"

namespace mq::cbor {
namespace {

constexpr std::uint32_t billion = 1'000'000'000;
constexpr std::size_t billion_digits = 9;
// 2^(8 * longest_big_integer) has 617.
constexpr std::size_t most_digits = 617;

using Limbs = std::vector<std::uint32_t>;  // the lowest first

Limbs limbs_of(Bytes n) {
  Limbs limbs((n.size() + 3) / 4);
  for (std::size_t i = 0; i < n.size(); ++i) {
    const std::size_t place = n.size() - 1 - i;
    limbs[place / 4] |= std::uint32_t{octet(n[i])} << (8 * (place % 4));
  }
  return limbs;
}

// limbs * factor + add
void multiply(Limbs& limbs, std::uint32_t factor, std::uint32_t add) {
  std::uint64_t carry = add;
  for (std::uint32_t& limb : limbs) {
    carry += std::uint64_t{limb} * factor;
    limb = static_cast<std::uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) limbs.push_back(static_cast<std::uint32_t>(carry));
}

std::uint32_t divide(Limbs& limbs, std::uint32_t divisor) {
  std::uint64_t rest = 0;
  for (std::size_t i = limbs.size(); i-- > 0;) {
    rest = (rest << 32) | limbs[i];
    limbs[i] = static_cast<std::uint32_t>(rest / divisor);
    rest %= divisor;
  }
  while (!limbs.empty() && limbs.back() == 0) limbs.pop_back();
  return static_cast<std::uint32_t>(rest);
}

// Digits and exponent of "d.ddde-NN", the shortest that reads back as `number`, which is positive and finite.
struct Decimal {
  std::string digits;
  int exponent = 0;  // of the first digit
};

Decimal shortest(double number) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::scientific).ptr;
  const std::string_view spelling(text.data(), end);
  const std::size_t e = spelling.find('e');
  Decimal result{std::string(spelling.substr(0, e))};
  std::erase(result.digits, '.');
  std::string_view exponent = spelling.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  result.exponent = parse_number<int>(exponent).value_or(0);
  return result;
}

std::string word_for(double number) {
  if (std::isnan(number)) return "NaN";
  return number < 0 ? "-Infinity" : "Infinity";
}

constexpr std::uint16_t half_infinity = 0x7C00;

// The value of a half float's bits without its sign. Those of infinity stand for what would be the next
// number.
double half_value(std::uint16_t bits) {
  const int exponent = bits >> 10;
  const int mantissa = bits & 0x3FF;
  if (exponent == 0) return std::ldexp(mantissa, -24);
  return std::ldexp(mantissa + 0x400, exponent - 25);
}

// `digits` with a decimal point before the last `places`.
std::string with_point(std::string digits, std::size_t places) {
  if (places == 0) return digits;
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  digits.insert(digits.size() - places, 1, '.');
  return digits;
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string decimal(Bytes n, bool negative) {
  Limbs limbs = limbs_of(n);
  if (negative) multiply(limbs, 1, 1);
  std::vector<std::uint32_t> groups;
  do {
    groups.push_back(divide(limbs, billion));
  } while (!limbs.empty());
  std::string digits = fmt::format("{}{}", negative ? "-" : "", groups.back());
  for (std::size_t i = groups.size() - 1; i-- > 0;)
    fmt::format_to(std::back_inserter(digits), "{:09}", groups[i]);
  return digits;
}

std::string decimal(std::uint64_t n, bool negative) {
  if (!negative) return fmt::format_int(n).str();
  if (n == UINT64_MAX) return "-18446744073709551616";
  return "-" + fmt::format_int(n + 1).str();
}

std::optional<Buffer> big_integer(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return Buffer();  // -0 is 0
  if (digits.size() > most_digits) return std::nullopt;

  Limbs limbs;
  while (!digits.empty()) {
    const std::size_t count = (digits.size() - 1) % billion_digits + 1;
    std::uint32_t factor = 1;
    for (std::size_t i = 0; i < count; ++i) factor *= 10;
    multiply(limbs, factor, parse_number<std::uint32_t>(digits.substr(0, count)).value_or(0));
    digits.remove_prefix(count);
  }
  if (negative) {
    for (std::uint32_t& limb : limbs)
      if (limb-- != 0) break;
  }

  Buffer bytes;
  for (std::size_t i = limbs.size(); i-- > 0;)
    for (unsigned shift = 32; shift > 0;) {
      const auto byte = static_cast<char>(limbs[i] >> (shift -= 8));
      if (byte != 0 || !bytes.empty()) bytes += byte;
    }
  if (bytes.size() > longest_big_integer) return std::nullopt;
  return bytes;
}

std::string float_notation(double number) {
  if (!std::isfinite(number)) return word_for(number);
  const std::string sign = std::signbit(number) ? "-" : "";
  if (number == 0) return sign + "0.0";
  // Where appendix A changes to an exponent: as ECMAScript does (Number::toString), but with ".0".
  constexpr int least_plain = -6;
  constexpr int most_plain = 20;
  const Decimal parts = shortest(std::abs(number));
  const int places = static_cast<int>(parts.digits.size()) - 1 - parts.exponent;
  if (parts.exponent < least_plain || parts.exponent > most_plain) {
    const std::string tail = parts.digits.size() > 1 ? parts.digits.substr(1) : "0";
    return fmt::format("{}{}.{}e{:+}", sign, parts.digits[0], tail, parts.exponent);
  }
  if (places <= 0) return sign + parts.digits + std::string(static_cast<std::size_t>(-places), '0') + ".0";
  return sign + with_point(parts.digits, static_cast<std::size_t>(places));
}

std::string half_spelling(double number) {
  // Whole numbers are left exact.
  if (!std::isfinite(number) || number == std::trunc(number)) return Value::number(number).text;
  const std::uint16_t bits = *exact_half(std::abs(number));
  // Anything nearer than half the way to the next number below reads back as this one; the way up is no
  // shorter.
  const double reach = (std::abs(number) - half_value(static_cast<std::uint16_t>(bits - 1))) / 2;
  for (int precision = 0;; ++precision) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number,
                                   std::chars_format::scientific, precision)
                         .ptr;
    double rounded = 0;
    std::from_chars(text.data(), end, rounded);
    if (std::abs(rounded - number) < reach) return Value::number(rounded).text;
  }
}

std::optional<std::uint16_t> exact_half(double number) {
  if (std::isnan(number)) return 0x7E00;
  const std::uint16_t sign = std::signbit(number) ? 0x8000 : 0;
  const double size = std::abs(number);
  if (std::isinf(number)) return static_cast<std::uint16_t>(sign | half_infinity);
  if (size >= half_value(half_infinity)) return std::nullopt;
  // A float's exponent is at least -14; 10 bits follow its first.
  const int exponent = size == 0 ? -14 : std::max(-14, std::ilogb(size));
  const double mantissa = std::ldexp(size, 10 - exponent);
  const auto whole = static_cast<std::uint16_t>(mantissa);
  if (whole != mantissa) return std::nullopt;
  const int biased = whole < 0x400 ? 0 : exponent + 15;
  return static_cast<std::uint16_t>(sign | (biased << 10) | (whole & 0x3FF));
}

std::optional<std::string> scaled(std::string_view mantissa, std::string_view exponent, int base) {
  constexpr std::size_t longest_mantissa = 64;
  constexpr int largest_exponent = 64;
  const auto power = is_integer(exponent) ? parse_number<int>(exponent) : std::nullopt;
  if (!power || !is_integer(mantissa) || mantissa.size() > longest_mantissa) return std::nullopt;
  if (*power < -largest_exponent || *power > largest_exponent) return std::nullopt;

  const bool negative = mantissa.starts_with('-');
  const auto size = static_cast<std::size_t>(std::abs(*power));
  std::string digits;
  if (base == 10) {
    digits = mantissa.substr(negative ? 1 : 0);
    if (*power > 0 && digits != "0") digits.append(size, '0');
  } else {
    // m / 2^k is m * 5^k / 10^k.
    Limbs limbs = limbs_of(*big_integer(mantissa.substr(negative ? 1 : 0)));
    for (std::size_t i = 0; i < size; ++i) multiply(limbs, *power < 0 ? 5 : 2, 0);
    Buffer bytes;
    for (std::size_t i = limbs.size(); i-- > 0;)
      for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(limbs[i] >> shift);
    digits = decimal(bytes, false);
  }
  return (negative ? "-" : "") + with_point(digits, *power < 0 ? size : 0);
}

}  // namespace mq::cbor
