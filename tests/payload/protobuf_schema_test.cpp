#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "payload/protobuf/protobuf_codec.hpp"
#include "payload/protoc.hpp"

namespace mq {
namespace {

using testing::json_of;
using testing::own_folder;
using testing::proto_file;
using testing::protoc;

Error error_of(const CodecOptions& options) {
  auto codec = make_protobuf_codec(options);
  REQUIRE_FALSE(codec);
  return codec.error();
}

std::string view_of(const CodecOptions& options, std::string_view hex) {
  auto codec = make_protobuf_codec(options);
  return codec ? json_of(**codec, *from_hex(hex)) : "error: " + codec.error().text;
}

constexpr std::string_view old_message = "0a0169 32030a016e a00607";
constexpr std::string_view old_view = R"({"id":"i","part":{"name":"n"},"[plant.old.weight]":7})";

TEST_CASE("imports are looked for in the import paths, and beside the file") {
  CHECK(view_of({.proto_files = {proto_file("old2.proto")},
                 .proto_paths = {proto_file("deps")},
                 .message_type = "plant.old.Old"},
                old_message) == old_view);
  CHECK(view_of({.proto_files = {"old2.proto"},
                 .proto_paths = {proto_file(""), proto_file("deps")},
                 .message_type = ".plant.old.Old"},
                old_message) == old_view);
  const Error missing =
      error_of({.proto_files = {proto_file("old2.proto")}, .message_type = "plant.old.Old"});
  CHECK(missing.kind == ErrorKind::usage);
  CHECK(missing.text.contains("inner/part.proto: File not found"));
  CHECK(missing.text.contains("old2.proto:4:1: "));
}

TEST_CASE("descriptor sets will do instead, alone and together with files") {
  const std::string whole = own_folder() + "whole.pb";
  const std::string part = own_folder() + "part.pb";
  REQUIRE(protoc("-I. -Ideps --include_imports --descriptor_set_out=" + whole + " old2.proto").empty());
  REQUIRE(protoc("-Ideps --descriptor_set_out=" + part + " inner/part.proto").empty());
  CHECK(view_of({.descriptor_sets = {whole}, .message_type = "plant.old.Old"}, old_message) == old_view);
  CHECK(view_of({.descriptor_sets = {whole, part}, .message_type = "plant.old.Old"}, old_message) ==
        old_view);
  CHECK(view_of({.proto_files = {proto_file("old2.proto")},
                 .descriptor_sets = {part},
                 .message_type = "plant.old.Old"},
                old_message) == old_view);
  CHECK(view_of({.descriptor_sets = {part}}, "0a016e") == R"({"name":"n"})");
  CHECK(view_of({.proto_files = {proto_file("all3.proto")},
                 .descriptor_sets = {whole},
                 .message_type = "plant.inner.Part"},
                "0a016e") == R"({"name":"n"})");
}

TEST_CASE("descriptor sets alone look for nothing around them, and come before what is in import paths") {
  const std::string set = own_folder() + "own.pb";
  const std::string paths = own_folder() + "paths";
  std::filesystem::create_directories(paths);
  testing::write_file(own_folder() + "own.proto", "syntax = \"proto3\"; message Own { int32 of_set = 1; }");
  REQUIRE(protoc("-I" + own_folder() + " --descriptor_set_out=" + set + " " + own_folder() + "own.proto")
              .empty());
  testing::write_file(paths + "/own.proto", "syntax = \"proto3\"; message Own { int32 of_path = 1; }");
  CHECK(view_of({.proto_paths = {paths}, .descriptor_sets = {set}}, "0801") == R"({"of_set":1})");
}

TEST_CASE("what a terminal must not have is not in errors") {
  const std::string file = own_folder() + "es\x1b[31mc.proto";
  testing::write_file(file, "syntax = \"proto3\"; import \"a\\033]0;x\"; message A { \x1b }");
  for (const Error& error : {error_of({.proto_files = {file}}), error_of({.proto_files = {file + "2"}})})
    CHECK_FALSE(error.text.contains('\x1b'));
}

TEST_CASE("a descriptor set that is none, or lacks its imports, is told") {
  const std::string lacking = own_folder() + "lacking.pb";
  REQUIRE(protoc("-I. -Ideps --descriptor_set_out=" + lacking + " old2.proto").empty());
  CHECK(error_of({.descriptor_sets = {lacking}}).text.contains("inner/part.proto"));
  CHECK(error_of({.descriptor_sets = {proto_file("all3.proto")}}).text.ends_with(" is no descriptor set"));
  CHECK(error_of({.descriptor_sets = {own_folder() + "none"}}).kind == ErrorKind::usage);
}

TEST_CASE("mistakes in a .proto file are told with file, line and column") {
  CHECK(error_of({.proto_files = {proto_file("broken.proto")}}).text ==
        "broken.proto:5:3: \"strin\" is not defined; "
        "broken.proto:6:13: Field number 1 has already been used in \"Broken\" by field \"a\"");
  CHECK(error_of({.proto_files = {proto_file("unfinished.proto")}}).text.contains("unfinished.proto:4:13: "));
  const Error missing = error_of({.proto_files = {proto_file("missing.proto")}});
  CHECK(missing.kind == ErrorKind::usage);
  CHECK(missing.text == "there is no file " + proto_file("missing.proto"));
  CHECK(error_of({.proto_files = {"all3.proto"}, .proto_paths = {proto_file("nowhere")}}).text ==
        "there is no folder " + proto_file("nowhere") + " to look for .proto files in");
}

TEST_CASE("the message type may be left out when there is one, and is suggested when there is not") {
  CHECK(view_of({.proto_files = {proto_file("deps/inner/part.proto")}}, "0a016e") == R"({"name":"n"})");
  const Error many = error_of({.proto_files = {proto_file("all3.proto")}});
  CHECK(many.text == "the given files have 2 messages: which one?");
  CHECK(many.hint == "--proto-type is one of plant.Point, plant.All");
  const Error near = error_of({.proto_files = {proto_file("all3.proto")}, .message_type = "point"});
  CHECK(near.text == "there is no message type 'point'");
  CHECK(near.hint == "did you mean plant.Point?");
  CHECK(error_of({.proto_files = {proto_file("all3.proto")}, .message_type = "Line"}).hint ==
        "there is plant.Point, plant.All");
  CHECK(error_of({.message_type = "plant.Point"}).hint == "name the file that has it with --proto");
}

TEST_CASE("well-known types need no file") {
  CHECK(view_of({.message_type = "google.protobuf.Timestamp"}, "0801") == R"("1970-01-01T00:00:01Z")");
}

}  // namespace
}  // namespace mq
