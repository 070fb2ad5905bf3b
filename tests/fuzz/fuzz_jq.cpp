// A byte that chooses a program, and JSON for it: what comes out of jq is JSON again, and of a bounded
// number. map_values() is left out: jq 1.6 leaks what it has changed when it fails at a later member.
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "payload/jq/jq_program.hpp"
#include "payload/json.hpp"

namespace {

using namespace mq;

constexpr std::array programs{".",
                              ".. | numbers",
                              ".[]?",
                              "tojson | fromjson",
                              "{a: ., b: (.a? // null)}",
                              "[.[]? | (. + 1)?]",
                              "[paths]",
                              "to_entries?",
                              "@text, @json, (@base64d?)",
                              "sort? // tostring"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto compiled = [] {
    std::vector<std::unique_ptr<Jq>> all;
    for (const char* program : programs) {
      auto made = make_jq_program(program);
      if (!made) __builtin_trap();
      all.push_back(std::move(*made));
    }
    return all;
  }();
  if (size == 0) return 0;
  const auto input = parse_json({reinterpret_cast<const char*>(data + 1), size - 1});
  if (!input) return 0;
  const std::size_t which = data[0] % programs.size();
  std::vector<Value> results;
  const auto ran = compiled[which]->run(*input, results, 1000);
  if (!ran && (ran.error().kind != ErrorKind::payload || ran.error().text.empty())) __builtin_trap();
  if (results.size() > 1000) __builtin_trap();
  // Members that are there twice become one.
  if (which == 0 && ran && results.size() != 1) __builtin_trap();
  for (const Value& result : results) {
    Buffer json;
    append_json(result, json);
    if (!parse_json(json)) __builtin_trap();
  }
  return 0;
}
