// What stands in the octets of an MQTT string (5.0: 1.5.4), found in one pass: the rules for strings, topic
// names and topic filters are all asked of these marks. Internal to wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mq {

constexpr std::size_t max_string_bytes = 65'535;

enum StringMark : std::uint8_t {
  mark_null = 1,      // U+0000
  mark_wildcard = 2,  // '+' or '#'
  mark_invalid = 4,   // not UTF-8
};

// Any number of StringMark, or 0.
std::uint8_t marks_of(std::string_view text);

// Whether all octets are from ',' to DEL, as those of nearly every topic name are: then it has no marks. A
// few instructions for eight octets.
inline bool is_plain(std::string_view text) {
  constexpr std::uint64_t each = 0x0101010101010101U;
  std::uint64_t outside = 0;  // its high bits
  const auto look_at = [&](const char* eight) {
    std::uint64_t word;
    std::memcpy(&word, eight, sizeof word);
    outside |= word | (word - each * ',');
  };
  if (text.size() < 8) return false;
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) look_at(text.data() + at);
  look_at(text.data() + text.size() - 8);
  return (outside & (each * 0x80U)) == 0;
}

// Why `text` may not stand in any string field, as "is not valid UTF-8"; empty when it may.
// [MQTT-1.5.4-1] [MQTT-1.5.4-2]
std::string_view string_fault(std::string_view text);

}  // namespace mq
