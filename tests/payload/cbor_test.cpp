#include "payload/cbor/cbor.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "payload/cbor_vectors.hpp"
#include "payload/codecs.hpp"
#include "payload/json.hpp"

namespace mq {
namespace {

using testing::appendix_a;
using testing::appendix_f;

std::string bytes_of(std::string_view hex) { return from_hex(hex).value(); }

std::string fault(const Error& error) {
  CHECK(error.kind == ErrorKind::payload);
  return "error: " + error.text;
}

std::string json_of(Bytes data, Codec& codec) {
  const auto value = codec.decode(data, {});
  if (!value) return fault(value.error());
  Buffer json;
  append_json(*value, json);
  return json;
}

std::string notation_of(Bytes data, Codec& codec, Layout layout = {}) {
  const auto value = codec.decode(data, {});
  if (!value) return fault(value.error());
  Buffer notation;
  Ink ink(notation, layout);
  const auto written = codec.write_notation(data, {}, *value, ink);
  return written ? notation : fault(written.error());
}

std::string json_of(std::string_view hex) { return json_of(bytes_of(hex), *cbor::make_codec()); }
std::string notation_of(std::string_view hex, Layout layout = {}) {
  return notation_of(bytes_of(hex), *cbor::make_codec(), layout);
}
std::string encoded(std::string_view text) {
  Buffer out;
  const auto done = cbor::make_codec()->encode(text, out);
  return done ? to_hex(out) : fault(done.error());
}

TEST_CASE("every example of RFC 8949, appendix A") {
  static_assert(appendix_a.size() == 81);
  for (const auto& vector : appendix_a) {
    CAPTURE(vector.hex);
    CHECK(notation_of(vector.hex) == vector.notation);
    CHECK(json_of(vector.hex) == vector.json);
    if (vector.preferred) CHECK(encoded(vector.notation) == vector.hex);
    // What is written over several lines reads as the same.
    if (vector.preferred) CHECK(encoded(notation_of(vector.hex, {.lines = true})) == vector.hex);
  }
  // As the appendix escapes them.
  CHECK(encoded(R"("\u00fc")") == "62c3bc");
  CHECK(encoded(R"("\u6c34")") == "63e6b0b4");
  CHECK(encoded(R"("\ud800\udd51")") == "64f0908591");
  // Of RFC 7049's appendix, now reserved.
  CHECK(json_of("f818") == "error: this is not CBOR: at byte 0: a reserved form of simple value");
}

TEST_CASE("what ends too early is an error, whatever the byte") {
  const auto codec = cbor::make_codec();
  for (const auto& vector : appendix_a) {
    const std::string data = bytes_of(vector.hex);
    for (std::size_t size = 0; size < data.size(); ++size) {
      CAPTURE(vector.hex);
      CAPTURE(size);
      CHECK_FALSE(codec->decode(data.substr(0, size), {}));
    }
  }
}

TEST_CASE("every example of RFC 8949, appendix F, is an error") {
  const auto item = cbor::make_codec();
  const auto sequence = cbor::make_sequence_codec();
  for (const std::string_view hex : appendix_f) {
    CAPTURE(hex);
    CHECK(json_of(bytes_of(hex), *item).starts_with("error: this is not CBOR: at byte "));
    CHECK(json_of(bytes_of(hex), *sequence).starts_with("error: this is not CBOR: at byte "));
  }
}

TEST_CASE("an error says where and why") {
  CHECK(json_of("") == "error: this is not CBOR: it is empty");
  CHECK(json_of("820163") == "error: this is not CBOR: at byte 2: the data ends within this item");
  CHECK(json_of("62c328") == "error: this is not CBOR: at byte 0: a text string that is not UTF-8");
  CHECK(json_of("7f61c361bcff") == "error: this is not CBOR: at byte 1: a text string that is not UTF-8");
  CHECK(json_of("9b000000000000000501") ==
        "error: this is not CBOR: at byte 0: it says that 5 elements follow, but bytes left are 1");
  CHECK(json_of("0102") == "error: this is not one CBOR item: 1 byte follows it at byte 1");
  const auto more = cbor::make_codec()->decode(bytes_of("8101020304"), {});
  CHECK(more.error().text == "this is not one CBOR item: 3 bytes follow it at byte 2");
  CHECK(more.error().hint == "--format cbor-seq reads a sequence of items");
}

TEST_CASE("claimed sizes cost nothing") {
  for (const std::string_view hex :
       {"9bffffffffffffffff", "9b7fffffffffffffff00", "bbffffffffffffffff", "bb8000000000000000",
        "5bffffffffffffffff", "5b7fffffffffffffff00", "7bffffffffffffffff", "7b7fffffffffffffff00",
        "5bfffffffffffffff700", "9affffffff00"}) {
    CAPTURE(hex);
    CHECK(json_of(hex).starts_with("error: this is not CBOR: at byte 0: "));
  }
}

TEST_CASE("depth and number of parts are bounded") {
  const auto codec = cbor::make_codec();
  const auto nested = [&codec](std::string_view open, std::size_t levels) {
    std::string data;
    for (std::size_t i = 0; i < levels; ++i) data += open;
    return codec->decode(data + "\x01", {});
  };
  for (const std::string_view open : {"\x81", "\xC1", "\xA1\x01"}) {
    CHECK(nested(open, deepest_value));
    CHECK(nested(open, deepest_value + 1).error().text.ends_with("it is nested deeper than 512 levels"));
    CHECK_FALSE(nested(open, 1'000'000));
  }
  std::string keys;
  for (std::size_t i = 0; i < 1000; ++i) keys += '\xA1';
  CHECK_FALSE(codec->decode(keys, {}));
  CHECK_FALSE(codec->decode(std::string(1'000'000, '\x9F'), {}));

  const std::string many = "\x9F" + std::string(most_parts, '\x01') + "\xFF";
  CHECK(codec->decode(many, {}).error().text.ends_with("it has more than 1000000 parts"));

  std::string text;
  for (std::size_t i = 0; i < deepest_value; ++i) text += '[';
  CHECK(encoded(text + std::string(deepest_value, ']')).starts_with("8181"));
  for (const std::string_view open : {"[", "{1:", "1(", "<<"}) {
    std::string deep;
    for (std::size_t i = 0; i < 100'000; ++i) deep += open;
    CHECK(encoded(deep).ends_with("nested deeper than 512 levels"));
  }
}

TEST_CASE("the JSON view says what JSON can") {
  CHECK(json_of("a3f501f6024101f6") == R"({"true":1,"null":2,"h'01'":null})");
  CHECK(json_of("a38201a10203006161016161f7") == R"({"[1, {2: 3}]":0,"a":1,"a":null})");
  CHECK(json_of("a17f61616162ff01") == R"({"ab":1})");
  CHECK(json_of("a1a1f9000120e0") == R"-({"{5.960464477539063e-8: -1}":"simple(0)"})-");
  // Every tag that libcbor has no name for, too.
  CHECK(json_of("c601") == "1");
  CHECK(json_of("d401") == "1");
  CHECK(json_of("dbffffffffffffffff01") == "1");
  // Floats in their own precision.
  CHECK(json_of("fa3dcccccd") == "0.1");
  CHECK(json_of("f92e66") == "0.1");
  CHECK(json_of("f97bff") == "65504.0");
  CHECK(json_of("f903ff") == "6.1e-05");
  CHECK(json_of("fb3fb999999999999a") == "0.1");
}

TEST_CASE("big integers are exact, unless they are huge") {
  CHECK(json_of("c240") == "0");
  CHECK(json_of("c340") == "-1");
  CHECK(json_of("c24105") == "5");
  CHECK(json_of("c25f49010000000000000000ff") == "18446744073709551616");
  CHECK(json_of("c2581b3b9aca003b9aca003b9aca003b9aca003b9aca003b9aca00123456") ==
        "24519928659563212505886619954732491698495016223528452096001193046");
  CHECK(json_of("c26161") == R"("a")");
  CHECK(json_of("c201") == "1");
  // Not what an encoder would make of it: the notation keeps the bytes.
  CHECK(notation_of("c24105") == "2(h'05')");
  CHECK(notation_of("c24a00010000000000000000") == "2(h'00010000000000000000')");
  CHECK(notation_of("c25f49010000000000000000ff") == "2((_ h'010000000000000000'))");

  const std::string largest = "c2590100" + std::string(512, 'f');
  CHECK(json_of(largest).size() == 617);
  CHECK(encoded(json_of(largest)) == largest);
  CHECK(encoded(json_of("c3590100" + std::string(512, 'f'))) == "c3590100" + std::string(512, 'f'));
  CHECK(json_of("c2590101" + std::string(514, 'f')).starts_with("\"///"));
  CHECK(notation_of("c2590101" + std::string(514, 'f')) == "2(h'" + std::string(514, 'f') + "')");
  CHECK(encoded("1" + std::string(617, '0'))
            .ends_with("at byte 0: an integer of 618 digits, longer than 256 bytes"));
  CHECK(encoded(std::string(617, '9')).ends_with("longer than 256 bytes"));
}

TEST_CASE("decimal fractions and bigfloats are exact, unless they are large") {
  CHECK(json_of("c48221196ab3") == "273.15");
  CHECK(json_of("c4822103") == "0.03");
  CHECK(json_of("c4822123") == "-0.04");
  CHECK(json_of("c4820203") == "300");
  CHECK(json_of("c4820003") == "3");
  CHECK(json_of("c4820500") == "0");
  CHECK(json_of("c48219ffff03") == "[65535,3]");
  CHECK(json_of("c48221f93e00") == "[-2,1.5]");
  CHECK(json_of("c482216161") == R"([-2,"a"])");
  CHECK(json_of("c48321196ab300") == "[-2,27315,0]");
  CHECK(json_of("c4a12101") == R"({"-2":1})");
  CHECK(json_of("c5822003") == "1.5");
  CHECK(json_of("c582183f1bffffffffffffffff") == "170141183460469231722463931679029329920");
  CHECK(json_of("c582383f01") == "0.0000000000000000000542101086242752217003726400434970855712890625");
  CHECK(json_of("c482214101") == R"([-2,"AQ=="])");
  CHECK(json_of("c48221c249010000000000000000") == "184467440737095516.16");
}

TEST_CASE("notation over several lines and in colours") {
  CHECK(notation_of("a2616182019fff8102c18103", {.lines = true}) ==
        "{\n  \"a\": [\n    1,\n    [_ ]\n  ],\n  [\n    2\n  ]: 1([\n    3\n  ])\n}");
  CHECK(notation_of("bf01c1f5ff", {.colour = true, .lines = true}) ==
        "{_\n  \x1b[36m1\x1b[0m: \x1b[2m1\x1b[0m(\x1b[35mtrue\x1b[0m)\n}");
  CHECK(notation_of("a161614101", {.colour = true}) == "{\x1b[34m\"a\"\x1b[0m: \x1b[32mh'01'\x1b[0m}");
  CHECK(notation_of("bfff") == "{_ }");
  CHECK(notation_of("5fff") == "''_");
  CHECK(notation_of("7fff") == "\"\"_");
  // Nothing that a terminal would obey.
  CHECK(notation_of("671b5b6d7fc29b61") == R"("\u001b[m\u007f\u009ba")");
  CHECK(notation_of("62c2a0") == "\"\xC2\xA0\"");
}

TEST_CASE("the module is loaded when it is asked for") {
  ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
  const auto codec = find_codec("cbor")->make({});
  REQUIRE(codec);
  CHECK(json_of(bytes_of("83010203"), **codec) == "[1,2,3]");
  const auto sequence = find_codec("cbor-seq")->make({});
  REQUIRE(sequence);
  CHECK(json_of(bytes_of("010203"), **sequence) == "[1,2,3]");
  CHECK(json_of(bytes_of("ff"), **codec).starts_with("error: this is not CBOR: "));

  ::setenv("MQTTKIT_MODULES", "/nonexistent", 1);
  const auto missing = find_codec("cbor")->make({});
  REQUIRE_FALSE(missing);
  CHECK(fault(missing.error())
            .starts_with("error: the part of mqttkit for cbor cannot be loaded: "
                         "/nonexistent/mqttkit-cbor.so: "));
  CHECK(missing.error().hint == "install mqttkit whole, with the libraries that it depends on");
  ::setenv("MQTTKIT_MODULES", MQ_MODULES, 1);
}

TEST_CASE("a sequence has any number of items") {
  const auto codec = cbor::make_sequence_codec();
  const auto view = [&codec](std::string_view hex) { return json_of(bytes_of(hex), *codec); };
  CHECK(view("") == "[]");
  CHECK(view("01") == "[1]");
  CHECK(view("0182020361618103") == R"([1,[2,3],"a",[3]])");
  CHECK(view("01ff").starts_with("error: this is not CBOR: at byte 1: "));
  CHECK(notation_of(bytes_of("01820203f6"), *codec) == "1, [2, 3], null");
  CHECK(notation_of(bytes_of("018102f6"), *codec, {.lines = true}) == "1\n[\n  2\n]\nnull");
  CHECK(notation_of("", *codec).empty());
}

}  // namespace
}  // namespace mq
