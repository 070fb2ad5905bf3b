#include "report/amounts.hpp"

#include <fmt/core.h>

#include <cmath>

#include "base/text.hpp"

namespace mq {
namespace {

// From 1 to below 1000; more is grouped.
std::string three_digits(double number) {
  if (number >= 999.5) return grouped(static_cast<std::uint64_t>(std::min(number + 0.5, 1e18)));
  return fmt::format("{:.{}f}", number, number < 9.995 ? 2 : number < 99.95 ? 1 : 0);
}

}  // namespace

std::string time_text(double microseconds) {
  if (!(microseconds >= 0)) return "-";
  if (microseconds < 999.5)
    return fmt::format("{:.{}f} us", microseconds,
                       microseconds == std::floor(microseconds) || microseconds >= 99.95 ? 0 : 1);
  if (microseconds < 999'500) return three_digits(microseconds / 1e3) + " ms";
  return three_digits(microseconds / 1e6) + " s";
}

std::string grouped(std::uint64_t number) {
  std::string text = fmt::format("{}", number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string scaled(double number) {
  if (!(number >= 0)) return "-";
  if (number < 1) return number == 0 ? "0" : fmt::format("{:.2g}", number);
  if (number < 999.5)
    return number == std::floor(number) ? fmt::format("{:.0f}", number) : three_digits(number);
  if (number < 999'500) return three_digits(number / 1e3) + " k";
  if (number < 999'500'000) return three_digits(number / 1e6) + " M";
  return three_digits(number / 1e9) + " G";
}

std::string seconds_text(double seconds) {
  if (!(seconds >= 0)) return "-";
  if (seconds >= 999.5) return three_digits(seconds);
  return fmt::format("{:.{}f}", seconds, seconds < 9.995 ? 2 : 1);
}

std::string shown(std::string_view text, std::size_t limit) {
  const std::string safe = quoted(text, limit);
  std::string inside = safe.substr(1, safe.rfind('\'') - 1);
  // What quotes need is not wanted without them.
  std::string plain;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] == '\\' && i + 1 < inside.size() && (inside[i + 1] == '\'' || inside[i + 1] == '\\')) ++i;
    plain += inside[i];
  }
  return plain + (safe.ends_with("...") ? "..." : "");
}

std::string so_many(std::uint64_t count, std::string_view thing) {
  return fmt::format("{} {}{}", grouped(count), thing, count == 1 ? "" : "s");
}

}  // namespace mq
