#include "wire/strings.hpp"

#include <array>

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

}  // namespace

std::uint8_t marks_of(std::string_view text) {
  if (is_plain(text)) return 0;
  std::uint8_t marks = 0;
  for (const char c : text) marks |= octet_marks[octet(c)];
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
