#include "payload/ink.hpp"

#include <array>

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

std::string_view colour_of(Part part) { return colours[static_cast<std::size_t>(part)]; }

}  // namespace

void Ink::begin_colour(Part part) { out_ += colour_of(part); }

void Ink::end_colour(Part part) {
  if (!colour_of(part).empty()) out_ += plain;
}

void Ink::break_line(std::size_t depth) {
  constexpr std::string_view usual = "\n                                ";
  out_ += usual.substr(0, 1 + 2 * depth);
  if (1 + 2 * depth > usual.size()) out_.append(1 + 2 * depth - usual.size(), ' ');
}

void put_quoted(Ink& ink, Part part, std::string_view text) {
  ink.open(part);
  append_json_string(text, ink.out());
  ink.close(part);
}

}  // namespace mq
