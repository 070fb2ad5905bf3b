#include "payload/protobuf/protobuf_codec.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "payload/protoc.hpp"
#include "payload/value.hpp"

namespace mq {
namespace {

using testing::encoded;
using testing::json_of;
using testing::notation_of;
using testing::proto_file;
using testing::protoc;

CodecOptions of_type(const std::string& file, const std::string& type) {
  return {.proto_files = {proto_file(file)}, .proto_paths = {proto_file("deps")}, .message_type = type};
}

std::unique_ptr<Codec> made(const CodecOptions& options) {
  auto codec = make_protobuf_codec(options);
  if (!codec) FAIL(codec.error().text);
  return std::move(*codec);
}

Buffer bytes(std::string_view hex) { return *from_hex(hex); }

// Text without what follows " # ", which protoc doesn't write.
std::string without_notes(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    result += std::string(line.substr(0, line.find("  # "))) + "\n";
  }
  return result;
}

constexpr std::string_view all_fields = R"(a_double: 1.5
a_float: 0.1
an_int32: -2147483648
an_int64: -9223372036854775808
a_uint32: 4294967295
a_uint64: 18446744073709551615
a_sint32: -3
a_sint64: -9223372036854775808
a_fixed32: 7
a_fixed64: 8
a_sfixed32: -9
a_sfixed64: -10
a_bool: true
a_string: "caf\303\251 \"q\" \\ \n"
some_bytes: "\000\001\377"
a_state: STOPPED
a_point { x: 1 y: -1 }
packed_ints: 1 packed_ints: -2 packed_ints: 300
loose_ints: -1 loose_ints: 1
texts: "a" texts: "" texts: "b"
points { } points { x: 5 }
counts { key: "k" value: 7 }
places { key: -4 value { y: 2 } }
flags { key: true value: "f" }
spot { x: 9 }
maybe: 0
inner { inner { a_bool: true } }
states: RUNNING states: 77
doubles: 1e+300 doubles: -inf doubles: 100000
floats: nan floats: 3.4028235e+38
)";

constexpr std::string_view all_view =
    R"({"a_double":1.5,"a_float":0.1,"an_int32":-2147483648,"an_int64":-9223372036854775808,)"
    R"("a_uint32":4294967295,"a_uint64":18446744073709551615,"a_sint32":-3,"a_sint64":-9223372036854775808,)"
    R"("a_fixed32":7,"a_fixed64":8,"a_sfixed32":-9,"a_sfixed64":-10,"a_bool":true,)"
    R"("a_string":"café \"q\" \\ \n","some_bytes":"AAH/","a_state":"STOPPED","a_point":{"x":1,"y":-1},)"
    R"("packed_ints":[1,-2,300],"loose_ints":[-1,1],"texts":["a","","b"],"points":[{},{"x":5}],)"
    R"("counts":{"k":7},"places":{"-4":{"y":2}},"flags":{"true":"Zg=="},"spot":{"x":9},"maybe":0,)"
    R"("inner":{"inner":{"a_bool":true}},"states":["RUNNING",77],"doubles":[1e+300,null,1e+05],)"
    R"("floats":[null,3.4028235e+38]})";

TEST_CASE("every type and label is shown as JSON, with 64-bit numbers exact") {
  const auto codec = made(of_type("all3.proto", "plant.All"));
  const Buffer data = protoc("--encode=plant.All all3.proto", all_fields);
  CHECK(json_of(*codec, data) == all_view);
}

TEST_CASE("the text format is what protoc --decode writes") {
  const auto codec = made(of_type("all3.proto", "plant.All"));
  Buffer data = protoc("--encode=plant.All all3.proto", all_fields);
  std::string expected = protoc("--decode=plant.All all3.proto", data);
  // Text in UTF-8 is readable here.
  const std::size_t escaped = expected.find(R"(\303\251)");
  REQUIRE(escaped != std::string::npos);
  expected.replace(escaped, 8, "é");
  CHECK(notation_of(*codec, data) + "\n" == expected);

  const auto old = made(of_type("old2.proto", "plant.old.Old"));
  data =
      protoc("-I. -Ideps --encode=plant.old.Old old2.proto",
             R"(id: "i" level: LOW Box { width: 3 Lid { colour: "red" } Lid { } } loose: [1, 2] tight: [3, 4]
                   part { name: "n" serial: "\000" } [plant.old.weight]: 12 [plant.old.spare] { name: "s" }
                   [plant.old.Holder.held_by]: "me")");
  CHECK(notation_of(*old, data) + "\n" == protoc("-I. -Ideps --decode=plant.old.Old old2.proto", data));
  CHECK(
      json_of(*old, data) ==
      R"({"id":"i","level":"LOW","box":{"width":3,"lid":[{"colour":"red"},{}]},"loose":[1,2],"tight":[3,4],)"
      R"("part":{"name":"n","serial":"AA=="},"[plant.old.weight]":12,"[plant.old.spare]":[{"name":"s"}],)"
      R"("[plant.old.Holder.held_by]":"me"})");
}

TEST_CASE("text format on one line, with colour, and safe on a terminal") {
  const auto codec = made(of_type("all3.proto", "plant.All"));
  const Buffer data = bytes("68 01 8a 01 02 08 05 72 04 1b c2 9b 41");
  CHECK(notation_of(*codec, data, {}) == R"(a_bool: true a_string: "\033\302\233A" a_point { x: 5 })");
  CHECK(notation_of(*codec, bytes("6801"), {.colour = true}) == "\x1b[34ma_bool\x1b[0m: \x1b[35mtrue\x1b[0m");
  CHECK(notation_of(*codec, {}, {}).empty());
}

TEST_CASE("what the view shows can be published again, and so can text format") {
  const auto codec = made(of_type("all3.proto", "plant.All"));
  const Buffer data = protoc("--encode=plant.All all3.proto", all_fields);
  CHECK(encoded(*codec, all_fields) == data);
  // The view has no word for infinities and NaN.
  std::string view(all_view);
  view.replace(view.find("null"), 4, R"("-Infinity")");
  view.replace(view.find("null"), 4, R"("NaN")");
  CHECK(encoded(*codec, view) == data);
  CHECK(encoded(*codec, R"({"aDouble":1.5,"anInt64":"-7","someBytes":"_-8","aState":-5,"maybe":null})") ==
        encoded(*codec, R"(a_double: 1.5 an_int64: -7 some_bytes: "\377\357" a_state: STOPPED)"));
  CHECK(json_of(*codec,
                encoded(*codec, R"({"an_int64":9007199254740993.0,"a_uint64":1.8e19,"an_int32":-5e0})")) ==
        R"({"an_int32":-5,"an_int64":9007199254740993,"a_uint64":18000000000000000000})");
  CHECK(encoded(*codec, "").empty());
  CHECK(encoded(*codec, "{}").empty());
}

TEST_CASE("groups and extensions are published by the view's names") {
  const auto codec = made(of_type("old2.proto", "plant.old.Old"));
  const std::string view =
      R"({"id":"i","box":{"width":3,"lid":[{"colour":"red"},{}]},"loose":[1,2],"tight":[3,4],)"
      R"("[plant.old.weight]":12,"[plant.old.spare]":[{"name":"s"}]})";
  CHECK(json_of(*codec, encoded(*codec, view)) == view);
  CHECK(encoded(*codec, R"({"id":"i","tight":[3,4]})") == bytes("0a0169 2a020304"));
}

TEST_CASE("well-known types have JSON's words, and are read from them") {
  const auto codec = made(of_type("all3.proto", "plant.All"));
  const std::string view = R"({"time":"2024-02-29T12:00:00.500Z","span":"-1.500s",)"
                           R"("anything":{"@type":"type.googleapis.com/plant.Point","x":1},)"
                           R"("tree":{"a":[1.0,"x",null,true,{"b":{}}]},"leaf":null,"list":[[],"y"],)"
                           R"("boxed":-5,"boxed_text":"","boxed_bool":false,"boxed_double":2.5})";
  const Buffer data = encoded(*codec, view);
  CHECK(json_of(*codec, data) == view);
  const std::string text = protoc("--decode=plant.All all3.proto", data);
  CHECK(text.contains("seconds: 1709208000\n  nanos: 500000000"));
  CHECK(text.contains("seconds: -1\n  nanos: -500000000"));
  CHECK(notation_of(*codec, data).contains("[type.googleapis.com/plant.Point] {\n    x: 1\n  }"));
  // A time out of its range is shown as what it is.
  CHECK(json_of(*codec, encoded(*codec, "time { seconds: 999999999999999 }")) ==
        R"({"time":{"seconds":999999999999999}})");
  CHECK(json_of(*codec, encoded(*codec, R"({"time":{"seconds":1,"nanos":5}})")) ==
        R"({"time":"1970-01-01T00:00:01.000000005Z"})");
}

TEST_CASE("what an Any holds is shown when its type is known, even one that no file imports") {
  const auto codec = made(of_type("all3.proto", "plant.All"));
  const auto view_of = [&](std::string_view text) { return json_of(*codec, encoded(*codec, text)); };
  CHECK(view_of(R"(anything { type_url: "x.com/plant.Nothing" value: "abc" })") ==
        R"({"anything":{"type_url":"x.com/plant.Nothing","value":"YWJj"}})");
  CHECK(view_of(R"(anything { type_url: "a/google.protobuf.FieldMask" value: "\012\001p" })") ==
        R"({"anything":{"@type":"a/google.protobuf.FieldMask","paths":["p"]}})");
  CHECK(view_of(R"(anything { type_url: "a/google.protobuf.Duration" value: "\010\003" })") ==
        R"({"anything":{"@type":"a/google.protobuf.Duration","value":"3s"}})");
  // Bytes that are no message of that type stay bytes.
  CHECK(view_of(R"(anything { type_url: "a/plant.Point" value: "\010" })") ==
        R"({"anything":{"type_url":"a/plant.Point","value":"CA=="}})");
  CHECK(view_of(R"(anything { type_url: "\033/plant.Point" })") ==
        R"({"anything":{"type_url":"\u001b/plant.Point"}})");
}

TEST_CASE("the last value counts, messages in pieces are merged, and a oneof has one member") {
  const auto codec = made(of_type("all3.proto", "plant.All"));
  CHECK(json_of(*codec, bytes("1805 1806")) == R"({"an_int32":6})");
  CHECK(json_of(*codec, bytes("8a01020801 8a01021002")) == R"({"a_point":{"x":1,"y":2}})");
  CHECK(json_of(*codec, bytes("d2010208 01 ca010161 d201021002")) == R"({"spot":{"y":2}})");
  CHECK(json_of(*codec, bytes("d2010208 01 ca010161")) == R"({"word":"a"})");
  CHECK(json_of(*codec, bytes("b201050a0161 1001 b201050a0161 1002")) == R"({"counts":{"a":2}})");
  CHECK(json_of(*codec, bytes("b20100")) == R"({"counts":{"":0}})");
  CHECK(json_of(*codec, bytes("ba010408011200 ba010408021200 ba010408031a00")) ==
        R"({"places":{"1":{},"2":{},"3":{"key":3,"value":{},"#3":""}}})");
  CHECK(notation_of(*codec, bytes("ba010408031a00"), {}) == R"(places { key: 3 value { } 3: "" })");
  CHECK(json_of(*codec, bytes("da02020a00")) == R"({"tree":{"":null}})");
  // Packed where the schema says loose, and the other way round.
  CHECK(json_of(*codec, bytes("9a01020102 900105")) == R"({"packed_ints":[5],"loose_ints":[-1,1]})");
  // A proto3 scalar that has its default is the same as none.
  CHECK(json_of(*codec, bytes("1800 7200 e00100")) == R"({"maybe":0})");
}

TEST_CASE("fields that the schema does not know stay visible by number") {
  const auto codec = made(of_type("all3.proto", "plant.Point"));
  const Buffer data =
      bytes("0801 2a0568656c6c6f 2a02 0805 3d 00000040 18ffffffffffffffffff01 1205 0000000000");
  CHECK(
      json_of(*codec, data) ==
      R"({"x":1,"#5":["hello",{"1":5}],"#7":1073741824,"#3":18446744073709551615,"#2":"\u0000\u0000\u0000\u0000\u0000"})");
  CHECK(without_notes(notation_of(*codec, data)) ==
        "x: 1\n5: \"hello\"\n5 {\n  1: 5\n}\n7: 0x40000000\n3: 18446744073709551615\n"
        "2: \"\\000\\000\\000\\000\\000\"\n");
}

TEST_CASE("strict checking names what decoding forgives") {
  const auto codec = made(of_type("old2.proto", "plant.old.Old"));
  CHECK(codec->check_strict(bytes("0a0169"), {})->empty());
  const auto found = codec->check_strict(bytes("1009 3200 b80c05 aa0600 aa06030a01ff"), {});
  REQUIRE(found);
  const std::vector<Violation> expected{
      {"", "required", "id in plant.old.Old", "nothing"},
      {"/level", "enum", "a value of plant.old.Level", "9"},
      {"/part", "required", "name in plant.inner.Part", "nothing"},
      {"/[plant.old.spare]/0", "required", "name in plant.inner.Part", "nothing"},
      {"/[plant.old.spare]/1/name", "utf8", "a text in UTF-8", "no UTF-8 at byte 0 of 1"},
      {"/#199", "unknown field", "a field of plant.old.Old", "field 199"},
  };
  REQUIRE(found->size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(found->at(i).pointer == expected[i].pointer);
    CHECK(found->at(i).rule == expected[i].rule);
    CHECK(found->at(i).expected == expected[i].expected);
    CHECK(found->at(i).found == expected[i].found);
  }
  CHECK(json_of(*codec, bytes("1009 3200 aa06030a01ff")) ==
        R"({"level":9,"part":{},"[plant.old.spare]":[{"name":"/w=="}]})");
  const auto point = made(of_type("all3.proto", "plant.Point"));
  Buffer many;
  for (int i = 0; i < 1000; ++i) many += bytes("2001");
  CHECK(point->check_strict(many, {})->size() == most_violations);
}

TEST_CASE("what does not fit the schema is told with its place") {
  const auto codec = made(of_type("all3.proto", "plant.All"));
  const auto error_of = [&](std::string_view text) { return encoded(*codec, text); };
  CHECK(error_of(R"({"an_int32":2147483648})") ==
        "error: at '/an_int32': '2147483648' is not a number in the range of int32");
  CHECK(error_of(R"({"a_uint64":-1})") ==
        "error: at '/a_uint64': '-1' is not a number in the range of uint64");
  CHECK(error_of(R"({"points":[{},{"z":1}]})") == "error: at '/points/1/z': plant.Point has no field 'z'");
  CHECK(error_of(R"({"counts":{"a/b":"x"}})") ==
        "error: at '/counts/a~1b': 'x' is not a number in the range of int32");
  CHECK(error_of(R"({"a_state":"BROKEN"})") ==
        "error: at '/a_state': 'BROKEN' is not a value of plant.State");
  CHECK(error_of(R"({"some_bytes":"*"})") == "error: at '/some_bytes': '*' is not base64");
  CHECK(error_of(R"({"word":"a","digit":1})") ==
        "error: at '/digit': another one of choice is given already");
  CHECK(error_of(R"({"maybe":1,"maybe":2})") == "error: at '/maybe': the field is given twice");
  CHECK(error_of(R"({"#17":1})") == "error: at '/#17': what the field '#17' is on the wire isn't known");
  CHECK(error_of(R"({"a_float":1e39})") ==
        "error: at '/a_float': '1e39' is not a number in the range of float");
  CHECK(error_of(R"({"time":"yesterday"})") ==
        "error: at '/time': 'yesterday' is not a time such as 2024-05-01T12:00:00Z");
  CHECK(error_of(R"({"an_int64":4503599627370497.3})").contains("is not a number in the range of int64"));
  CHECK(error_of(R"({"an_int64":1.00000000000000000001})").contains("is not a number in the range"));
  CHECK(error_of(R"({"an_int64":9223372036854775808.0})").contains("is not a number in the range"));
  CHECK(error_of("a_string: \"a\\377\"") == "error: at '/a_string': this is no text in UTF-8");
  CHECK(error_of("[1]") == "error: at the top: an array is not plant.All, which is an object");
  CHECK(error_of("{").starts_with("error: this is not JSON: "));
  CHECK(error_of("a_bool: tru").starts_with("error: this is no plant.All in text format: line 1, column "));
  const auto old = made(of_type("old2.proto", "plant.old.Old"));
  CHECK(encoded(*old, "{}") == "error: at the top: plant.old.Old needs the field 'id'");
  CHECK(encoded(*old, "part { name: \"n\" }") ==
        "error: this is no plant.old.Old: id is required and missing");
}

}  // namespace
}  // namespace mq
