#include "payload/protobuf/text_format.hpp"

#include <fmt/core.h>

#include <cmath>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace mq {
namespace {

// As many digits as are needed to read the same number again, never more than `most`.
template <class Float>
std::string spelling_of(Float number, int fewest, int most) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::string spelling = fmt::format("{:.{}g}", number, fewest);
  if (parse_number<Float>(spelling) != number) spelling = fmt::format("{:.{}g}", number, most);
  return spelling;
}

void append_octal(std::uint8_t byte, Buffer& out) { out += fmt::format("\\{:03o}", byte); }

void append_escaped(char c, Buffer& out) {
  constexpr std::string_view plain = "\n\r\t\"'\\";
  constexpr std::string_view letters = "nrt\"'\\";
  if (const std::size_t at = plain.find(c); at != std::string_view::npos) {
    out += '\\';
    out += letters[at];
  } else if (octet(c) < 0x20 || octet(c) == 0x7F) {
    append_octal(octet(c), out);
  } else {
    out += c;
  }
}

}  // namespace

void TextFormat::next_place() {
  if (!first_ || depth_ > 0) {
    if (ink_.lines()) {
      ink_.new_line(depth_);
    } else {
      ink_.out() += ' ';
    }
  }
  first_ = false;
}

void TextFormat::name(std::string_view name) {
  next_place();
  ink_.put(Part::name, name);
}

void TextFormat::scalar(Part part, std::string_view text) {
  ink_.put(Part::punctuation, ": ");
  ink_.put(part, text);
}

void TextFormat::number(double number) { scalar(Part::number, spelling_of(number, 15, 17)); }
void TextFormat::number(float number) { scalar(Part::number, spelling_of(number, 6, 9)); }

void TextFormat::literal(Bytes bytes) {
  ink_.put(Part::punctuation, ": ");
  ink_.open(Part::text);
  Buffer& out = ink_.out();
  out += '"';
  while (!bytes.empty()) {
    const std::size_t size = utf8_sequence(bytes);
    const bool c1 = size == 2 && octet(bytes[0]) == 0xC2 && octet(bytes[1]) < 0xA0;
    if (size == 1) {
      append_escaped(bytes.front(), out);
    } else if (size == 0 || c1) {
      append_octal(octet(bytes.front()), out);
    } else {
      out += bytes.substr(0, size);
    }
    bytes.remove_prefix(c1 || size == 0 ? 1 : size);
  }
  out += '"';
  ink_.close(Part::text);
}

void TextFormat::open() {
  ink_.put(Part::punctuation, " {");
  ++depth_;
}

void TextFormat::close() {
  --depth_;
  next_place();
  ink_.put(Part::punctuation, "}");
}

void TextFormat::note(std::string_view text) {
  if (!ink_.lines()) return;
  ink_.put(Part::note, fmt::format("  # {}", text));
}

}  // namespace mq
