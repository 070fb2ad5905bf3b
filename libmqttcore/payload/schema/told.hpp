// The short texts of violations: what was found, and how much of something.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "payload/value.hpp"

namespace mq {

std::string found_text(const Value& value);  // "text 'abc'", "61", "an array of 3 elements"
std::string counted(std::size_t count, std::string_view thing);  // "1 element", "2 elements"
std::string type_text(std::uint8_t types);                       // of TypeBits: "integer or null"

}  // namespace mq
