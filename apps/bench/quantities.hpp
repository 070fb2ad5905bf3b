// What people write for the amounts of a load: rates, lengths of time, distributions of sizes, shards,
// moments. On the command line and in scenario files alike. Kind usage, with a fragment that can follow an
// option's name.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "load/scenario.hpp"
#include "shared/local_time.hpp"

namespace mq {

inline constexpr std::uint64_t most_clients = 10'000'000;
inline constexpr std::uint64_t largest_message = 256U << 20;

// "100", "2.5/s", "30/m", "10k", "1M": so many a second, a minute (m) or an hour (h); k and M are powers of
// 1000.
Result<double> parse_per_second(std::string_view text);

// "10", "0.5s", "250ms", "5m", "2h": seconds unless it says otherwise.
Result<Duration> parse_length(std::string_view text);

// "64", "1k-4k", "normal:MEAN,DEVIATION", "exponential:MEAN", the last two with ",LEAST-MOST" behind them.
Result<SizePlan> parse_sizes(std::string_view text);

// "I/N", I from 0.
Result<Shard> parse_shard(std::string_view text);

// RFC 3339 with a zone, or seconds since 1970.
Result<LocalTime::Moment> parse_moment(std::string_view text);

// Eight hexadecimal digits at most stand for themselves, every other text for a number made of it.
std::uint32_t run_number(std::string_view name);

}  // namespace mq
