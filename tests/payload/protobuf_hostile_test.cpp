#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "payload/protobuf/proto_wire.hpp"
#include "payload/protobuf/protobuf_codec.hpp"
#include "payload/protoc.hpp"
#include "payload/value.hpp"

namespace mq {
namespace {

using testing::json_of;
using testing::notation_of;
using testing::proto_file;
using testing::protoc;

Buffer bytes(std::string_view hex) { return *from_hex(hex); }

std::unique_ptr<Codec> made(const CodecOptions& options) {
  auto codec = make_protobuf_codec(options);
  if (!codec) FAIL(codec.error().text);
  return std::move(*codec);
}

std::unique_ptr<Codec> all() {
  return made({.proto_files = {proto_file("all3.proto")}, .message_type = "plant.All"});
}

std::string without_notes(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    result += std::string(line.substr(0, line.find("  # "))) + "\n";
  }
  return result;
}

// `levels` messages of field `number` inside each other.
Buffer nested(std::uint32_t number, int levels) {
  Buffer data;
  for (int i = 0; i < levels; ++i) {
    Buffer outer;
    put_field(outer, number, data);
    data = std::move(outer);
  }
  return data;
}

TEST_CASE("without a schema the notation is protoc --decode_raw's") {
  const auto codec = made({});
  for (const std::string_view hex : {
           "089601",
           "120774657374696e67",
           "1a03089601",
           "0801 0802 0803 1201ff",
           "0dffffffff 11 0000000000000040",
           "0b 0805 13 1a0161 14 0c",
           "22 06 0a04 0a02 0801",
           "2200 2a0100",
           "08ffffffffffffffffff01",
           "220a 2207616263 5c 22 0a 41 42",
           "f8ffffff0f01",
       }) {
    const Buffer data = bytes(hex);
    CAPTURE(hex);
    const std::string expected = protoc("--decode_raw", data);
    if (expected.contains("Failed")) {
      CHECK_FALSE(codec->decode(data, {}));
    } else {
      CHECK(without_notes(notation_of(*codec, data)) == expected);
    }
  }
  for (int levels : {1, 9, 10, 11, 12, 30}) {
    CAPTURE(levels);
    const Buffer data = nested(3, levels);
    CHECK(without_notes(notation_of(*codec, data)) == protoc("--decode_raw", data));
  }
}

TEST_CASE("without a schema numbers name the members, and bytes are guessed at") {
  const auto codec = made({});
  CHECK(json_of(*codec, bytes("089601 120774657374696e67 1a020805 0801 2201ff")) ==
        R"({"1":[150,1],"2":"testing","3":{"1":5},"4":"/w=="})");
  CHECK(json_of(*codec, {}) == "{}");
  CHECK(notation_of(*codec, bytes("08ffffffffffffffffff01 150000c03f")) ==
        "1: 18446744073709551615  # -1\n2: 0x3fc00000  # 1.5");
  CHECK(notation_of(*codec, bytes("08ffffffffffffffffff01 1a020805"), {}) ==
        "1: 18446744073709551615 3 { 1: 5 }");
  Buffer out;
  const auto refused = codec->encode("{}", out);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().hint.contains("--proto-type"));
}

TEST_CASE("a message cut anywhere is a whole one or an error, never more") {
  const auto raw = made({});
  const auto codec = all();
  const Buffer data = protoc("--encode=plant.All all3.proto",
                             R"(a_double: 1 a_string: "text" a_point { x: 1 } packed_ints: [1, 2, 300]
                                counts { key: "k" value: 1 } anything { type_url: "a/plant.Point" value: "\010\001" }
                                tree { fields { key: "a" value { number_value: 1 } } } time { seconds: 5 })");
  REQUIRE(codec->decode(data, {}));
  for (std::size_t size = 0; size <= data.size(); ++size) {
    CAPTURE(size);
    const Buffer cut = data.substr(0, size);
    const bool whole = codec->decode(cut, {}).has_value();
    CHECK(whole == !protoc("--decode=plant.All all3.proto", cut).contains("Failed"));
    CHECK(raw->decode(cut, {}).has_value() == whole);
    (void)notation_of(*codec, cut);
  }
}

TEST_CASE("errors tell where") {
  const auto codec = all();
  CHECK(json_of(*codec, bytes("1801 72")) ==
        "error: this is not plant.All: at byte 2 of plant.All, it ends inside a field");
  CHECK(json_of(*codec, bytes("8a0102080172ffffffff0f")) ==
        "error: this is not plant.All: at byte 5 of plant.All, a field claims more bytes than there are");
  CHECK(json_of(*codec, bytes("8a01 02 08ff")) ==
        "error: this is not plant.All: at byte 0 of plant.Point, it ends inside a field");
  CHECK(json_of(*codec, bytes("920103 01ffff")) ==
        "error: this is not plant.All: the numbers of plant.All.packed_ints end inside one");
  CHECK(json_of(*codec, bytes("1c")).contains("a group ends that did not begin"));
  CHECK(json_of(*codec, bytes("00")).contains("there is no field of that number"));
  CHECK(
      json_of(*made({}), bytes("0801 07")) ==
      "error: this is no Protocol Buffers message: at byte 2, there is no field of that number or wire type");
}

TEST_CASE("huge lengths, endless nesting and too many parts are errors") {
  const auto codec = all();
  const auto raw = made({});
  for (const std::string_view hex : {"9201ffffffffffffffff7f", "72ffffffffffffffffff01", "aa01ffffff7f"}) {
    CHECK_FALSE(codec->decode(bytes(hex), {}));
    CHECK_FALSE(raw->decode(bytes(hex), {}));
  }
  CHECK(json_of(*codec, nested(29, 400)).starts_with(R"({"inner":{"inner":)"));
  CHECK(json_of(*codec, nested(29, 600)).contains("nested deeper than 488 levels"));
  CHECK(json_of(*codec, Buffer(100'000, '\x0B')).contains("groups are nested too deep"));
  CHECK(json_of(*raw, Buffer(100'000, '\x0B')).contains("groups are nested too deep"));
  Buffer many;
  put_field(many, 18, Buffer(most_parts + 1, '\x01'));
  CHECK(json_of(*codec, many).contains("more than 1000000 parts"));
  many.clear();
  for (std::size_t i = 0; i <= most_parts; ++i) many += "\x08\x01";
  CHECK(json_of(*raw, many).contains("more than 1000000 parts"));
}

TEST_CASE("an Any in an Any without end ends") {
  const auto codec = made({.message_type = "google.protobuf.Any"});
  Buffer data;
  for (int i = 0; i < 2000; ++i) {
    Buffer outer;
    put_field(outer, 1, "a/google.protobuf.Any");
    put_field(outer, 2, data);
    data = std::move(outer);
  }
  CHECK(json_of(*codec, data).starts_with(R"({"@type":"a/google.protobuf.Any","value":{"@type":)"));
  CHECK(notation_of(*codec, data).starts_with("[a/google.protobuf.Any] {"));
}

// What `text` says is wrong with it as a .proto file.
std::string refusal_of(std::string_view name, std::string_view text) {
  const std::string file = testing::own_folder() + std::string(name);
  testing::write_file(file, text);
  auto codec = make_protobuf_codec({.proto_files = {file}});
  return codec ? "none" : codec.error().text;
}

std::string times(std::size_t count, std::string_view text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

TEST_CASE("a type that has no more than the name of a well-known type is like any other") {
  const std::string file = testing::own_folder() + "not_known.proto";
  testing::write_file(file, R"(syntax = "proto3"; package google.protobuf;
message Struct { int32 a = 1; }
message Value { string null_value = 1; }
message ListValue { Struct values = 1; }
message BoolValue { }
message Int32Value { repeated Struct value = 1; }
message Timestamp { string seconds = 1; }
message Any { int32 type_url = 1; bytes value = 2; }
message M {
  Struct s = 1; Value v = 2; ListValue l = 3; BoolValue b = 4; Int32Value i = 5; Timestamp t = 6; Any a = 7;
})");
  const auto codec = made({.proto_files = {file}, .message_type = "google.protobuf.M"});
  const std::string view =
      R"({"s":{"a":1},"v":{"null_value":"x"},"l":{"values":{"a":2}},"b":{},)"
      R"("i":{"value":[{"a":3}]},"t":{"seconds":"5"},"a":{"type_url":1,"value":"AA=="}})";
  CHECK(json_of(*codec, bytes("0a020801")) == R"({"s":{"a":1}})");
  CHECK(json_of(*codec, testing::encoded(*codec, view)) == view);
  for (const std::string_view text :
       {R"({"v":5})", R"({"b":true})", R"({"l":[]})", R"({"t":"2024-05-01T12:00:00Z"})"})
    CHECK(testing::encoded(*codec, text).contains("which is an object"));
}

TEST_CASE("a .proto file that would end libprotobuf's recursion in a crash is refused") {
  CHECK(refusal_of("deep.proto", times(20'000, "message A{")).contains("nested too deep"));
  CHECK(refusal_of("hidden.proto", "/* ' */ " + times(20'000, "message A{")).contains("nested too deep"));
  CHECK(refusal_of("option.proto", "syntax = \"proto2\"; option (x) = {" + times(20'000, "a < ") + "};")
            .contains("nested too deep"));
  CHECK(refusal_of("package.proto", "package a" + times(20'000, ".a") + ";").contains("too many parts"));
  CHECK(refusal_of("nul.proto", std::string_view("/*\0*/", 5)).contains("NUL"));
  // Brackets that are none, and those that a file may well have
  CHECK(refusal_of("plain.proto", "syntax = \"proto3\"; // it's {{\nmessage A { " +
                                      times(300, "/* ({[ */ ; ") + "}") == "none");
  CHECK(refusal_of("control\x1b.proto", "message A { \x01 }").contains("\x1b") == false);
  for (int i = 0; i < 600; ++i)
    testing::write_file(testing::own_folder() + "chain" + std::to_string(i) + ".proto",
                        "syntax = \"proto3\"; import \"chain" + std::to_string(i + 1) + ".proto\";");
  CHECK(refusal_of("first.proto", "syntax = \"proto3\"; import \"chain0.proto\";")
            .contains("chain499.proto: it is one file too many"));
}

TEST_CASE("a descriptor set that would do so is refused too") {
  const std::string file = testing::own_folder() + "hostile.pb";
  const auto refusal = [&](const Buffer& set) -> std::string {
    testing::write_file(file, set);
    auto codec = make_protobuf_codec({.descriptor_sets = {file}});
    return codec ? "none" : codec.error().text;
  };
  Buffer set;
  for (int i = 0; i < 20'000; ++i) {
    Buffer described;
    put_field(described, 1, "f" + std::to_string(i));
    if (i > 0) put_field(described, 3, "f" + std::to_string(i - 1));
    put_field(set, 1, described);
  }
  CHECK(refusal(set).contains("import each other"));
  Buffer message;
  for (int i = 0; i < 20'000; ++i) {
    Buffer outer;
    put_field(outer, 1, "A");
    if (i > 0) put_field(outer, 3, message);
    message = std::move(outer);
    if (i > 200) break;
  }
  Buffer described;
  put_field(described, 1, "f");
  put_field(described, 4, message);
  set.clear();
  put_field(set, 1, described);
  CHECK(refusal(set).contains("is no descriptor set"));
  // FileOptions.uninterpreted_option
  described.clear();
  put_field(described, 1, "f");
  put_field(described, 8, *from_hex("ba3e024200"));
  set.clear();
  put_field(set, 1, described);
  CHECK(refusal(set).contains("not as protoc writes it"));
  described.clear();
  put_field(described, 1, "f");
  put_field(described, 2, "a" + times(20'000, ".a"));
  set.clear();
  put_field(set, 1, described);
  CHECK(refusal(set).contains("not as protoc writes it"));
}

TEST_CASE("a field that comes a million times is counted, and so is what groups hold") {
  const auto codec = all();
  const auto raw = made({});
  CHECK(json_of(*codec, times(most_parts + 1, "\x18\x01")).contains("more than 1000000 parts"));
  CHECK(json_of(*codec, times(most_parts, "\x18\x01")) == R"({"an_int32":1})");
  const auto in_groups = [](std::size_t levels, std::size_t count) {
    return times(levels, "\x0b") + times(count, "\x08\x01") + times(levels, "\x0c");
  };
  CHECK(json_of(*raw, in_groups(7, most_parts - 100)).starts_with("{"));
  CHECK(json_of(*raw, in_groups(90, most_parts / 100)).starts_with("{"));
  const std::string groups = in_groups(90, most_parts / 10);
  CHECK(json_of(*raw, groups).contains("too many fields in groups"));
  CHECK(json_of(*codec, groups).contains("too many fields in groups"));
}

}  // namespace
}  // namespace mq
