// Points in time as RFC 3339 spells them, in UTC, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mq {

struct Instant {
  std::int64_t seconds = 0;  // since 1970
  std::int32_t nanos = 0;    // 0 to 999,999,999

  friend bool operator==(const Instant&, const Instant&) = default;
};

// "1970-01-01T00:00:01.500Z" with 0, 3, 6 or 9 digits of the second; nullopt outside of the years 1 to 9999.
std::optional<std::string> rfc3339(Instant instant);
std::optional<Instant> parse_rfc3339(std::string_view text);

// ".5" as 0, 3, 6 or 9 digits behind a dot; empty for 0.
std::string fraction_of(std::int32_t nanos);
// ".5", up to nine digits, as nanoseconds.
std::optional<std::int32_t> parse_fraction(std::string_view text);

}  // namespace mq
