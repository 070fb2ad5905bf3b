#include "bench/quantities.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "load/stamp.hpp"
#include "shared/quantities.hpp"
#include "shared/store.hpp"
#include "shared/timestamp.hpp"

namespace mq {
namespace {

std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto least = parse_size(text.substr(0, dash)), most = parse_size(text.substr(dash + 1));
  if (!least || !most || *least > *most || *most >= largest_message) return std::nullopt;
  return std::pair(*least, *most);
}

std::unexpected<Error> no_size(std::string_view text) {
  return usage(fmt::format("{} is no size", quoted(text)),
               "N, LEAST-MOST, normal:MEAN,DEVIATION or exponential:MEAN, with k and M for powers of 1024");
}

// What stands behind "normal:" or "exponential:".
Result<SizePlan> parse_distribution(SizePlan::Kind kind, std::string_view numbers, std::string_view text) {
  constexpr double deviations = 6, means = 16;  // what is drawn beyond is rarer than one in a million
  SizePlan plan{.kind = kind};
  const auto take = [&numbers] {
    const std::size_t end = std::min(numbers.find(','), numbers.size());
    const std::string_view part = numbers.substr(0, end);
    numbers.remove_prefix(std::min(end + 1, numbers.size()));
    return part;
  };
  const auto mean = parse_size(take());
  if (!mean || *mean == 0 || *mean >= largest_message) return no_size(text);
  plan.mean = static_cast<double>(*mean);
  double reach = means * plan.mean;
  if (kind == SizePlan::Kind::normal) {
    const auto deviation = parse_size(take());
    if (!deviation) return no_size(text);
    plan.deviation = static_cast<double>(*deviation);
    reach = plan.mean + deviations * plan.deviation;
  }
  plan.least = std::min<std::uint64_t>(stamp_size, *mean);
  plan.most = static_cast<std::uint64_t>(std::min(reach, static_cast<double>(largest_message - 1)));
  if (numbers.empty()) return plan;
  const auto range = parse_range(numbers);
  if (!range) return no_size(text);
  std::tie(plan.least, plan.most) = *range;
  return plan;
}

}  // namespace

Result<SizePlan> parse_sizes(std::string_view text) {
  for (const auto& [word, kind] :
       {std::pair("normal:", SizePlan::Kind::normal), std::pair("exponential:", SizePlan::Kind::exponential)})
    if (text.starts_with(word))
      return parse_distribution(kind, text.substr(std::string_view(word).size()), text);
  if (const auto range = parse_range(text))
    return SizePlan{.kind = SizePlan::Kind::uniform, .least = range->first, .most = range->second};
  const auto size = parse_size(text);
  if (!size || *size >= largest_message) return no_size(text);
  return SizePlan{.kind = SizePlan::Kind::fixed, .least = *size, .most = *size};
}

Result<Shard> parse_shard(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const auto index = parse_number<std::uint32_t>(text.substr(0, slash));
  const auto count = parse_number<std::uint32_t>(text.substr(std::min(slash + 1, text.size())));
  constexpr std::uint32_t most_shards = 100'000;
  if (!index || !count || *count == 0 || *count > most_shards)
    return usage(fmt::format("{} is not I/N", quoted(text)), "such as 0/4, 1/4, 2/4 and 3/4");
  if (*index >= *count)
    return usage(fmt::format("there is no shard {} of {}", *index, *count), "they count from 0");
  return Shard{.index = *index, .count = *count};
}

Result<LocalTime::Moment> parse_moment(std::string_view text) {
  if (const auto moment = parse_timestamp(text)) return *moment;
  const auto seconds = parse_number<double>(text);
  constexpr double latest = 4e9;
  if (!seconds || !(*seconds >= 0 && *seconds <= latest))
    return usage(fmt::format("{} is no moment", quoted(text)),
                 "such as 2030-01-31T12:00:00Z, or seconds since 1970");
  return LocalTime::Moment(std::chrono::microseconds(std::llround(*seconds * 1e6)));
}

std::uint32_t run_number(std::string_view name) {
  constexpr std::size_t digits = 8;
  if (!name.empty() && name.size() <= digits &&
      name.find_first_not_of("0123456789abcdefABCDEF") == name.npos) {
    std::uint32_t number = 0;
    for (const char c : name)
      number = number << 4U | static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    return number;
  }
  return static_cast<std::uint32_t>(check_of(name) >> 32U);
}

}  // namespace mq
