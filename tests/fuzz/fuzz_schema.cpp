// A JSON Schema, a NUL, and a JSON value that is held against it. A check comes to an end, its violations
// are bounded and point into the value, and a second one says the same.
#include <algorithm>
#include <cstdint>

#include "payload/json.hpp"
#include "payload/schema/loader.hpp"

namespace {

using namespace mq;

bool same(const Violation& a, const Violation& b) {
  return a.pointer == b.pointer && a.rule == b.rule && a.expected == b.expected && a.found == b.found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = input.find('\0');
  if (cut == Bytes::npos) return 0;
  const auto schema = schema_of_text(input.substr(0, cut), "fuzz", {});
  if (!schema) {
    if (schema.error().text.empty() || schema.error().kind != ErrorKind::usage) __builtin_trap();
    return 0;
  }
  const auto value = parse_json(input.substr(cut + 1));
  if (!value) return 0;
  const auto first = (*schema)->check(*value);
  if (first.size() > most_violations) __builtin_trap();
  for (const Violation& violation : first) {
    if (violation.rule.empty() || violation.expected.empty()) __builtin_trap();
    if (at_pointer(*value, violation.pointer) == nullptr) __builtin_trap();
  }
  const auto second = (*schema)->check(*value);
  if (!std::equal(first.begin(), first.end(), second.begin(), second.end(), same)) __builtin_trap();
  return 0;
}
