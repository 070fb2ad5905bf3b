// Arbitrary JSON as what worker processes and their parent say to each other. What is read is written and
// read again as the same.
#include <cstdint>

#include "bench/crew_words.hpp"
#include "payload/json.hpp"

namespace {

using namespace mq;

Buffer json_of(const Value& value) {
  Buffer json;
  append_json(value, json);
  return json;
}

template <class Read>
void round_trip(const Value& value, Read read) {
  const Value once = to_value(read(value));
  const auto parsed = parse_json(json_of(once));
  if (!parsed || json_of(to_value(read(*parsed))) != json_of(once)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = parse_json({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  round_trip(*value, order_of);
  round_trip(*value, progress_of);
  round_trip(*value, part_of);
  round_trip(*value, facts_of);
  round_trip(*value, verdict_of);
  (void)failure_of(*value);
  return 0;
}
