// Protocol Buffers' text format, written through an Ink: names, braces and literals, on one line or several.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.hpp"
#include "payload/ink.hpp"

namespace mq {

class TextFormat {
 public:
  explicit TextFormat(Ink& ink) : ink_(ink) {}

  // Begins a field; then one of the other calls must follow.
  void name(std::string_view name);
  void scalar(Part part, std::string_view text);
  void number(double number);
  void number(float number);
  // A string or bytes in double quotes. UTF-8 stays readable; what else a terminal might obey is escaped.
  void literal(Bytes bytes);
  void open();
  void close();
  // A comment up to the end of the line; nothing on a single line.
  void note(std::string_view text);

 private:
  void next_place();

  Ink& ink_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace mq
