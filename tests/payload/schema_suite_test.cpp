// The public JSON-Schema-Test-Suite (Debian: json-schema-test-suite), draft-07.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "payload/json.hpp"
#include "payload/schema/loader.hpp"

namespace mq {
namespace {

namespace fs = std::filesystem;

const fs::path suite = "/usr/share/json-schema-test-suite";

// Of the optional part: files of which some cases fail, and why. One that passes after all fails the test.
// No required case is left out.
struct Known {
  std::string_view file;
  std::string_view why;
};
constexpr std::array known = {
    Known{"content", "contentEncoding and contentMediaType are not checked"},
    Known{"idn-email", "formats of international names are not checked"},
    Known{"idn-hostname", "formats of international names are not checked"},
    Known{"iri", "formats of international names are not checked"},
    Known{"iri-reference", "formats of international names are not checked"},
    Known{"uri-template", "nobody sends templates"},
};

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string text_of(const Value& value) {
  Buffer text;
  append_json(value, text);
  return text;
}

struct Count {
  int passed = 0;
  int failed = 0;
  std::string failures{};
};

// Every case of one file.
Count run(const fs::path& file) {
  Count count;
  const auto groups = parse_json(text_of(file));
  REQUIRE_MESSAGE(groups.has_value(), "no " << file.string());
  for (const Value& group : groups->items) {
    const std::string& name = group.member("description")->text;
    const auto schema =
        schema_of_text(text_of(*group.member("schema")), name, {(suite / "remotes").string()});
    for (const Value& test : group.member("tests")->items) {
      const bool valid = test.member("valid")->truth;
      const bool passed = schema && (*schema)->check(*test.member("data")).empty() == valid;
      ++(passed ? count.passed : count.failed);
      if (!passed)
        count.failures += "\n" + file.stem().string() + ": " + name + ": " +
                          test.member("description")->text + (schema ? "" : " (" + schema.error().text + ")");
    }
  }
  return count;
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

TEST_CASE("every required case of the public suite passes") {
  int cases = 0;
  const auto files = files_in(suite / "tests/draft7");
  REQUIRE_MESSAGE(files.size() > 20, "install json-schema-test-suite");
  for (const fs::path& file : files) {
    const Count count = run(file);
    cases += count.passed + count.failed;
    CHECK_MESSAGE(count.failed == 0, count.failures);
  }
  CHECK(cases > 400);
}

TEST_CASE("optional cases of the public suite") {
  auto files = files_in(suite / "tests/draft7/optional");
  REQUIRE_MESSAGE(files.size() >= 4, "install json-schema-test-suite");
  std::ranges::copy(files_in(suite / "tests/draft7/optional/format"), std::back_inserter(files));
  for (const fs::path& file : files) {
    const Count count = run(file);
    const bool listed = std::ranges::find(known, file.stem().string(), &Known::file) != known.end();
    CHECK_MESSAGE((count.failed != 0) == listed, file.string() << count.failures);
  }
}

}  // namespace
}  // namespace mq
