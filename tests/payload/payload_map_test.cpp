#include "payload/payload_map.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "payload/json.hpp"
#include "payload/map/map_file.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

Result<std::vector<PayloadRule>> map_of(std::string_view text) {
  const TempDir dir;
  return read_map_file(dir.write("map.toml", text));
}

// The error behind "FOLDER/map.toml:".
std::string error_of(std::string_view text) {
  const auto rules = map_of(text);
  if (rules) return "no error";
  const std::string& error = rules.error().text;
  CHECK(rules.error().kind == ErrorKind::usage);
  return error.substr(error.find("map.toml:") + 9);
}

TEST_CASE("a map gives topics their rules, the first that fits") {
  const TempDir dir;
  const auto rules = read_map_file(dir.write("map.toml", R"(
[[rule]]
topic = "plant/+/status"
format = "protobuf"
proto = ["a.proto", "b.proto"]
proto-path = "protos"
descriptor-set = "c.desc"
proto-type = "plant.Status"

[[rule]]
topic = ["plant/#", "lab/#"]
schema = "any.json"

[[rule]]
topic = "$share/group/dev/#"
version = "/v"
versions = { 1 = "one.json", two = "/two.json" }
)"));
  REQUIRE(rules);
  REQUIRE(rules->size() == 3);
  const PayloadRule* status = rule_for(*rules, "plant/1/status");
  REQUIRE(status == rules->data());
  CHECK(status->format == "protobuf");
  CHECK(status->codec.proto_files == std::vector<std::string>{dir.file("a.proto"), dir.file("b.proto")});
  CHECK(status->codec.proto_paths == std::vector<std::string>{dir.file("protos")});
  CHECK(status->codec.descriptor_sets == std::vector<std::string>{dir.file("c.desc")});
  CHECK(status->codec.message_type == "plant.Status");
  CHECK(rule_for(*rules, "plant/1/x")->schema == dir.file("any.json"));
  CHECK(rule_for(*rules, "lab") == &(*rules)[1]);
  CHECK(rule_for(*rules, "dev/1")->versions.at("1") == dir.file("one.json"));
  CHECK(rule_for(*rules, "dev/1")->versions.at("two") == "/two.json");
  CHECK(rule_for(*rules, "other") == nullptr);
  CHECK(rule_for(*rules, "$SYS/plant") == nullptr);
}

TEST_CASE("what is wrong with a map is told with its line") {
  CHECK(error_of("") == "1: there is no [[rule]]");
  CHECK(error_of("rule = 1") == "1: there is no [[rule]]");
  CHECK(error_of("x = 1").starts_with("1: 'x' means nothing here"));
  CHECK(error_of("\n[[rule]\n").starts_with("2: "));
  CHECK(error_of("[[rule]]\nformat = 'json'") == "1: a rule needs a topic");
  CHECK(error_of("[[rule]]\ntopic = 'a/#/b'").starts_with("2: "));
  CHECK(error_of("[[rule]]\ntopic = 7") == "2: a text is expected here");
  CHECK(error_of("[[rule]]\ntopic = ['a', 7]") == "2: a text is expected here");
  CHECK(error_of("[[rule]]\ntopic = ''") == "2: a text is expected here");
  CHECK(error_of("[[rule]]\ntopic = 'a'\nformat = 'yaml'") == "3: there is no format 'yaml'");
  CHECK(error_of("[[rule]]\ntopic = 'a'\n\ncolour = 'red'") == "4: a rule has no 'colour'");
  CHECK(error_of("[[rule]]\ntopic = 'a'\nversion = 'v'") == "3: 'v' does not say where a version stands");
  CHECK(error_of("[[rule]]\ntopic = 'a'\nversion = 'byte:x'").starts_with("3: 'byte:x' does not say"));
  CHECK(error_of("[[rule]]\ntopic = 'a'\nversion = '/v'") == "1: version and versions go together");
  CHECK(error_of("[[rule]]\ntopic = 'a'\nversions = {}") ==
        "3: versions is a table of schemas: { 1 = \"one.schema.json\" }");
  CHECK(error_of("[[rule]]\ntopic = 'a'\nschema = 's'\nversion = '/v'\nversions = {1 = 'x'}") ==
        "1: schema and versions exclude each other");
  const auto missing = read_map_file("/nonexistent/map.toml");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::usage);
}

TEST_CASE("keys nested without end, and maps too large, are refused before they are read") {
  std::string deep;
  for (int i = 0; i < 30'000; ++i) deep += "a.";
  for (const std::string& text : {deep + "a=1", "\n[[" + deep + "a]]", "rule = [{" + deep + "a=1}]"})
    CHECK(error_of(text).ends_with(": a key has more than 16 parts"));
  CHECK(error_of("[!").starts_with("1: "));
  CHECK(error_of("#" + std::string(1U << 20U, ' ')) ==
        "1: 1048577 bytes are more than the 1048576 it may have");
}

TEST_CASE("a payload says its version by a field, a byte or its content type") {
  const Value value = *parse_json(R"({"v":2,"w":"b","x":{"y":[true,7]}})");
  const auto version = [&value](const VersionSource& source, Bytes data = {}, std::string_view type = {}) {
    return version_of(source, data, type, value).value_or("none");
  };
  CHECK(version(VersionByPointer{"/v"}) == "2");
  CHECK(version(VersionByPointer{"/w"}) == "b");
  CHECK(version(VersionByPointer{"/x/y/1"}) == "7");
  CHECK(version(VersionByPointer{"/x"}) == "none");
  CHECK(version(VersionByPointer{"/nothing"}) == "none");
  CHECK(version(VersionByByte{1}, "a\xFF") == "255");
  CHECK(version(VersionByByte{2}, "a\xFF") == "none");
  CHECK(version(VersionByContentType{}, {}, "x/y; v=1") == "x/y; v=1");
  CHECK(version(VersionByContentType{}) == "none");
}

}  // namespace
}  // namespace mq
