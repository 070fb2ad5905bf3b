// How many clients, how fast, how long.
#include <fmt/core.h>

#include <utility>

#include "bench/quantities.hpp"
#include "bench/rows.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

constexpr auto group = OptionGroup::load;

// A setter that stores what `parse` makes of the one value.
template <class Target, class Parsed>
OptionSetter parsed(Target& target, Result<Parsed> (*parse)(std::string_view)) {
  return [&target, parse](OptionValues values) -> Result<void> {
    auto value = parse(values[0]);
    if (!value) return std::unexpected(std::move(value.error()));
    target = *value;
    return {};
  };
}

Result<void> store_connect_rate(std::optional<double>& target, std::string_view text) {
  target.reset();
  if (text == "max") return {};
  auto rate = parse_per_second(text);
  if (!rate) return std::unexpected(std::move(rate.error()));
  target = *rate;
  return {};
}

// The groups that have no row of the kit's.
bool is_own(OptionGroup of) {
  return of == OptionGroup::load || of == OptionGroup::publish || of == OptionGroup::subscribe;
}

}  // namespace

void add(OptionRows& rows, LoadSettings& settings, OptionRow row) {
  row.set = [&settings, name = row.name, set = std::move(row.set)](OptionValues values) {
    if (!settings.has(name)) settings.given.push_back(name);
    return set(values);
  };
  rows.push_back(std::move(row));
}

void store_defaults(const OptionRows& rows, LoadSettings& settings) {
  for (const OptionRow& row : rows)
    if (!row.default_text.empty() && is_own(row.group)) (void)row.set({&row.default_text, 1});
  settings.default_filters = std::exchange(settings.filters, {});
  settings.given.clear();
}

void clients_row(OptionRows& rows, LoadSettings& settings, const ClientsRow& row) {
  add(rows, settings,
      {.letter = row.name == "clients" ? 'c' : '\0',
       .name = row.name,
       .value = "N",
       .group = group,
       .default_text = row.default_text,
       .summary = row.summary,
       .detail = row.detail,
       .set = store_number<std::uint64_t>(settings.*row.target, 1, most_clients)});
}

void connect_rate_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text) {
  add(rows, settings,
      {.name = "connect-rate",
       .value = "RATE",
       .group = group,
       .default_text = default_text,
       .summary = "connections begun a second, or max",
       .detail = "How many connections are begun a second, evenly, by all clients of a kind together; max: "
                 "as fast as can be.",
       .set = one_value(settings.connect_rate, store_connect_rate)});
}

void rate_rows(OptionRows& rows, LoadSettings& settings, std::string_view rate, std::string_view detail) {
  add(rows, settings,
      {.name = "rate",
       .value = "RATE",
       .group = group,
       .default_text = rate,
       .summary = "rate of each client, e.g. 100, 2.5k or 30/m",
       .detail = detail,
       .set = parsed(settings.rate, parse_per_second)});
  add(rows, settings,
      {.name = "total-rate",
       .value = "RATE",
       .group = group,
       .summary = "rate of all clients together, instead of --rate",
       .detail = "The rate of all clients together, over all shards, divided evenly among them. Instead of "
                 "--rate.",
       .set = parsed(settings.total_rate, parse_per_second)});
  add(rows, settings,
      {.name = "poisson",
       .group = group,
       .summary = "at random times, not evenly",
       .detail = "Have them come at random times, independent of each other, with the same rate on the "
                 "average (a Poisson process); else they come evenly, and clients are spread over one "
                 "period.",
       .set = store_flag(settings.poisson)});
  add(rows, settings,
      {.name = "burst",
       .value = "N",
       .group = group,
       .summary = "N at once, the bursts evenly",
       .detail = "Have a client send N at once and then pause, so that the rate is the same on the average.",
       .set = store_number<std::uint32_t>(settings.burst, 1, 10'000'000)});
  add(rows, settings,
      {.name = "flood",
       .group = group,
       .summary = "as fast as can be, instead of a rate",
       .detail = "As fast as can be: each client sends whenever its connection, and above QoS 0 its window, "
                 "has room. Nothing is then due at any time, so that latencies count from the sending.",
       .set = store_flag(settings.flood)});
}

void count_row(OptionRows& rows, LoadSettings& settings, std::string_view default_text,
               std::string_view summary, std::string_view detail) {
  add(rows, settings,
      {.letter = 'n',
       .name = "count",
       .value = "N",
       .group = group,
       .default_text = default_text,
       .summary = summary,
       .detail = detail,
       .set = store_number<std::uint64_t>(settings.count, 1, std::uint64_t{1} << 47U)});
}

void duration_rows(OptionRows& rows, LoadSettings& settings, std::string_view duration,
                   std::string_view detail) {
  add(rows, settings,
      {.letter = 'd',
       .name = "duration",
       .value = "TIME",
       .group = group,
       .default_text = duration,
       .summary = "how long to measure, e.g. 30, 5m or 2h",
       .detail = detail,
       .set = parsed(settings.duration, parse_length)});
  add(rows, settings,
      {.name = "warm-up",
       .value = "TIME",
       .group = group,
       .default_text = "0",
       .summary = "time before it that is not measured",
       .detail = "How long to run before the time that is measured. What is sent meanwhile is checked, but "
                 "counts in no rate and no latency.",
       .set = parsed(settings.warm_up, parse_length)});
  add(rows, settings,
      {.name = "drain",
       .value = "TIME",
       .group = group,
       .default_text = "10",
       .summary = "longest wait for what is under way at the end",
       .detail = "How long to wait at the end for acknowledgements, messages and answers that are still "
                 "under way; what has not come then is lost. Without a duration, a client whose messages the "
                 "server has not acknowledged for so long sends no more of them. A shard, which can't know "
                 "what others send it, "
                 "waits until nothing has come for so long.",
       .set = parsed(settings.drain, parse_length)});
}

void stay_row(OptionRows& rows, LoadSettings& settings) {
  add(rows, settings,
      {.name = "stay",
       .value = "TIME",
       .group = group,
       .default_text = "0",
       .summary = "how long a client stays connected",
       .detail = "How long a client stays from CONNACK to DISCONNECT.",
       .set = parsed(settings.stay, parse_length)});
}

}  // namespace mq
