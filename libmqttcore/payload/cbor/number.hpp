// CBOR's numbers as decimal text and back: big integers (RFC 8949, 3.4.3), floats in the spelling of its
// appendix A, half floats, and the exact value of decimal fractions and bigfloats (3.4.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace mq::cbor {

// Longer ones are not made decimal, because that takes the square of their length, and a payload may hold
// many.
inline constexpr std::size_t longest_big_integer = 256;

// The decimal digits of n, or those of -1 - n; `n` is big-endian and no longer than longest_big_integer.
std::string decimal(Bytes n, bool negative);
std::string decimal(std::uint64_t n, bool negative);

// The n of the integer `digits` ("-12" has n = 11), big-endian without leading zeros; nullopt when it is
// longer than longest_big_integer.
std::optional<Buffer> big_integer(std::string_view digits);

// "1.0", "5.960464477539063e-8", "1.0e+300", "NaN".
std::string float_notation(double number);

// The shortest spelling that a half float reads back from.
std::string half_spelling(double number);

// The bits of `number` as a half float, when it is one exactly; NaN is 0x7E00.
std::optional<std::uint16_t> exact_half(double number);

// mantissa * base^exponent for base 2 or 10, both integers in decimal; nullopt when the result is not small.
std::optional<std::string> scaled(std::string_view mantissa, std::string_view exponent, int base);

}  // namespace mq::cbor
