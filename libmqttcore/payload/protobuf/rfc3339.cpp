#include "payload/protobuf/rfc3339.hpp"

#include <fmt/core.h>

#include <chrono>

#include "base/text.hpp"

namespace mq {
namespace {

using namespace std::chrono;

constexpr std::int64_t day_seconds = 86400;

// `width` digits at `at`.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t width) {
  const auto number = parse_number<unsigned>(text.substr(std::min(at, text.size()), width));
  if (text.size() < at + width || !number) return std::nullopt;
  return static_cast<int>(*number);
}

// "Z" or "+01:30"; in seconds.
std::optional<std::int64_t> offset_of(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  const auto hours = digits(zone, 1, 2);
  const auto minutes = digits(zone, 4, 2);
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !hours || !minutes ||
      *hours > 23 || *minutes > 59)
    return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return zone[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::string fraction_of(std::int32_t nanos) {
  if (nanos == 0) return {};
  if (nanos % 1'000'000 == 0) return fmt::format(".{:03}", nanos / 1'000'000);
  if (nanos % 1'000 == 0) return fmt::format(".{:06}", nanos / 1'000);
  return fmt::format(".{:09}", nanos);
}

std::optional<std::int32_t> parse_fraction(std::string_view text) {
  constexpr std::size_t most_digits = 9;
  if (text.size() < 2 || text.size() > most_digits + 1 || text.front() != '.') return std::nullopt;
  std::string all(text.substr(1));
  all.append(most_digits - all.size(), '0');
  const auto nanos = parse_number<std::uint32_t>(all);
  if (!nanos) return std::nullopt;
  return static_cast<std::int32_t>(*nanos);
}

std::optional<std::string> rfc3339(Instant instant) {
  constexpr std::int64_t first = -62135596800;  // 0001-01-01
  constexpr std::int64_t last = 253402300799;   // 9999-12-31T23:59:59
  if (instant.seconds < first || instant.seconds > last || instant.nanos < 0 || instant.nanos > 999'999'999)
    return std::nullopt;
  const sys_seconds time{seconds(instant.seconds)};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     fraction_of(instant.nanos));
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  constexpr std::string_view shape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= shape.size()) return std::nullopt;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const char c = text[i] == 't' ? 'T' : text[i];
    if (shape[i] != 'd' && c != shape[i]) return std::nullopt;
  }
  const auto number = [text](std::size_t at, std::size_t width) {
    return digits(text, at, width).value_or(-1);
  };
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  const int month_of = number(5, 2);
  const int day_of = number(8, 2);
  const year_month_day date(year(number(0, 4)), month(static_cast<unsigned>(month_of)),
                            day(static_cast<unsigned>(day_of)));
  if (number(0, 4) < 1 || !date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59)
    return std::nullopt;
  const std::string_view rest = text.substr(shape.size());
  const std::size_t zone_at = rest.find_first_of("Zz+-");
  if (zone_at == std::string_view::npos) return std::nullopt;
  const auto nanos = zone_at == 0 ? 0 : parse_fraction(rest.substr(0, zone_at));
  const auto offset = offset_of(rest.substr(zone_at));
  if (!nanos || !offset) return std::nullopt;
  const std::int64_t whole =
      sys_days(date).time_since_epoch().count() * day_seconds + hour * 3600 + minute * 60 + second;
  return Instant{whole - *offset, *nanos};
}

}  // namespace mq
