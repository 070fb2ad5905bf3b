// Equality of values as JSON Schema means it: numbers by what they are worth, members in any order, the last
// of those with the same name, bytes as the base64 text that they are in JSON.
#pragma once

#include <cstddef>
#include <string>

#include "payload/value.hpp"

namespace mq {

// What a value is in JSON, where there are no bytes, no NaN and no infinities.
Value::Kind kind_in_json(const Value& value);

// Appends a text that two values have in common exactly when they are equal. Gives up, false, when `out` is
// about to grow beyond `most`.
bool append_canonical(const Value& value, std::size_t most, std::string& out);

}  // namespace mq
