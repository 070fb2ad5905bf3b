// Regular expressions of ECMA 262 rewritten as RE2 spells them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mq {

struct TranslatedPattern {
  enum class Fault : std::uint8_t { none, beyond_linear, no_regex };

  std::string text{};  // for RE2, which still has to say whether it is well-formed
  Fault fault = Fault::none;
  std::string what{};  // what the fault is, for people
};

TranslatedPattern translated_pattern(std::string_view ecma);

}  // namespace mq
