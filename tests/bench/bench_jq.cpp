// Nanoseconds of CPU time for parsing a reading, running a jq program over it and writing the results: ours,
// and libjq alone with its own parser and writer.
//   bench_jq [THOUSANDS]
extern "C" {
#include <jv.h>

#include <jq.h>
}

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "payload/jq/jq_program.hpp"
#include "payload/json.hpp"

namespace {

constexpr const char* program = "select(.temp > 20) | .id";
constexpr std::string_view reading =
    R"({"id":"pump-00000017","ts":1700000000123,"temp":21.50,"hum":48,"unit":"C","ok":true,"tags":["roof","n"]})";

template <class Work>
double measure(const char* what, long runs, Work&& work) {
  std::size_t bytes = 0;
  const std::clock_t start = std::clock();
  for (long i = 0; i < runs; ++i) bytes += work();
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (bytes != static_cast<std::size_t>(runs) * std::string_view("\"pump-00000017\"").size()) std::abort();
  const double nanoseconds = 1e9 * seconds / static_cast<double>(runs);
  std::printf("%-34s %7.1f ns\n", what, nanoseconds);
  return nanoseconds;
}

std::size_t by_libjq(jq_state* state) {
  std::size_t bytes = 0;
  jq_start(state, jv_parse_sized(reading.data(), static_cast<int>(reading.size())), 0);
  for (jv next = jq_next(state); jv_is_valid(next) != 0; next = jq_next(state)) {
    jv text = jv_dump_string(next, 0);
    bytes += static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text)));
    jv_free(text);
  }
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  const long runs = 1000 * (argc > 1 ? std::atol(argv[1]) : 200);
  auto ours = mq::make_jq_program(program);
  jq_state* state = jq_init();
  if (!ours || state == nullptr || jq_compile(state, program) == 0) std::abort();
  std::vector<mq::Value> results;
  mq::Buffer out;
  const double our_time = measure("jq program, ours", runs, [&] {
    results.clear();
    out.clear();
    const auto value = mq::parse_json(reading);
    if (!value || !(*ours)->run(*value, results)) std::abort();
    for (const mq::Value& result : results) mq::append_json(result, out);
    return out.size();
  });
  const double its_time = measure("jq program, libjq", runs, [&] { return by_libjq(state); });
  std::printf("%-34s %7.2f\n", "jq program, ours : libjq", our_time / its_time);
  jq_teardown(&state);
  return 0;
}
