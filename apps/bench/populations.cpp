#include "bench/populations.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>

#include "load/stamp.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

// Names in braces that stand for the same in all messages of a run.
constexpr std::array<std::string_view, 3> constant_names{"run", "env", "file"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

struct Braced {
  std::string_view name;
  std::size_t size = 0;  // with its braces
};

// "{name}" or "{name argument}" at the start of a text.
std::optional<Braced> braced_at(std::string_view text) {
  if (text.size() < 3 || text[0] != '{' || !is_letter(text[1])) return std::nullopt;
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text.substr(1), is_name) - text.begin());
  const std::size_t close = text.find('}', end);
  if (close == text.npos || (text[end] != ' ' && end != close)) return std::nullopt;
  return Braced{text.substr(1, end - 1), close + 1};
}

// Whether the options about the rate go together.
Result<Rate> rate_of(const LoadSettings& settings) {
  Rate rate{.pace = Pace::constant, .per_second = settings.rate};
  const bool total = settings.has("total-rate");
  if (settings.flood) {
    for (const std::string_view name : {"rate", "total-rate", "poisson", "burst"})
      if (settings.has(name))
        return usage(fmt::format("--{} does not go with --flood", name), "a flood is as fast as can be");
    rate.pace = Pace::flood;
    rate.per_second = 0;
    return rate;
  }
  if (total && settings.has("rate")) return usage("--rate and --total-rate say the same in two ways");
  if (settings.poisson && settings.burst > 0)
    return usage("--poisson does not go with --burst", "bursts come evenly");
  if (total) {
    rate.in_total = true;
    rate.per_second = settings.total_rate;
  }
  if (settings.poisson) rate.pace = Pace::poisson;
  if (settings.burst > 0) {
    rate.pace = Pace::bursts;
    rate.burst = settings.burst;
  }
  return rate;
}

Result<StampPlace> stamp_of(const LoadSettings& settings) {
  const bool pattern = settings.payload.kind == PayloadPlan::Kind::pattern;
  const bool v5 = settings.bench.connection.client.session.version == Version::v5;
  const StampPlace place = settings.stamp.value_or(pattern ? StampPlace::payload
                                                   : v5    ? StampPlace::user_property
                                                           : StampPlace::none);
  if (place != StampPlace::payload) return place;
  if (pattern && settings.payload.size.least < stamp_size)
    return usage(fmt::format("a payload of {} bytes has no room for a stamp, which takes {}",
                             settings.payload.size.least, stamp_size),
                 "give a larger --size, or another --stamp");
  if (!pattern && settings.payload.format.reader.validate)
    return usage("a payload with a stamp in front breaks every schema", "use --stamp property or none");
  return place;
}

Result<void> check_payload(const LoadSettings& settings) {
  const bool text = settings.has("message") || settings.has("file");
  if (settings.has("message") && settings.has("file"))
    return usage("-m and -f are two texts", "a file in a text is {file PATH}");
  if (text && settings.has("size"))
    return usage("--size is about payloads of ours, not about texts", "leave out --size, or -m and -f");
  const PayloadPlan& plan = settings.payload;
  if (!text && (plan.format.asked() || !plan.format.format.empty() || plan.compress))
    return usage("formats, schemas and --compress are about texts", "give one with -m or -f");
  if (settings.has("data-by") && settings.data.path.empty())
    return usage("--data-by means nothing without --data");
  return {};
}

}  // namespace

bool has_name(std::string_view text, std::string_view name) {
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text.starts_with("{{")) {
      text.remove_prefix(1);
    } else if (const auto braced = braced_at(text); braced && braced->name == name) {
      return true;
    }
  }
  return false;
}

std::string filter_of(std::string_view topic, bool keep_number) {
  constexpr std::array<std::string_view, 7> of_messages{"seq",  "count",   "random", "uuid",
                                                        "time", "time_ms", "client"};
  std::string filter, level;
  bool changes = false;
  const auto end_level = [&] {
    filter += changes ? "+" : level;
    level.clear();
    changes = false;
  };
  while (!topic.empty()) {
    std::size_t size = topic.starts_with("{{") ? 2 : 1;
    if (topic[0] == '/') {
      end_level();
      filter += '/';
    } else {
      if (const auto braced = size == 1 ? braced_at(topic) : std::nullopt) {
        size = braced->size;
        const bool constant = std::ranges::find(constant_names, braced->name) != constant_names.end();
        const bool own = keep_number && std::ranges::find(of_messages, braced->name) == of_messages.end();
        changes = changes || (!constant && !own);
      }
      level += topic.substr(0, size);
    }
    topic.remove_prefix(size);
  }
  end_level();
  return filter;
}

Rate connect_rate(const LoadSettings& settings) {
  if (!settings.connect_rate) return {.pace = Pace::flood, .in_total = true};
  return {.pace = Pace::constant, .per_second = *settings.connect_rate, .in_total = true};
}

Population population(const LoadSettings& settings, std::string_view name, std::uint64_t clients) {
  Population made;
  made.name = name;
  made.clients = clients;
  made.connect = connect_rate(settings);
  made.data = settings.data;
  made.session = settings.bench.connection.client.session;
  made.client_id = made.session.client_id;
  if (!has_name(made.client_id, "client") && !has_name(made.client_id, "number"))
    made.client_id += "-{client}";
  made.session.client_id.clear();
  return made;
}

Result<PublishPlan> publish_plan(const LoadSettings& settings) {
  PublishPlan plan;
  if (auto checked = check_payload(settings); !checked) return std::unexpected(std::move(checked.error()));
  auto rate = rate_of(settings);
  if (!rate) return std::unexpected(std::move(rate.error()));
  auto stamp = stamp_of(settings);
  if (!stamp) return std::unexpected(std::move(stamp.error()));
  plan.topic = settings.topic;
  plan.qos = settings.qos;
  plan.retain = settings.retain;
  plan.properties = settings.publish_properties;
  plan.payload = settings.payload;
  if (auto finished = finish_payloads(plan.payload.format); !finished)
    return std::unexpected(std::move(finished.error()));
  plan.stamp = *stamp;
  plan.rate = *rate;
  plan.count = settings.count;
  if (settings.window > 0) plan.window = settings.window;
  return plan;
}

SubscribePlan subscribe_plan(const LoadSettings& settings, std::string filter) {
  SubscribePlan plan;
  plan.filters = settings.filters.empty() ? std::vector{std::move(filter)} : settings.filters;
  plan.qos = settings.qos;
  plan.properties = settings.subscribe_properties;
  if (!settings.share.empty())
    for (std::string& one : plan.filters) one = fmt::format("$share/{}/{}", settings.share, one);
  return plan;
}

void end_of(const LoadSettings& settings, Scenario& scenario) {
  // A count ends a run by itself; with a duration as well, whichever is first.
  if (settings.count == 0 || settings.has("duration")) scenario.duration = settings.duration;
}

}  // namespace mq
