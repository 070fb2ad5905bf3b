// Bytes on their way through the layers: a view that somebody else owns, and a growing buffer that owns.
// Both are character types so that topics, payloads and lines of text need no conversion; nothing here
// assumes a terminating NUL or valid UTF-8. A function keeps no view of what it is given unless it says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mq {

using Bytes = std::string_view;
using Buffer = std::string;

inline std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

}  // namespace mq
