// Bytes cut at newlines as a rule (from, to), prefixes (pattern, from, to) and a topic: what a rule makes is
// one of the topics that it says it makes, and a valid one or empty or too long.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/topic_rule.hpp"
#include "wire/topic.hpp"

namespace {

using namespace mq;

void check(const Result<TopicRule>& rule, std::string_view topic) {
  if (!rule) {
    if (rule.error().text.empty() || rule.error().kind != ErrorKind::usage) __builtin_trap();
    return;
  }
  if (!check_topic_filter(rule->filter())) __builtin_trap();
  (void)rule->text();
  (void)rule->emptied();
  Buffer made;
  if (!check_topic_name(topic) || !rule->apply(topic, made)) return;
  if (!matches(rule->filter(), topic)) __builtin_trap();
  if (rule->keeps_topics() && made != topic) __builtin_trap();
  if (made.empty() || made.size() > 65535) return;
  if (!check_topic_name(made)) __builtin_trap();
  // A wildcard in front takes in no topic that begins with a dollar, but may make one.
  if (!made.starts_with('$') && !matches(rule->made_filter(), made)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::array<std::string_view, 4> parts;
  for (std::string_view& part : parts) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  check(TopicRule::parse(parts[0], parts[1]), parts[3]);
  check(TopicRule::prefixes(parts[0], parts[1], parts[2]), parts[3]);
  return 0;
}
