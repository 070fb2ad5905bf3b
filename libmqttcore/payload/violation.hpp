// Where and how a payload breaks what it is held to: a JSON Schema, or the rules of its format.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mq {

// Of one payload no more are told.
inline constexpr std::size_t most_violations = 20;

struct Violation {
  std::string
      pointer{};       // RFC 6901, into the JSON view, to the part that is wrong; empty: the payload itself
  std::string rule{};  // the schema's keyword ("maximum"), or a format's rule ("unknown field")
  std::string expected{};  // "at most 50"
  std::string found{};     // "61"

  friend bool operator==(const Violation&, const Violation&) = default;
};

// `pointer` to the member `name`, or to the element `index`, of what `parent` points to.
std::string pointer_to(const std::string& parent, std::string_view name);
std::string pointer_to(const std::string& parent, std::size_t index);

}  // namespace mq
