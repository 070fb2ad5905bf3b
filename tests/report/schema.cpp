// The kit's own schema checker, from its module, held against reports.
#include <cstdlib>

#include "payload/json.hpp"
#include "payload/schema.hpp"
#include "report/outcomes.hpp"

namespace mq::testing {

std::string against_schema(const std::string& json, const std::string& schema) {
  ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
  const auto value = parse_json(json);
  if (!value) return value.error().text;
  const auto loaded = load_schema(std::string(MQTTKIT_SOURCE_DIR) + "/docs/" + schema, {});
  if (!loaded) return loaded.error().text;
  const auto wrong = (*loaded)->check(*value);
  if (wrong.empty()) return {};
  const auto& first = wrong.front();
  return first.pointer + ": " + first.rule + ": " + first.expected + ", not " + first.found;
}

}  // namespace mq::testing
