#include "payload/protobuf/scalars.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/text.hpp"

namespace mq {
namespace {

bool may_be_number(const Value& value) {
  return value.kind == Value::Kind::number || value.kind == Value::Kind::text;
}

// 5.0 and 5e3, as far as a double counts every whole number.
template <class Whole>
std::optional<Whole> whole(const Value& value) {
  if (!may_be_number(value)) return std::nullopt;
  if (const auto number = parse_number<Whole>(value.text)) return number;
  constexpr double exact = 9007199254740992.0;  // 2^53
  const auto real = parse_number<double>(value.text);
  if (!real || std::trunc(*real) != *real || std::abs(*real) > exact) return std::nullopt;
  if (*real < 0 && !std::numeric_limits<Whole>::is_signed) return std::nullopt;
  return static_cast<Whole>(*real);
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

std::optional<Buffer> bytes_of(const Value& value) {
  if (value.kind == Value::Kind::bytes) return value.text;
  if (value.kind != Value::Kind::text) return std::nullopt;
  std::string text = value.text;
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  while (text.size() % 4 != 0) text += '=';
  return from_base64(text);
}

}  // namespace mq
