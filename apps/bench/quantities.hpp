// What people write for the amounts of a load: distributions of sizes, shards, moments. On the command line
// and in scenario files alike. Kind usage, with a fragment that can follow an option's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "load/scenario.hpp"
#include "shared/local_time.hpp"
#include "shared/quantities.hpp"

namespace mq {

inline constexpr std::uint64_t most_clients = 10'000'000;
inline constexpr std::uint64_t largest_message = 256U << 20;

// "64", "1k-4k", "normal:MEAN,DEVIATION", "exponential:MEAN", the last two with ",LEAST-MOST" behind them.
Result<SizePlan> parse_sizes(std::string_view text);

// "I/N", I from 0.
Result<Shard> parse_shard(std::string_view text);

// RFC 3339 with a zone, or seconds since 1970.
Result<LocalTime::Moment> parse_moment(std::string_view text);

// Eight hexadecimal digits at most stand for themselves, every other text for a number made of it.
std::uint32_t run_number(std::string_view name);

}  // namespace mq
