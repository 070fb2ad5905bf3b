// Values out of JSON as the numbers and bytes that a wire format wants: exact, or not at all.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "payload/value.hpp"

namespace mq {

// A number, or a text that is one, without a fraction: "5", "5.0" and "5e3" alike.
std::optional<std::int64_t> whole_number(const Value& value);
std::optional<std::uint64_t> whole_unsigned(const Value& value);
// Also the texts NaN, Infinity and -Infinity; not what is out of a double's range.
std::optional<double> real_number(const Value& value);
// The same in a float's range, rounded once.
std::optional<float> real_float(const Value& value);
// Bytes, or a text that is base64, with '-' and '_' for '+' and '/' and without padding too.
std::optional<Buffer> bytes_of(const Value& value);

// A text, or bytes when it is no UTF-8.
Value utf8_value(Bytes bytes);

}  // namespace mq
