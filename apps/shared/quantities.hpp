// Amounts as people type them: durations in seconds, sizes in bytes with a suffix.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"

namespace mq {

// "2", "0.25", "1e-3": seconds, not negative, at most ten years. nullopt on anything else.
std::optional<Duration> parse_seconds(std::string_view text);

// "4096", "64k", "8M", "1G": bytes, the suffixes (either case) being powers of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text);

// Both with an error of kind usage that can follow an option's name.

// "100", "2.5/s", "30/m", "10k", "1M": so many a second, a minute (m) or an hour (h); k and M are powers of
// 1000.
Result<double> parse_per_second(std::string_view text);

// "10", "0.5s", "250ms", "5m", "2h", "7d": seconds unless it says otherwise.
Result<Duration> parse_length(std::string_view text);

}  // namespace mq
