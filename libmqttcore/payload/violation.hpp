// Where and how a payload breaks what it is held to: a JSON Schema, or the rules of its format.
#pragma once

#include <string>

namespace mq {

struct Violation {
  std::string pointer;   // RFC 6901, to the part that is wrong; empty: the payload itself
  std::string rule;      // the schema's keyword ("maximum"), or a format's rule ("unknown field")
  std::string expected;  // "at most 50"
  std::string found;     // "61"
};

}  // namespace mq
