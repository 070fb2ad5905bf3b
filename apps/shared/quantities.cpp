#include "shared/quantities.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/text.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// The number before the first unit that `text` ends with; nullopt: there is none.
template <std::size_t Size>
std::optional<double> number_with_unit(std::string_view text, const std::array<Unit, Size>& units) {
  const auto* unit =
      std::ranges::find_if(units, [text](const Unit& one) { return text.ends_with(one.name); });
  if (unit == units.end()) return std::nullopt;
  text.remove_suffix(unit->name.size());
  const auto number = parse_number<double>(text);
  // Written so that "nan" fails too.
  if (!number || !(*number >= 0)) return std::nullopt;
  return *number * unit->factor;
}

}  // namespace

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

Result<double> parse_per_second(std::string_view text) {
  static constexpr std::array units{Unit{"/s", 1}, Unit{"/m", 1.0 / 60}, Unit{"/h", 1.0 / 3600}, Unit{"", 1}};
  static constexpr std::array powers{Unit{"k", 1e3}, Unit{"K", 1e3}, Unit{"M", 1e6}, Unit{"", 1}};
  const auto* unit =
      std::ranges::find_if(units, [text](const Unit& one) { return text.ends_with(one.name); });
  const auto rate = number_with_unit(text.substr(0, text.size() - unit->name.size()), powers);
  if (!rate || !(*rate * unit->factor > 1e-6) || *rate > 1e9)
    return usage(fmt::format("{} is no rate above 0", quoted(text)), "such as 100, 2.5k or 30/m");
  return *rate * unit->factor;
}

Result<Duration> parse_length(std::string_view text) {
  constexpr double ten_years = 10 * 366 * 86400.0;
  static constexpr std::array units{Unit{"us", 1e-6}, Unit{"ms", 1e-3}, Unit{"s", 1}, Unit{"m", 60},
                                    Unit{"h", 3600},  Unit{"d", 86400}, Unit{"", 1}};
  const auto seconds = number_with_unit(text, units);
  if (!seconds || *seconds > ten_years)
    return usage(fmt::format("{} is no length of time", quoted(text)),
                 "seconds, or such as 250ms, 5m, 2h or 7d");
  return Duration(std::llround(*seconds * 1e9));
}

}  // namespace mq
