// Text for people: how a value or a notation is laid out (one line or several, with colour or without). Every
// notation of every format is written through an Ink, so that all look alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace mq {

struct Layout {
  bool colour = false;
  bool lines = false;  // several lines, two spaces a level; otherwise a single one
};

// What a piece of text is; it decides the colour.
enum class Part : std::uint8_t { punctuation, name, text, number, word, note };

// Appends to a buffer that outlives it. Text given to it is ready for a terminal: codecs escape what isn't.
class Ink {
 public:
  Ink(Buffer& out, Layout layout) : out_(out), layout_(layout) {}

  Ink& put(Part part, std::string_view text) {
    open(part);
    out_ += text;
    close(part);
    return *this;
  }
  // Raw access for what is written by the million: text after open() and before close() has the part's
  // colour.
  void open(Part part) {
    if (layout_.colour) begin_colour(part);
  }
  void close(Part part) {
    if (layout_.colour) end_colour(part);
  }
  Buffer& out() { return out_; }

  bool lines() const { return layout_.lines; }
  Layout layout() const { return layout_; }
  // A new line, indented by `depth` levels; nothing on a single line.
  void new_line(std::size_t depth) {
    if (layout_.lines) break_line(depth);
  }

 private:
  void begin_colour(Part part);
  void end_colour(Part part);
  void break_line(std::size_t depth);

  Buffer& out_;
  Layout layout_;
};

// UTF-8 text in double quotes, as a JSON string that is safe on a terminal: control characters escaped.
void put_quoted(Ink& ink, Part part, std::string_view text);

}  // namespace mq
