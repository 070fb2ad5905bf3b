#include "shared/quantities.hpp"

#include <chrono>
#include <limits>

#include "base/text.hpp"

namespace mq {

std::optional<Duration> parse_seconds(std::string_view text) {
  constexpr double ten_years = 10 * 366 * 86400.0;
  const auto seconds = parse_number<double>(text);
  // Written so that "nan" fails too.
  if (!seconds || !(*seconds >= 0 && *seconds <= ten_years)) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  unsigned shift = 0;
  if (!text.empty()) {
    switch (text.back()) {
      case 'k':
      case 'K':
        shift = 10;
        break;
      case 'm':
      case 'M':
        shift = 20;
        break;
      case 'g':
      case 'G':
        shift = 30;
        break;
      default:
        break;
    }
  }
  if (shift != 0) text.remove_suffix(1);
  const auto number = parse_number<std::uint64_t>(text);
  if (!number || *number > (std::numeric_limits<std::uint64_t>::max() >> shift)) return std::nullopt;
  return *number << shift;
}

}  // namespace mq
