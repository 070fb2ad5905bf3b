#include "payload/protobuf/scalars.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/decimal.hpp"

namespace mq {
namespace {

bool may_be_number(const Value& value) {
  return value.kind == Value::Kind::number || value.kind == Value::Kind::text;
}

// 5.0 and 5e3 too, exactly.
template <class Whole>
std::optional<Whole> whole(const Value& value) {
  if (!may_be_number(value)) return std::nullopt;
  if (const auto number = parse_number<Whole>(value.text)) return number;
  const auto real = parse_number<double>(value.text);
  if (!real || !std::isfinite(*real)) return std::nullopt;
  const Decimal decimal = decimal_of(value.text);
  constexpr std::int64_t most_digits = 20;
  if (decimal.digits.empty()) return Whole{0};
  if (!decimal.whole() || decimal.exponent > most_digits) return std::nullopt;
  std::string digits = (decimal.negative ? "-" : "") + decimal.digits;
  digits.append(static_cast<std::size_t>(decimal.exponent) - decimal.digits.size(), '0');
  return parse_number<Whole>(digits);
}

}  // namespace

std::optional<std::int64_t> whole_number(const Value& value) { return whole<std::int64_t>(value); }
std::optional<std::uint64_t> whole_unsigned(const Value& value) { return whole<std::uint64_t>(value); }

std::optional<double> real_number(const Value& value) {
  if (!may_be_number(value)) return std::nullopt;
  if (value.text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (value.text == "Infinity") return std::numeric_limits<double>::infinity();
  if (value.text == "-Infinity") return -std::numeric_limits<double>::infinity();
  const auto number = parse_number<double>(value.text);
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return number;
}

std::optional<float> real_float(const Value& value) {
  const auto number = real_number(value);
  if (!number) return std::nullopt;
  if (const auto exact = parse_number<float>(value.text)) return exact;
  // What is too small for a float is next to nothing; what is too large has no float.
  if (std::isfinite(*number) && std::abs(*number) > double{std::numeric_limits<float>::max()})
    return std::nullopt;
  return static_cast<float>(*number);
}

std::optional<Buffer> bytes_of(const Value& value) {
  if (value.kind == Value::Kind::bytes) return value.text;
  if (value.kind != Value::Kind::text) return std::nullopt;
  std::string text = value.text;
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return from_base64(text);
}

Value utf8_value(Bytes bytes) {
  return is_utf8(bytes) ? Value::of_text(Buffer(bytes)) : Value::of_bytes(Buffer(bytes));
}

}  // namespace mq
