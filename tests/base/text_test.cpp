#include "base/text.hpp"

#include <doctest/doctest.h>

#include <cstdint>

#include "base/utf8.hpp"

namespace mq {
namespace {

using namespace std::string_view_literals;

TEST_CASE("numbers: the whole text or nothing") {
  CHECK_EQ(parse_number<std::uint16_t>("65535"), std::uint16_t{65535});
  CHECK_EQ(parse_number<int>("-7"), -7);
  for (const std::string_view text : {"", " 1", "1 ", "+1", "-1", "65536", "1.0", "0x1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number<std::uint16_t>(text));
  }
}

TEST_CASE("hexadecimal: both ways") {
  CHECK_EQ(to_hex("\x00\x9f\xff"sv), "009fff");
  CHECK_EQ(to_hex("\x9f"sv, true), "9F");
  CHECK_EQ(to_hex(""), "");
  CHECK_EQ(from_hex("00 9F\nff\t"), Buffer("\x00\x9f\xff"sv));
  CHECK_EQ(from_hex(""), Buffer());
  for (const std::string_view text : {"0", "0g", "00 1", "0 0", "0x00"}) {
    CAPTURE(text);
    CHECK_FALSE(from_hex(text));
  }
}

TEST_CASE("base64: the examples of RFC 4648, both ways") {
  struct Example {
    std::string_view plain, encoded;
  };
  constexpr Example examples[] = {{"", ""},
                                  {"f", "Zg=="},
                                  {"fo", "Zm8="},
                                  {"foo", "Zm9v"},
                                  {"foob", "Zm9vYg=="},
                                  {"fooba", "Zm9vYmE="},
                                  {"foobar", "Zm9vYmFy"},
                                  {"\xfb\xff\xfe", "+//+"}};
  for (const Example& example : examples) {
    CAPTURE(example.encoded);
    CHECK_EQ(to_base64(example.plain), example.encoded);
    CHECK_EQ(from_base64(example.encoded), Buffer(example.plain));
  }
  for (const std::string_view text :
       {"Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zm 9", "Zg==Zg==", "-_-_"}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

TEST_CASE("percent-encoding: decoded, or said to be none") {
  CHECK_EQ(percent_decoded(""), "");
  CHECK_EQ(percent_decoded("a+b c"), "a+b c");
  CHECK_EQ(percent_decoded("%61%2fb%2F%25"), "a/b/%");
  CHECK_EQ(percent_decoded("%00x"), std::string("\0x", 2));
  for (const std::string_view text : {"%", "%4", "a%", "%g0", "%0g", "% 4", "%4 1", "%%41"}) {
    CAPTURE(text);
    CHECK_FALSE(percent_decoded(text));
  }
}

TEST_CASE("quoted text: nothing in it reaches a terminal as a command") {
  CHECK_EQ(quoted("plain"), "'plain'");
  CHECK_EQ(quoted("größe 温度"), "'größe 温度'");
  CHECK_EQ(quoted("a\x1b[31m\n\x7f"), "'a\\x1b[31m\\x0a\\x7f'");
  CHECK_EQ(quoted("\xc2\x9b"), "'\\xc2\\x9b'");  // CSI as one character of C1
  CHECK_EQ(quoted("\xc2\xa0"), "'\xc2\xa0'");
  CHECK_EQ(quoted("it's a \\"), "'it\\'s a \\\\'");
  CHECK_EQ(quoted("\xed\xa0\x80 \xff"), "'\\xed\\xa0\\x80 \\xff'");
  CHECK_EQ(quoted("\0"sv), "'\\x00'");
}

TEST_CASE("quoted text: cut at a character, and said to be cut") {
  CHECK_EQ(quoted("abcdef", 6), "'abcdef'");
  CHECK_EQ(quoted("abcdefg", 6), "'abcdef'...");
  CHECK_EQ(quoted("ab温度", 6), "'ab温'...");
  CHECK_EQ(quoted("ab温度", 5), "'ab温'...");
  CHECK_EQ(quoted("ab温度", 4), "'ab'...");
  CHECK_EQ(quoted("ab\xff温", 4), "'ab\\xff'...");
  CHECK_EQ(quoted("abc\xff", 3), "'abc'...");
}

TEST_CASE("UTF-8: every code point, and none of what is not one") {
  const auto encode = [](std::uint32_t point) {
    std::string text;
    const auto add = [&](std::uint32_t bits) { text += static_cast<char>(bits); };
    if (point < 0x80) {
      add(point);
    } else if (point < 0x800) {
      add(0xC0 | point >> 6);
      add(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
      add(0xE0 | point >> 12);
      add(0x80 | (point >> 6 & 0x3F));
      add(0x80 | (point & 0x3F));
    } else {
      add(0xF0 | point >> 18);
      add(0x80 | (point >> 12 & 0x3F));
      add(0x80 | (point >> 6 & 0x3F));
      add(0x80 | (point & 0x3F));
    }
    return text;
  };
  for (std::uint32_t point = 0; point < 0x1FFFFF; point = point < 0x20000 ? point + 1 : point + 61) {
    const bool valid = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    if (is_utf8(encode(point)) != valid) FAIL_CHECK(point);
  }
  CHECK(is_utf8(encode(0x10FFFF)));
  CHECK_FALSE(is_utf8(encode(0x110000)));
}

TEST_CASE("UTF-8: overlong, torn and stray octets end the valid prefix") {
  struct Example {
    std::string_view text;
    std::size_t prefix;
  };
  constexpr Example examples[] = {
      {"", 0},
      {"abcdefghijklmnopqrstuvwxyz", 26},
      {"abcdefgh\xff", 8},
      {"abcdefg\xffhijklmnop", 7},
      {"\xc0\x80", 0},
      {"\xc1\xbf", 0},
      {"\xe0\x9f\xbf", 0},
      {"\xf0\x8f\xbf\xbf", 0},
      {"\xf4\x90\x80\x80", 0},
      {"\xf5\x80\x80\x80", 0},
      {"\xed\xa0\x80", 0},
      {"\xed\x9f\xbf", 3},
      {"a\x80", 1},
      {"ab\xe6\xb8", 2},
      {"ab\xe6\xb8\x41", 2},
      {"\xc3\x28", 0},
      {"größe\xfe", 7},
  };
  for (const Example& example : examples) {
    CAPTURE(example.text);
    CHECK_EQ(utf8_valid_prefix(example.text), example.prefix);
    CHECK_EQ(is_utf8(example.text), example.prefix == example.text.size());
  }
}

}  // namespace
}  // namespace mq
