// Validity of UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. MQTT's further
// rule, no U+0000, belongs to wire/strings.
#pragma once

#include <cstddef>
#include <string_view>

namespace mq {

// Length in bytes of the one character that `text` begins with: 1 to 4, or 0 when it begins with none.
std::size_t utf8_sequence(std::string_view text);

// Length of the longest valid prefix: equal to text.size() exactly when all of it is valid.
std::size_t utf8_valid_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) { return utf8_valid_prefix(text) == text.size(); }

}  // namespace mq
