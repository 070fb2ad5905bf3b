// Small text duties that every layer shares: numbers from text, hexadecimal, base64, percent-encoding, and
// text made safe to show. Nothing here knows MQTT.
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "base/bytes.hpp"

namespace mq {

// The whole of `text` as a number in T's range; no sign for unsigned T, no spaces, no leading '+'.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
  return value;
}

std::string to_hex(Bytes bytes, bool upper = false);
// Pairs of hexadecimal digits; white space between pairs is passed over. nullopt on anything else.
std::optional<Buffer> from_hex(std::string_view text);

// RFC 4648 section 4, with padding.
std::string to_base64(Bytes bytes);
std::optional<Buffer> from_base64(std::string_view text);

// %XX as the byte it stands for (RFC 3986, 2.1), all else as it is. nullopt when a '%' has no two digits.
std::optional<std::string> percent_decoded(std::string_view text);

// `text` in single quotes, fit for a terminal and a log line: control characters and invalid UTF-8 as \xNN,
// quote and backslash behind a backslash; what is longer than `limit` bytes is cut before a character and
// "..." follows the quote.
std::string quoted(std::string_view text, std::size_t limit = 80);

}  // namespace mq
