#include "base/text.hpp"

#include <array>
#include <cstdint>

#include "base/utf8.hpp"

namespace mq {
namespace {

constexpr std::string_view lower_digits = "0123456789abcdef";
constexpr std::string_view upper_digits = "0123456789ABCDEF";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> base64_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < base64_digits.size(); ++i) {
    values[static_cast<std::uint8_t>(base64_digits[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint8_t hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return no_digit;
}

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// C0, DEL and, as UTF-8 writes them, C1.
bool is_control(std::string_view character) {
  const std::uint8_t first = octet(character[0]);
  return first < 0x20 || first == 0x7F || (first == 0xC2 && octet(character[1]) < 0xA0);
}

void append_escaped(Bytes bytes, std::string& out) {
  for (const char c : bytes) {
    out += "\\x";
    out += lower_digits[octet(c) >> 4U];
    out += lower_digits[octet(c) & 0xFU];
  }
}

}  // namespace

std::string to_hex(Bytes bytes, bool upper) {
  const std::string_view digits = upper ? upper_digits : lower_digits;
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += digits[octet(c) >> 4U];
    out += digits[octet(c) & 0xFU];
  }
  return out;
}

std::optional<Buffer> from_hex(std::string_view text) {
  Buffer out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size();) {
    if (is_space(text[i])) {
      ++i;
      continue;
    }
    if (i + 1 == text.size()) return std::nullopt;
    const std::uint8_t high = hex_value(text[i]);
    const std::uint8_t low = hex_value(text[i + 1]);
    if (high == no_digit || low == no_digit) return std::nullopt;
    out += static_cast<char>(high << 4U | low);
    i += 2;
  }
  return out;
}

std::string to_base64(Bytes bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t present = bytes.size() - i < 3 ? bytes.size() - i : 3;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) group = group << 8U | (k < present ? octet(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= present ? base64_digits[group >> (18 - 6 * k) & 0x3FU] : '=';
    }
  }
  return out;
}

std::optional<Buffer> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  Buffer out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;  // number of bits not yet written
  for (const char c : text) {
    const std::uint8_t value = base64_values[octet(c)];
    if (value == no_digit) return std::nullopt;
    bits = bits << 6U | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xFFU);
    }
  }
  // The bits that no byte takes must be zero: one text for one value (RFC 4648, 3.5).
  if ((bits & ((1U << held) - 1U)) != 0) return std::nullopt;
  return out;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto byte = from_hex(text.substr(i + 1, 2));
    if (!byte || byte->size() != 1) return std::nullopt;
    decoded += *byte;
    i += 2;
  }
  return decoded;
}

std::string quoted(std::string_view text, std::size_t limit) {
  std::string out = "'";
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = utf8_sequence(text.substr(at));
    const std::string_view character = text.substr(at, length == 0 ? 1 : length);
    if (at + character.size() > limit) break;
    at += character.size();
    if (length == 0 || is_control(character)) {
      append_escaped(character, out);
    } else {
      if (character == "'" || character == "\\") out += '\\';
      out += character;
    }
  }
  out += '\'';
  if (at < text.size()) out += "...";
  return out;
}

}  // namespace mq
