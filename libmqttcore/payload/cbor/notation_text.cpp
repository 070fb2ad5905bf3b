#include "payload/cbor/notation_text.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace mq::cbor {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// How many digits `text` begins with.
std::size_t digits_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

void append_utf8(std::uint32_t character, std::string& out) {
  const auto tail = [&out, character](unsigned shift) {
    out += static_cast<char>(0x80U | ((character >> shift) & 0x3FU));
  };
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else if (character < 0x800) {
    out += static_cast<char>(0xC0U | (character >> 6));
    tail(0);
  } else if (character < 0x10000) {
    out += static_cast<char>(0xE0U | (character >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (character >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

bool NotationText::take(std::string_view wanted) {
  if (!next_is(wanted)) return false;
  at_ += wanted.size();
  return true;
}

Result<void> NotationText::skip_blanks() {
  while (!done()) {
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '/') {
      const std::size_t end = text_.find('/', at_ + 1);
      if (end == std::string_view::npos) return wrong("a comment without its second /");
      at_ = end + 1;
    } else {
      break;
    }
  }
  return {};
}

Result<std::string> NotationText::quoted_text(char quote) {
  const std::size_t begin = at_++;
  std::string result;
  while (true) {
    if (done()) return wrong_at(begin, "a string without its closing quote");
    const char c = text_[at_];
    if (c == quote) break;
    if (octet(c) < 0x20) return wrong("a control character in a string");
    if (c == '\\') {
      if (auto fine = escape(result); !fine) return std::unexpected(fine.error());
      continue;
    }
    const std::size_t size = utf8_sequence(text_.substr(at_));
    if (size == 0) return wrong("a byte that is not UTF-8");
    result += text_.substr(at_, size);
    at_ += size;
  }
  ++at_;
  return result;
}

// RFC 8259, 7; and \' for strings in single quotes.
Result<void> NotationText::escape(std::string& out) {
  constexpr std::string_view names = "\"'\\/bfnrt";
  constexpr std::string_view meanings = "\"'\\/\b\f\n\r\t";
  const std::size_t begin = at_++;
  const char name = peek();
  if (done()) return wrong_at(begin, "a string without its closing quote");
  ++at_;
  if (const std::size_t known = names.find(name); known != std::string_view::npos) {
    out += meanings[known];
    return {};
  }
  if (name != 'u') return wrong_at(begin, "an escape that JSON doesn't have");
  auto character = four_digits();
  if (!character) return wrong_at(begin, "\\u without four hexadecimal digits");
  const bool high = *character >= 0xD800 && *character < 0xDC00;
  if (high && take("\\u")) {
    const auto low = four_digits();
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return wrong_at(begin, "half of a surrogate pair");
    character = 0x10000 + ((*character - 0xD800) << 10) + (*low - 0xDC00);
  }
  if (*character >= 0xD800 && *character <= 0xDFFF) return wrong_at(begin, "half of a surrogate pair");
  append_utf8(*character, out);
  return {};
}

std::optional<std::uint32_t> NotationText::four_digits() {
  const auto bytes = from_hex(text_.substr(at_, 4));
  if (!bytes || bytes->size() != 2) return std::nullopt;
  at_ += 4;
  return (std::uint32_t{octet((*bytes)[0])} << 8) | octet((*bytes)[1]);
}

Result<std::string_view> NotationText::rest_of_quoted() {
  const std::size_t begin = at_;
  const std::size_t end = text_.find('\'', begin);
  if (end == std::string_view::npos) return wrong_at(begin - 1, "a string without its closing quote");
  at_ = end + 1;
  return text_.substr(begin, end - begin);
}

std::string_view NotationText::number() {
  const std::string_view rest = text_.substr(at_);
  std::size_t size = rest.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits_of(rest.substr(size));
  if (whole == 0 || (whole > 1 && rest[size] == '0')) return {};
  size += whole;
  if (rest.substr(size).starts_with('.')) {
    const std::size_t fraction = digits_of(rest.substr(size + 1));
    if (fraction == 0) return {};
    size += 1 + fraction;
  }
  if (size < rest.size() && (rest[size] == 'e' || rest[size] == 'E')) {
    std::size_t sign = size + 1;
    if (sign < rest.size() && (rest[sign] == '+' || rest[sign] == '-')) ++sign;
    const std::size_t exponent = digits_of(rest.substr(sign));
    if (exponent == 0) return {};
    size = sign + exponent;
  }
  at_ += size;
  return rest.substr(0, size);
}

std::string_view NotationText::word() {
  const std::size_t begin = at_;
  while (is_letter(peek())) ++at_;
  return text_.substr(begin, at_ - begin);
}

std::unexpected<Error> NotationText::wrong_at(std::size_t at, std::string_view why) {
  return fail(ErrorKind::payload,
              fmt::format("this is not CBOR diagnostic notation: at byte {}: {}", at, why));
}

}  // namespace mq::cbor
