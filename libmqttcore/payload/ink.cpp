#include "payload/ink.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

#include "payload/json_text.hpp"

namespace mq {
namespace {

constexpr std::string_view plain = "\x1b[0m";

// In the order of Part. Only the eight basic colours: a terminal's owner has chosen how those look.
constexpr std::array<std::string_view, 6> colours{
    "",          // punctuation
    "\x1b[34m",  // name
    "\x1b[32m",  // text
    "\x1b[36m",  // number
    "\x1b[35m",  // word
    "\x1b[2m",   // note
};

// DEL and the C1 controls from `begin` on, which JSON leaves as they are but terminals obey.
void escape_late_controls(Buffer& out, std::size_t begin) {
  if (out.find('\x7F', begin) == Buffer::npos && out.find('\xC2', begin) == Buffer::npos) return;
  const Buffer text = out.substr(begin);
  out.resize(begin);
  for (std::size_t i = 0; i < text.size(); ++i) {
    // 0xC2 is never the last byte of UTF-8.
    if (text[i] == '\x7F') {
      out += "\\u007f";
    } else if (octet(text[i]) == 0xC2 && octet(text[i + 1]) < 0xA0) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", octet(text[++i]));
    } else {
      out += text[i];
    }
  }
}

std::string_view colour_of(Part part) { return colours[static_cast<std::size_t>(part)]; }

}  // namespace

void Ink::open(Part part) {
  if (layout_.colour) out_ += colour_of(part);
}

void Ink::close(Part part) {
  if (layout_.colour && !colour_of(part).empty()) out_ += plain;
}

Ink& Ink::put(Part part, std::string_view text) {
  open(part);
  out_ += text;
  close(part);
  return *this;
}

void Ink::new_line(std::size_t depth) {
  if (!layout_.lines) return;
  out_ += '\n';
  out_.append(2 * depth, ' ');
}

void put_quoted(Ink& ink, Part part, std::string_view text) {
  ink.open(part);
  const std::size_t begin = ink.out().size();
  append_json_string(text, ink.out());
  escape_late_controls(ink.out(), begin);
  ink.close(part);
}

}  // namespace mq
