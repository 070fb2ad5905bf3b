#include "payload/json_text.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace mq {
namespace {

// What stands behind the backslash: 0 for bytes that need none, 'u' for \u00XX, 'c' for what may begin a C1
// control.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> escapes{};
  for (std::size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes[0x7F] = 'u';
  escapes[0xC2] = 'c';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}
constexpr std::array<char, 256> escapes = make_escapes();

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// The token of valid JSON that `text` begins with: a string, a number, a word, or one structural character.
Bytes token_at(Bytes text) {
  if (std::string_view("{}[],:").contains(text.front())) return text.substr(0, 1);
  if (text.front() != '"') return text.substr(0, text.find_first_of("{}[],: \n\r\t"));
  std::size_t end = 1;
  while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
  return text.substr(0, end + 1);
}

Bytes without_leading_space(Bytes text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

void append_line_break(std::size_t depth, Buffer& out) {
  out += '\n';
  out.append(2 * depth, ' ');
}

}  // namespace

void append_json_string(Bytes text, Buffer& out) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char escape = escapes[octet(text[i])];
    if (escape == 0) continue;
    const std::size_t begin = i;
    if (escape == 'c') {
      // In UTF-8 it is never the last byte, and what follows is the control character's own number.
      if (i + 1 == text.size() || octet(text[i + 1]) >= 0xA0) continue;
      ++i;
      escape = 'u';
    }
    out.append(text, plain, begin - plain);
    plain = i + 1;
    out += '\\';
    out += escape;
    if (escape != 'u') continue;
    out += "00";
    out += digits[octet(text[i]) >> 4];
    out += digits[octet(text[i]) & 0xF];
  }
  out.append(text, plain);
  out += '"';
}

void append_compact(Bytes json, Buffer& out) {
  for (json = without_leading_space(json); !json.empty(); json = without_leading_space(json)) {
    const Bytes token = token_at(json);
    out += token;
    json.remove_prefix(token.size());
  }
}

void append_indented(Bytes json, Buffer& out) {
  std::size_t depth = 0;
  for (json = without_leading_space(json); !json.empty(); json = without_leading_space(json)) {
    const Bytes token = token_at(json);
    json = without_leading_space(json.substr(token.size()));
    const char kind = token.front();
    if (kind == '{' || kind == '[') {
      out += token;
      if (json.front() == '}' || json.front() == ']') {
        out += json.front();
        json.remove_prefix(1);
      } else {
        append_line_break(++depth, out);
      }
    } else if (kind == '}' || kind == ']') {
      append_line_break(--depth, out);
      out += token;
    } else {
      out += token;
      if (kind == ',') append_line_break(depth, out);
      if (kind == ':') out += ' ';
    }
  }
}

}  // namespace mq
