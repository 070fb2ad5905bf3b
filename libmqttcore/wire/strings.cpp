#include "wire/strings.hpp"

#include <array>
#include <cstring>

#include "base/bytes.hpp"
#include "base/utf8.hpp"

namespace mq {
namespace {

constexpr std::uint8_t mark_not_ascii = 8;

constexpr std::array<std::uint8_t, 256> octet_marks = [] {
  std::array<std::uint8_t, 256> marks{};
  for (std::size_t i = 0x80; i < marks.size(); ++i) marks[i] = mark_not_ascii;
  marks[0] = mark_null;
  marks['+'] = mark_wildcard;
  marks['#'] = mark_wildcard;
  return marks;
}();

constexpr std::uint64_t each_octet(std::uint8_t value) { return 0x0101010101010101U * value; }

// Non-zero when an octet of `word` is 0.
constexpr std::uint64_t zero_octets(std::uint64_t word) {
  return (word - each_octet(0x01)) & ~word & each_octet(0x80);
}

bool has_marks(const char* eight) {
  std::uint64_t word;
  std::memcpy(&word, eight, sizeof word);
  return ((word & each_octet(0x80)) | zero_octets(word) | zero_octets(word ^ each_octet('+')) |
          zero_octets(word ^ each_octet('#'))) != 0;
}

}  // namespace

std::uint8_t marks_of(std::string_view text) {
  std::uint8_t marks = 0;
  std::size_t at = 0;
  while (text.size() - at >= 8 && !has_marks(text.data() + at)) at += 8;
  for (; at < text.size(); ++at) marks |= octet_marks[octet(text[at])];
  if ((marks & mark_not_ascii) == 0) return marks;
  marks &= static_cast<std::uint8_t>(~mark_not_ascii);
  if (!is_utf8(text)) marks |= mark_invalid;
  return marks;
}

std::string_view string_fault(std::string_view text) {
  const std::uint8_t marks = marks_of(text);
  if ((marks & mark_invalid) != 0) return "is not valid UTF-8";
  if ((marks & mark_null) != 0) return "holds U+0000";
  return {};
}

}  // namespace mq
