#include "payload/plain_codecs.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace mq {
namespace {

std::string shown(MadeCodec (*make)(const CodecOptions&), Bytes data, Layout layout = {}) {
  const MadeCodec codec = make({});
  const auto value = (*codec)->decode(data, {});
  if (!value) return "error: " + value.error().text;
  Buffer out;
  Ink ink(out, layout);
  CHECK((*codec)->write_notation(data, {}, *value, ink));
  return out;
}

std::string written(MadeCodec (*make)(const CodecOptions&), std::string_view text) {
  const MadeCodec codec = make({});
  Buffer out;
  const auto done = (*codec)->encode(text, out);
  return done ? out : "error: " + done.error().text;
}

TEST_CASE("text is shown without what a terminal would obey") {
  CHECK(shown(make_text_codec, "plain\n\ttext \u00E9 \U0001F600") == "plain\n\ttext \u00E9 \U0001F600");
  CHECK(shown(make_text_codec, "a\x1b[31m\r\x7F\u009B") == "a\\x1b[31m\\x0d\\x7f\\u009b");
  CHECK(shown(make_text_codec, "a\x01", {.colour = true}) == "a\x1b[2m\\x01\x1b[0m");
  CHECK(shown(make_text_codec, "ab\xFF") == "error: this is not text: byte 2 is not UTF-8");
  CHECK(written(make_text_codec, "x\xFF").starts_with("error: this is not text"));
}

TEST_CASE("a dump is that of hexdump -C") {
  CHECK(shown(make_hexdump_codec, "").empty());
  CHECK(shown(make_hexdump_codec, "0123456789abcdef\x01~") ==
        "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
        "00000010  01 7e                                             |.~|");
  CHECK(written(make_hexdump_codec, "00000000  30 31\n00000002\n") == "01");
  for (const char* wrong : {"0000", "0000000", "00000000  3", "zzzzzzzz  30", "00000000 30 3g |0|"})
    CHECK(written(make_hexdump_codec, wrong) == "error: this is not a dump as hexdump -C writes it");
}

TEST_CASE("bytes come back from what was shown") {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 70; ++size) {
    Buffer bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    for (auto* make : {make_hex_codec, make_hexdump_codec, make_base64_codec})
      CHECK(written(make, shown(make, bytes)) == bytes);
  }
  CHECK(written(make_hex_codec, "0g") == "error: this is not hexadecimal");
  CHECK(written(make_base64_codec, "a") == "error: this is not base64");
}

}  // namespace
}  // namespace mq
