// Nanoseconds of CPU time for holding a message of four fields against its schema: ours and valijson's own
// validator, each over the tree that it works on, which is ready.
//   bench_schema [THOUSANDS]
#define VALIJSON_USE_EXCEPTIONS 1
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "payload/json.hpp"
#include "payload/schema/loader.hpp"

namespace {

using valijson::adapters::NlohmannJsonAdapter;

constexpr std::string_view schema_text = R"({
  "type": "object",
  "required": ["id", "celsius", "state", "at"],
  "properties": {
    "id": {"type": "string", "pattern": "^[a-z]+-[0-9]{3}$"},
    "celsius": {"type": "number", "minimum": -40, "maximum": 125},
    "state": {"enum": ["on", "off", "idle"]},
    "at": {"type": "integer", "minimum": 0}
  }
})";
constexpr std::string_view good =
    R"({"id": "pump-017", "celsius": 61.25, "state": "idle", "at": 1700000000})";
constexpr std::string_view bad =
    R"({"id": "pump-017", "celsius": 161.25, "state": "idle", "at": 1700000000})";

template <class Work>
double measure(const char* what, long checks, Work&& work) {
  long right = 0;
  const std::clock_t start = std::clock();
  for (long i = 0; i < checks; ++i) right += work() ? 1 : 0;
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (right != checks) std::abort();
  const double nanoseconds = 1e9 * seconds / static_cast<double>(checks);
  std::printf("%-34s %7.1f ns\n", what, nanoseconds);
  return nanoseconds;
}

void compare(const std::string& name, std::string_view text, bool valid, long checks) {
  const auto ours = mq::schema_of_text(schema_text, "bench", {});
  const auto value = mq::parse_json(text);
  if (!ours || !value) std::abort();
  const double our_time =
      measure((name + ", ours").c_str(), checks, [&] { return (*ours)->check(*value).empty() == valid; });

  const auto schema_tree = nlohmann::json::parse(schema_text);
  valijson::Schema schema;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7)
      .populateSchema(NlohmannJsonAdapter(schema_tree), schema);
  const auto tree = nlohmann::json::parse(text);
  valijson::Validator validator;
  const double its_time = measure((name + ", valijson").c_str(), checks, [&] {
    valijson::ValidationResults results;
    return validator.validate(schema, NlohmannJsonAdapter(tree), &results) == valid;
  });
  std::printf("%-34s %7.2f\n", (name + ", ours : valijson").c_str(), our_time / its_time);
}

}  // namespace

int main(int argc, char** argv) {
  const long checks = 1000 * (argc > 1 ? std::atol(argv[1]) : 300);
  compare("valid", good, true, checks);
  compare("with a violation", bad, false, checks);
  return 0;
}
