// Arbitrary bytes as a payload map, and the topic that its rules are asked about. What loads has whole rules;
// what does not is an error with a line.
#include <cstdint>
#include <string>

#include "payload/codecs.hpp"
#include "payload/map/map_file.hpp"
#include "wire/topic.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mq;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto rules = parse_map(text, "map.toml");
  if (!rules) {
    if (!rules.error().text.starts_with("map.toml:") || rules.error().kind != ErrorKind::usage)
      __builtin_trap();
    return 0;
  }
  for (const PayloadRule& rule : *rules) {
    if (rule.filters.empty() || rule.version.has_value() == rule.versions.empty()) __builtin_trap();
    if (!rule.format.empty() && find_codec(rule.format) == nullptr) __builtin_trap();
    for (const std::string& filter : rule.filters)
      if (!check_topic_filter(filter)) __builtin_trap();
    if (rule.version) (void)version_of(*rule.version, text, "a/b; v=1", Value::of_text("1"));
  }
  for (const char* topic : {"a", "a/b", "plant/1/status", "$SYS/x"}) (void)rule_for(*rules, topic);
  return 0;
}
