#include "bridge/route_section.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "bridge/plan_check.hpp"
#include "payload/codecs.hpp"
#include "shared/nearest.hpp"
#include "shared/quantities.hpp"
#include "shared/store.hpp"
#include "shared/toml_section.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Kind = TomlNode::Kind;

constexpr std::string_view page = "mqttkit-bridge.toml(5)";

constexpr ChoiceRow<RetainPolicy> retain_words[] = {
    {"keep", RetainPolicy::keep}, {"clear", RetainPolicy::clear}, {"no-past", RetainPolicy::no_past}};
constexpr ChoiceRow<OverflowPolicy> overflow_words[] = {{"block", OverflowPolicy::block},
                                                        {"drop-oldest", OverflowPolicy::drop_oldest},
                                                        {"drop-newest", OverflowPolicy::drop_newest}};
constexpr ChoiceRow<InvalidPolicy> invalid_words[] = {{"mark", InvalidPolicy::mark},
                                                      {"drop", InvalidPolicy::drop},
                                                      {"dead-letter", InvalidPolicy::dead_letter}};

Result<void> store_size(std::uint64_t& target, std::string_view text) {
  const auto size = parse_size(text);
  if (!size) return usage(fmt::format("{} is not a size in bytes, such as 65536 or 8M", quoted(text)));
  target = *size;
  return {};
}

Result<void> store_length(Duration& target, std::string_view text) {
  auto length = parse_length(text);
  if (!length) return std::unexpected(std::move(length.error()));
  target = *length;
  return {};
}

Result<void> store_rate(double& target, std::string_view text) {
  auto rate = parse_per_second(text);
  if (!rate) return std::unexpected(std::move(rate.error()));
  target = *rate;
  return {};
}

Result<void> store_topic(std::string& target, std::string_view text) {
  if (auto checked = check_topic_name(text); !checked) return checked;
  target = text;
  return {};
}

Result<void> store_name(std::string& target, std::string_view text) {
  if (auto checked = check_name(text); !checked) return checked;
  target = text;
  return {};
}

Result<void> store_share(std::string& target, std::string_view text) {
  if (text.empty() || text.find_first_of("/+#") != text.npos)
    return usage(fmt::format("{} is no name of a shared subscription", quoted(text)),
                 "it has no '/', '+' or '#'");
  if (auto checked = check_mqtt_text(text); !checked) return checked;
  target = text;
  return {};
}

Result<void> store_format(std::string& target, std::string_view text) {
  if (std::ranges::find(codecs(), text, &CodecRow::name) == codecs().end()) {
    std::string known;
    for (const CodecRow& row : codecs()) known.append(known.empty() ? "" : ", ").append(row.name);
    return usage(fmt::format("there is no format {}", quoted(text)), fmt::format("one of {}", known));
  }
  target = text;
  return {};
}

Result<void> store_program(std::string& target, std::string_view text) {
  if (text.empty()) return usage("an empty text is no program");
  target = text;
  return {};
}

Result<void> append_exclude(std::vector<std::string>& target, std::string_view text) {
  if (auto checked = check_topic_filter(text); !checked) return checked;
  if (is_shared(text)) return usage(fmt::format("{} is a shared subscription, no topics", quoted(text)));
  target.emplace_back(text);
  return {};
}

class RouteReader {
 public:
  RouteReader(const TomlNode& table, const std::string& file, const BridgePlan& plan)
      : table_(table), file_(file), plan_(plan), section_("[[route]]", file, page) {}

  Result<RoutePlan> read() {
    std::string from, to;
    section_.key("name", one_value(route_.name, store_name));
    section_.key("from", store_bytes(from));
    section_.key("to", store_bytes(to));
    section_.key("qos", store_qos(route_.most_qos));
    section_.key("retain", store_choice(route_.retain, retain_words));
    section_.key("share", one_value(route_.share, store_share));
    section_.truth("own-connection", route_.own_connection);
    OptionRow exclude{.name = "exclude", .value = "FILTER", .repeats = true, .summary = {}, .detail = {}};
    exclude.set = one_value(route_.excludes, append_exclude);
    section_.rows().push_back(std::move(exclude));
    for (const std::string_view other : {"topics", "queue", "treatment"}) section_.also(other);
    if (auto read = section_.read(table_); !read) return std::unexpected(std::move(read.error()));
    if (auto found = find_endpoint("from", from, route_.from); !found)
      return std::unexpected(std::move(found.error()));
    if (auto found = find_endpoint("to", to, route_.to); !found)
      return std::unexpected(std::move(found.error()));
    if (route_.name.empty()) route_.name = fmt::format("{}-to-{}", from, to);
    if (auto read = read_topics(); !read) return std::unexpected(std::move(read.error()));
    if (auto read = read_queue(); !read) return std::unexpected(std::move(read.error()));
    if (auto read = read_treatment(); !read) return std::unexpected(std::move(read.error()));
    return std::move(route_);
  }

 private:
  Result<void> find_endpoint(std::string_view key, std::string_view name, std::size_t& target) const {
    const TomlNode* node = table_.member(key);
    if (node == nullptr)
      return section_.wrong(table_, fmt::format("a route needs {}", key), "the name of an endpoint");
    const auto found = std::ranges::find(plan_.endpoints, name, &EndpointPlan::name);
    target = static_cast<std::size_t>(found - plan_.endpoints.begin());
    if (found != plan_.endpoints.end()) return {};
    std::vector<std::string_view> known;
    for (const EndpointPlan& endpoint : plan_.endpoints) known.push_back(endpoint.name);
    const std::string_view near = nearest(name, known);
    return section_.wrong(*node, fmt::format("{}: there is no endpoint {}", key, quoted(name)),
                          near.empty() ? fmt::format("[endpoint.NAME] says what one is")
                                       : fmt::format("did you mean {}?", near));
  }

  Result<void> read_topics() {
    const TomlNode* node = table_.member("topics");
    if (node == nullptr || (node->kind == Kind::array && node->items.empty()))
      return section_.wrong(table_, "a route needs topics", R"(such as topics = ["a/#", "b/+"])");
    if (node->kind != Kind::array) return read_topic(*node);
    for (const TomlNode& item : node->items)
      if (auto read = read_topic(item); !read) return read;
    return {};
  }

  Result<void> read_topic(const TomlNode& node) {
    if (node.kind == Kind::scalar) return add(node, TopicRule::parse(node.text, {}));
    if (node.kind != Kind::table)
      return section_.wrong(node, "a topic is a filter, or a table",
                            R"(such as { from = "a/#", to = "b/$1" })");
    std::string from, to, pattern, from_prefix, to_prefix;
    TomlSection section("a topic", file_, page);
    section.key("from", store_bytes(from));
    section.key("to", store_bytes(to));
    section.key("pattern", store_bytes(pattern));
    section.key("from-prefix", store_bytes(from_prefix));
    section.key("to-prefix", store_bytes(to_prefix));
    if (auto read = section.read(node); !read) return read;
    const bool captures = node.member("from") != nullptr, prefixes = node.member("pattern") != nullptr;
    if (captures == prefixes)
      return section_.wrong(node, "a topic has either from or pattern",
                            "from goes with to; pattern with from-prefix and to-prefix");
    if (captures && (node.member("from-prefix") != nullptr || node.member("to-prefix") != nullptr))
      return section_.wrong(node, "prefixes go with pattern, not with from");
    if (prefixes && node.member("to") != nullptr)
      return section_.wrong(node, "to goes with from, not with pattern");
    if (node.member("to") != nullptr && to.empty())
      return section_.wrong(node, "to: an empty text is no topic", "without to the topic stays");
    return add(node,
               captures ? TopicRule::parse(from, to) : TopicRule::prefixes(pattern, from_prefix, to_prefix));
  }

  Result<void> add(const TomlNode& node, Result<TopicRule> rule) {
    if (!rule) return section_.wrong(node, std::move(rule.error()));
    route_.rules.push_back(*std::move(rule));
    return {};
  }

  Result<void> read_queue() {
    const TomlNode* node = table_.member("queue");
    if (node == nullptr) return {};
    QueuePlan& queue = route_.queue;
    TomlSection section("queue", file_, page);
    section.key("bytes", one_value(queue.most_bytes, store_size));
    section.key("messages", store_number<std::uint64_t>(queue.most_messages));
    section.key("age", one_value(queue.most_age, store_length));
    section.key("overflow", store_choice(queue.overflow, overflow_words));
    section.truth("qos0", queue.qos0);
    return section.read(*node);
  }

  Result<void> read_treatment() {
    const TomlNode* node = table_.member("treatment");
    if (node == nullptr) return {};
    TreatmentPlan& treatment = route_.treatment;
    TomlSection section("treatment", file_, page);
    section.key("payload-map", store_path(treatment.payload_map));
    section.key("invalid", store_choice(treatment.invalid, invalid_words));
    section.key("dead-letter-topic", one_value(treatment.dead_letter_topic, store_topic));
    section.key("jq", one_value(treatment.jq, store_program));
    section.key("from-format", one_value(treatment.from_format, store_format));
    section.key("to-format", one_value(treatment.to_format, store_format));
    section.key("rate", one_value(treatment.most_per_second, store_rate));
    section.key("doubles-within", one_value(treatment.doubles_within, store_length));
    section.key("latest-every", one_value(treatment.latest_every, store_length));
    return section.read(*node);
  }

  const TomlNode& table_;
  const std::string& file_;
  const BridgePlan& plan_;
  TomlSection section_;
  RoutePlan route_;
};

}  // namespace

Result<RoutePlan> read_route(const TomlNode& table, const std::string& file, const BridgePlan& plan) {
  return RouteReader(table, file, plan).read();
}

}  // namespace mq
