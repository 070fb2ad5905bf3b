#include "shared/exposition.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/utf8.hpp"

namespace mq {

std::string label_text(std::string_view text) {
  constexpr std::size_t longest = 300;
  std::string safe;
  text = text.substr(0, longest);
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(character.size());
    if (size == 0)
      safe += "\xEF\xBF\xBD";
    else if (character == "\n")
      safe += "\\n";
    else if (character == "\"" || character == "\\")
      safe.append("\\").append(character);
    else
      safe += character;
  }
  return safe;
}

void Exposition::begin(std::string_view name, std::string_view type, std::string_view help,
                       std::string_view unit) {
  name_ = fmt::format("{}{}{}", prefix_, name.empty() ? "" : "_", name);
  fmt::format_to(std::back_inserter(out_), "# TYPE {} {}\n", name_, type);
  if (!unit.empty()) fmt::format_to(std::back_inserter(out_), "# UNIT {} {}\n", name_, unit);
  fmt::format_to(std::back_inserter(out_), "# HELP {} {}.\n", name_, help);
}

void Exposition::sample(std::string_view suffix, std::string_view labels, std::string_view value) {
  fmt::format_to(std::back_inserter(out_), "{}{}{}{}{} {}\n", name_, suffix, labels.empty() ? "" : "{",
                 labels, labels.empty() ? "" : "}", value);
}

void Exposition::sample(std::string_view suffix, std::string_view labels, std::uint64_t value) {
  sample(suffix, labels, fmt::format("{}", value));
}

void Exposition::sample(std::string_view suffix, std::string_view labels, double value) {
  sample(suffix, labels, fmt::format("{}", std::isfinite(value) ? value : 0.0));
}

void Exposition::end() { out_ += "# EOF\n"; }

}  // namespace mq
