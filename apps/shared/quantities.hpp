// Amounts as people type them: durations in seconds, sizes in bytes with a suffix.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace mq {

// "2", "0.25", "1e-3": seconds, not negative, at most ten years. nullopt on anything else.
std::optional<Duration> parse_seconds(std::string_view text);

// "4096", "64k", "8M", "1G": bytes, the suffixes (either case) being powers of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace mq
