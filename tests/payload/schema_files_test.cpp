#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "payload/json.hpp"
#include "payload/schema/loader.hpp"
#include "payload/schema/uri.hpp"

namespace mq {
namespace {

namespace fs = std::filesystem;

// A folder of this test alone, gone at its end.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "mqttkit-schema-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, std::string_view text) const {
    const fs::path file = path_ / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }
  std::string path(const std::string& name = "") const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

// "valid", "invalid", or the error.
std::string verdict(const std::string& file, std::string_view value,
                    const std::vector<std::string>& folders = {}) {
  const auto schema = schema_of_file(file, folders);
  if (!schema) return schema.error().text;
  return (*schema)->check(*parse_json(value)).empty() ? "valid" : "invalid";
}

TEST_CASE("references lead to files beside the one that refers") {
  const Folder folder;
  const auto file = folder.write("main.json", R"({"items":{"$ref":"parts/part one.json#/definitions/n"}})");
  folder.write("parts/part one.json", R"({"definitions":{"n":{"$ref":"../number.json"}}})");
  folder.write("number.json", R"({"type":"number","items":{"$ref":"main.json"}})");
  CHECK(verdict(file, "[1]") == "valid");
  CHECK(verdict(file, R"(["a"])") == "invalid");
}

TEST_CASE("a part of a larger document is a schema too") {
  const Folder folder;
  const auto file = folder.write("asyncapi.json", R"({"components":{
    "messages":{"a/b":{"payload":{"properties":{"t":{"$ref":"#/components/schemas/T"}}}}},
    "schemas":{"T":{"type":"number"}}}})");
  const std::string part = file + "#/components/messages/a~1b/payload";
  CHECK(verdict(part, R"({"t":1})") == "valid");
  CHECK(verdict(part, R"({"t":"1"})") == "invalid");
  CHECK(verdict(file + "#/components/schemas/T", "{}") == "invalid");
  CHECK(verdict(file + "#/components/none", "1") ==
        "there is nothing at '#/components/none' in '" + file + "'");
  CHECK(verdict(folder.path("none.json#/a"), "1").contains("none.json' cannot be read"));
  CHECK(verdict(folder.write("odd#/name.json", R"({"type":"number"})"), "{}") == "invalid");
}

TEST_CASE("files that refer to one another load") {
  const Folder folder;
  const auto file = folder.write("a.json", R"({"properties":{"b":{"$ref":"b.json"}},"required":["b"]})");
  folder.write("b.json", R"({"properties":{"a":{"$ref":"a.json"}}})");
  CHECK(verdict(file, R"({"b":{"a":{"b":{}}}})") == "valid");
  CHECK(verdict(file, R"({"b":{"a":{}}})") == "invalid");
  folder.write("b.json", R"({"$ref":"a.json"})");
  folder.write("a.json", R"({"$ref":"b.json"})");
  CHECK(verdict(file, "1").contains("leads to itself"));
}

TEST_CASE("URIs are served from folders, by $id or by path") {
  const Folder folder;
  const auto file = folder.write("main.json", R"({"$id":"http://example.com/schemas/main.json",
      "properties":{"a":{"$ref":"a.json"},"b":{"$ref":"http://other.org/v1/b.json#/definitions/x"},
                    "c":{"$ref":"urn:example:c"}}})");
  folder.write("own-a.json", R"({"$id":"http://example.com/schemas/a.json","type":"integer"})");
  folder.write("served/v1/b.json", R"({"definitions":{"x":{"$ref":"y.json"}}})");
  folder.write("served/v1/y.json", R"({"type":"string"})");
  folder.write("served/any name.json", R"({"$id":"urn:example:c","type":"null"})");
  folder.write("served/broken.json", "{");
  const std::vector<std::string> folders = {folder.path("served")};
  CHECK(verdict(file, R"({"a":1,"b":"x","c":null})", folders) == "valid");
  CHECK(verdict(file, R"({"a":"x"})", folders) == "invalid");
  CHECK(verdict(file, R"({"b":1})", folders) == "invalid");
  CHECK(verdict(file, R"({"c":1})", folders) == "invalid");

  const auto missing = schema_of_file(file, {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == ErrorKind::usage);
  CHECK(missing.error().text.contains("which is not in '" + folder.path().substr(0, 20)));
  CHECK(missing.error().hint.contains("never fetched"));
}

TEST_CASE("what can't be read or found is told") {
  const Folder folder;
  const auto none = schema_of_file(folder.path("none.json"), {});
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::usage);
  CHECK(none.error().text.contains("cannot be read: no such file"));
  CHECK(schema_of_file(folder.path(), {}).error().kind == ErrorKind::usage);

  const auto to_none = schema_of_file(folder.write("a.json", R"({"$ref":"b.json"})"), {});
  REQUIRE_FALSE(to_none);
  CHECK(to_none.error().kind == ErrorKind::io);
  CHECK(to_none.error().text.contains("b.json', which does not exist"));
  const auto file = folder.write("c.json", R"({"items":{"$ref":"#/definitions/x"}})");
  CHECK(verdict(file, "1").ends_with("refers to '#/definitions/x', where there is nothing"));
  folder.write("c.json", R"({"$ref":"http://h/%2e%2e/%2e%2e/x.json"})");
  CHECK(verdict(file, "1").contains("which is not in"));
  folder.write("c.json", R"({"$ref":"file:///dev/zero"})");
  CHECK(verdict(file, "1").contains("which is none"));
  folder.write("c.json", std::string(17 << 20, ' '));
  CHECK(verdict(file, "1").contains("larger than 16 MiB"));
}

TEST_CASE("identifiers change what references are relative to") {
  const Folder folder;
  const auto file = folder.write("main.json", R"({"$id":"http://h/root.json",
      "properties":{"a":{"$ref":"#/definitions/inner/definitions/t"},"b":{"$ref":"#place"},
                    "c":{"$ref":"sub/inner.json#/definitions/t"}},
      "definitions":{"inner":{"$id":"sub/inner.json","definitions":{"t":{"$ref":"#/definitions/u"},
                     "u":{"type":"integer"}}},"p":{"$id":"#place","type":"string"}}})");
  CHECK(verdict(file, R"({"a":1,"b":"x","c":2})") == "valid");
  CHECK(verdict(file, R"({"a":"x"})") == "invalid");
  CHECK(verdict(file, R"({"b":1})") == "invalid");
  CHECK(verdict(file, R"({"c":"x"})") == "invalid");
}

// RFC 3986, 5.4.
TEST_CASE("references are resolved as RFC 3986 has it") {
  const auto resolved = [](std::string_view reference) {
    return resolved_uri("http://a/b/c/d;p?q", reference);
  };
  CHECK(resolved("g:h") == "g:h");
  CHECK(resolved("g") == "http://a/b/c/g");
  CHECK(resolved("./g/") == "http://a/b/c/g/");
  CHECK(resolved("/g") == "http://a/g");
  CHECK(resolved("//g") == "http://g");
  CHECK(resolved("?y") == "http://a/b/c/d;p?y");
  CHECK(resolved("g?y") == "http://a/b/c/g?y");
  CHECK(resolved("") == "http://a/b/c/d;p?q");
  CHECK(resolved(".") == "http://a/b/c/");
  CHECK(resolved("..") == "http://a/b/");
  CHECK(resolved("../../g") == "http://a/g");
  CHECK(resolved("../../../g") == "http://a/g");
  CHECK(resolved("/./g") == "http://a/g");
  CHECK(resolved("g.") == "http://a/b/c/g.");
  CHECK(resolved("./../g") == "http://a/b/g");
  CHECK(resolved("g;x=1/../y") == "http://a/b/c/y");
  CHECK(file_of_uri(uri_of_file("/a b/%ä.json")) == "/a b/%ä.json");
  CHECK_FALSE(file_of_uri("http://a/b"));
  CHECK_FALSE(file_of_uri("file://host/b"));
}

}  // namespace
}  // namespace mq
