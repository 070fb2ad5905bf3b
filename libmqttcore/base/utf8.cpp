#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"

namespace mq {
namespace {

// What the first octet of a sequence says of it: its length, and the range of its second octet, which is
// where overlong forms, surrogates and numbers above U+10FFFF show. Length 0: no sequence begins so.
struct Lead {
  std::size_t length;
  std::uint8_t least, most;
};

constexpr Lead lead_of(std::uint8_t first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xC2) return {0, 0, 0};
  if (first < 0xE0) return {2, 0x80, 0xBF};
  if (first == 0xE0) return {3, 0xA0, 0xBF};
  if (first == 0xED) return {3, 0x80, 0x9F};
  if (first < 0xF0) return {3, 0x80, 0xBF};
  if (first == 0xF0) return {4, 0x90, 0xBF};
  if (first < 0xF4) return {4, 0x80, 0xBF};
  if (first == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

bool is_ascii(const char* eight) {
  std::uint64_t word;
  std::memcpy(&word, eight, sizeof word);
  return (word & 0x8080808080808080U) == 0;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  if (text.empty()) return 0;
  const Lead lead = lead_of(octet(text[0]));
  if (lead.length <= 1) return lead.length;
  if (lead.length > text.size() || octet(text[1]) < lead.least || octet(text[1]) > lead.most) return 0;
  for (std::size_t i = 2; i < lead.length; ++i) {
    if ((octet(text[i]) & 0xC0U) != 0x80U) return 0;
  }
  return lead.length;
}

std::size_t utf8_valid_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= 8 && is_ascii(text.data() + at)) {
      at += 8;
      continue;
    }
    const std::size_t length = utf8_sequence(text.substr(at));
    if (length == 0) return at;
    at += length;
  }
  return at;
}

}  // namespace mq
