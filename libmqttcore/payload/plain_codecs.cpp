#include "payload/plain_codecs.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace mq {
namespace {

std::unexpected<Error> unreadable(std::string text, std::string hint = {}) {
  return fail(ErrorKind::payload, std::move(text), 0, std::move(hint));
}

// Text as it is shown: no quotes, but nothing that a terminal would obey.
void put_text(std::string_view text, Ink& ink) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t byte = octet(text[i]);
    const bool c1 = byte == 0xC2 && i + 1 < text.size() && octet(text[i + 1]) < 0xA0;
    if (c1) {
      ink.put(Part::note, fmt::format("\\u{:04x}", octet(text[++i])));
    } else if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F) {
      ink.put(Part::note, fmt::format("\\x{:02x}", byte));
    } else {
      ink.out() += text[i];
    }
  }
}

class TextCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override {
    if (const std::size_t valid = utf8_valid_prefix(data); valid < data.size())
      return unreadable(fmt::format("this is not text: byte {} is not UTF-8", valid));
    return Value::of_text(std::string(data));
  }
  Result<void> write_notation(Bytes data, const PayloadContext&, const Value&, Ink& ink) override {
    put_text(data, ink);
    return {};
  }
  Result<void> encode(std::string_view text, Buffer& out) override {
    if (!is_utf8(text))
      return unreadable("this is not text: it is not UTF-8", "publish bytes with --format raw");
    out += text;
    return {};
  }
};

class HexCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override { return Value::of_text(to_hex(data)); }
  Result<void> write_notation(Bytes, const PayloadContext&, const Value& value, Ink& ink) override {
    ink.put(Part::number, value.text);
    return {};
  }
  Result<void> encode(std::string_view text, Buffer& out) override {
    const auto bytes = from_hex(text);
    if (!bytes)
      return unreadable("this is not hexadecimal", "pairs of the digits 0-9 and a-f, with or without blanks");
    out += *bytes;
    return {};
  }
};

class Base64Codec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override { return Value::of_text(to_base64(data)); }
  Result<void> write_notation(Bytes, const PayloadContext&, const Value& value, Ink& ink) override {
    ink.put(Part::number, value.text);
    return {};
  }
  Result<void> encode(std::string_view text, Buffer& out) override {
    const auto bytes = from_base64(text);
    if (!bytes) return unreadable("this is not base64", "RFC 4648, section 4, with its padding");
    out += *bytes;
    return {};
  }
};

// Sixteen bytes a line: offset, bytes, and the characters that they are in ASCII.
constexpr std::size_t dump_width = 16;

void put_dump_line(std::size_t offset, Bytes line, Ink& ink) {
  ink.put(Part::note, fmt::format("{:08x}", offset));
  std::string digits;
  for (std::size_t i = 0; i < dump_width; ++i) {
    if (i % 8 == 0) digits += ' ';
    digits += i < line.size() ? fmt::format(" {:02x}", octet(line[i])) : std::string("   ");
  }
  ink.put(Part::number, digits);
  std::string shown(line);
  std::replace_if(shown.begin(), shown.end(), [](char c) { return octet(c) < 0x20 || octet(c) > 0x7E; }, '.');
  ink.put(Part::text, "  |" + shown + "|");
}

// An offset of eight digits, then the bytes, then what stands between bars; the last line may be an offset
// alone.
Result<void> read_dump_line(std::string_view line, Buffer& out) {
  constexpr std::size_t offset_digits = 8;
  line = line.substr(0, line.find('|'));
  const auto offset = from_hex(line.substr(0, offset_digits));
  const auto bytes = from_hex(line.substr(std::min(line.size(), offset_digits)));
  if (!line.empty() && (!offset || offset->size() != offset_digits / 2 || !bytes))
    return unreadable("this is not a dump as hexdump -C writes it",
                      "each line has an offset of 8 digits, then the bytes");
  if (!line.empty()) out += *bytes;
  return {};
}

class HexdumpCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext& context) override {
    Buffer dump;
    Ink ink(dump, {.lines = true});
    (void)write_notation(data, context, {}, ink);
    return Value::of_text(std::move(dump));
  }
  Result<void> write_notation(Bytes data, const PayloadContext&, const Value&, Ink& ink) override {
    for (std::size_t at = 0; at < data.size(); at += dump_width) {
      if (at > 0) ink.out() += '\n';
      put_dump_line(at, data.substr(at, dump_width), ink);
    }
    return {};
  }
  Result<void> encode(std::string_view text, Buffer& out) override {
    while (!text.empty()) {
      const std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (auto read = read_dump_line(line, out); !read) return read;
    }
    return {};
  }
};

}  // namespace

MadeCodec make_text_codec(const CodecOptions&) { return std::make_unique<TextCodec>(); }
MadeCodec make_hex_codec(const CodecOptions&) { return std::make_unique<HexCodec>(); }
MadeCodec make_hexdump_codec(const CodecOptions&) { return std::make_unique<HexdumpCodec>(); }
MadeCodec make_base64_codec(const CodecOptions&) { return std::make_unique<Base64Codec>(); }

}  // namespace mq
