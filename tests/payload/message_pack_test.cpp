#include "payload/message_pack.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "payload/codecs.hpp"
#include "payload/json.hpp"

namespace mq {
namespace {

std::string bytes_of(std::string_view hex) { return from_hex(hex).value(); }

std::string json_of(Bytes data) {
  const auto value = read_message_pack(data);
  if (!value) {
    CHECK(value.error().kind == ErrorKind::payload);
    return value.error().text;
  }
  Buffer json;
  append_json(*value, json);
  return json;
}

std::string view(std::string_view hex) { return json_of(bytes_of(hex)); }

std::string encoded_bytes(std::string_view json) {
  Buffer out = "kept";
  const auto done = find_codec("msgpack")->make({}).value()->encode(json, out);
  if (done) return out.substr(4);
  CHECK(done.error().kind == ErrorKind::payload);
  CHECK(out == "kept");
  return done.error().text;
}

std::string encoded(std::string_view json) { return to_hex(encoded_bytes(json)); }

// One example of each format that isn't a range within the first byte.
struct Example {
  std::string_view hex;
  std::string_view json;
};

constexpr Example examples[] = {
    {"c0", "null"},
    {"c2", "false"},
    {"c3", "true"},
    {"c4020102", R"("AQI=")"},
    {"c500020102", R"("AQI=")"},
    {"c6000000020102", R"("AQI=")"},
    {"c7030501ff02", R"({"ext":5,"data":"Af8C"})"},
    {"c800010501", R"({"ext":5,"data":"AQ=="})"},
    {"c900000001fe01", R"({"ext":-2,"data":"AQ=="})"},
    {"ca3dcccccd", "0.1"},
    {"cb3fb999999999999a", "0.1"},
    {"ccff", "255"},
    {"cdffff", "65535"},
    {"ceffffffff", "4294967295"},
    {"cfffffffffffffffff", "18446744073709551615"},
    {"d080", "-128"},
    {"d18000", "-32768"},
    {"d280000000", "-2147483648"},
    {"d38000000000000000", "-9223372036854775808"},
    {"d40100", R"({"ext":1,"data":"AA=="})"},
    {"d5010001", R"({"ext":1,"data":"AAE="})"},
    {"d60100010203", R"({"ext":1,"data":"AAECAw=="})"},
    {"d7010001020304050607", R"({"ext":1,"data":"AAECAwQFBgc="})"},
    {"d801000102030405060708090a0b0c0d0e0f", R"({"ext":1,"data":"AAECAwQFBgcICQoLDA0ODw=="})"},
    {"d9026869", R"("hi")"},
    {"da00026869", R"("hi")"},
    {"db000000026869", R"("hi")"},
    {"dc000201c0", "[1,null]"},
    {"dd0000000201c0", "[1,null]"},
    {"de0001a16101", R"({"a":1})"},
    {"df00000001a16101", R"({"a":1})"},
};

TEST_CASE("every byte that a format can begin with") {
  std::set<unsigned> seen;
  const auto check = [&seen](const std::string& data, std::string_view json) {
    CAPTURE(to_hex(data));
    seen.insert(octet(data.front()));
    CHECK(json_of(data) == json);
    for (std::size_t size = 0; size < data.size(); ++size)
      CHECK_FALSE(read_message_pack(data.substr(0, size)));
    CHECK(
        json_of(data + "\x01").starts_with("this is not one MessagePack object: 1 byte follows it at byte "));
  };
  for (unsigned i = 0; i < 0x80; ++i) check(std::string(1, static_cast<char>(i)), std::to_string(i));
  for (unsigned i = 0; i < 0x20; ++i)
    check(std::string(1, static_cast<char>(0xE0 + i)), std::to_string(int(i) - 32));
  for (unsigned i = 0; i < 0x20; ++i)
    check(static_cast<char>(0xA0 + i) + std::string(i, 'x'), '"' + std::string(i, 'x') + '"');
  for (unsigned i = 0; i < 0x10; ++i) {
    std::string array, array_json, map, map_json;
    for (unsigned k = 0; k < i; ++k) {
      array += "\x07";
      array_json += k == 0 ? "7" : ",7";
      map += "\xA1k\x07";
      map_json += k == 0 ? R"("k":7)" : R"(,"k":7)";
    }
    check(static_cast<char>(0x90 + i) + array, '[' + array_json + ']');
    check(static_cast<char>(0x80 + i) + map, '{' + map_json + '}');
  }
  for (const Example& example : examples) check(bytes_of(example.hex), example.json);
  CHECK(view("c1") == "this is not MessagePack: at byte 0: the byte c1, which means nothing");
  seen.insert(0xC1);
  CHECK(seen.size() == 256);
}

TEST_CASE("an error says where and why") {
  CHECK(view("") == "this is not MessagePack: it is empty");
  CHECK(view("9201") ==
        "this is not MessagePack: at byte 0: it says that 2 elements follow, but bytes left are 1");
  CHECK(view("9201a3") == "this is not MessagePack: at byte 2: the data ends within this object");
  CHECK(view("92a16101c1") == "this is not one MessagePack object: 1 byte follows it at byte 4");
  CHECK(view("9201c1") == "this is not MessagePack: at byte 2: the byte c1, which means nothing");
  CHECK(view("81a161") == "this is not MessagePack: at byte 3: the data ends where an object should be");
}

TEST_CASE("claimed sizes cost nothing") {
  for (const std::string_view hex : {"c6ffffffff00", "c9ffffffff0000", "dbffffffff00", "ddffffffff00",
                                     "dfffffffff0000", "dd7fffffff00", "df7fffffff0000"}) {
    CAPTURE(hex);
    CHECK(view(hex).starts_with("this is not MessagePack: at byte 0: "));
  }
}

TEST_CASE("depth, number of parts and keys within keys are bounded") {
  const auto nested = [](std::string_view open, std::size_t levels) {
    std::string data;
    for (std::size_t i = 0; i < levels; ++i) data += open;
    return json_of(data + "\x01");
  };
  for (const std::string_view open : {"\x91", "\x81\x01"}) {
    CHECK(nested(open, deepest_value).ends_with(open == "\x91" ? "]" : "}"));
    CHECK(nested(open, deepest_value + 1).ends_with("it is nested deeper than 512 levels"));
    CHECK(nested(open, 1'000'000).ends_with("it is nested deeper than 512 levels"));
  }
  CHECK(json_of("\xDD" + bytes_of("000f4240") + std::string(most_parts, '\x01'))
            .ends_with("it has more than 1000000 parts"));

  // Maps as keys: each level escapes the names of the one within.
  const auto keys = [](std::size_t levels) {
    return json_of(std::string(levels, '\x81') + std::string(levels + 1, '\x01'));
  };
  CHECK(keys(2) == R"({"{\"1\":1}":1})");
  CHECK(keys(5).starts_with(R"({"{\"{)"));
  CHECK(keys(6).ends_with("keys within keys, more than 4 levels of them"));
  CHECK(keys(500).ends_with("keys within keys, more than 4 levels of them"));
}

TEST_CASE("keys that are not text become their JSON text") {
  CHECK(view("8a 01 00 ff 00 c0 00 c3 00 cb3ff8000000000000 00 c40101 00 9201a161 00 81a16101 00 "
             "d6ff00000000 00 a161 00") ==
        R"({"1":0,"-1":0,"null":0,"true":0,"1.5":0,"\"AQ==\"":0,"[1,\"a\"]":0,"{\"a\":1}":0,)"
        R"("1970-01-01T00:00:00Z":0,"a":0})");
  CHECK(view("82a16101a16102") == R"({"a":1,"a":2})");
}

TEST_CASE("strings that are not UTF-8 are bytes") {
  CHECK(view("a2c3bc") == "\"\xC3\xBC\"");
  CHECK(view("a2c328") == R"("wyg=")");
  CHECK(read_message_pack(bytes_of("a2c328"))->kind == Value::Kind::bytes);
}

TEST_CASE("timestamps are dates, as far as a date can be written") {
  CHECK(view("d6ff00000000") == R"("1970-01-01T00:00:00Z")");
  CHECK(view("d6ffffffffff") == R"("2106-02-07T06:28:15Z")");
  CHECK(view("d7ff77359400514b67b0") == R"("2013-03-21T20:04:00.5Z")");
  CHECK(view("d7ff00000004514b67b0") == R"("2013-03-21T20:04:00.000000001Z")");
  CHECK(view("d7ff00000003ffffffff") == R"("2514-05-30T01:53:03Z")");
  CHECK(view("c70cff075bcd15ffffffffffffffff") == R"("1969-12-31T23:59:59.123456789Z")");
  CHECK(view("c70cff00000000fffffff1868b8400") == R"("0000-01-01T00:00:00Z")");
  CHECK(view("c70cff000000000000003afff4417f") == R"("9999-12-31T23:59:59Z")");
  // Before year 0, after 9999, and a second of more than 10^9 nanoseconds.
  CHECK(view("c70cff00000000fffffff1868b83ff").starts_with(R"({"ext":-1,)"));
  CHECK(view("c70cff000000000000003afff44180").starts_with(R"({"ext":-1,)"));
  CHECK(view("c70cff3b9aca000000000000000000").starts_with(R"({"ext":-1,)"));
  CHECK(view("d5ff0001") == R"({"ext":-1,"data":"AAE="})");
}

TEST_CASE("JSON becomes the smallest forms") {
  CHECK(encoded(R"({"a":[1,null,true,false,"x"],"b":{}})") == "82a1619501c0c3c2a178a16280");
  CHECK(encoded("[0,127,128,255,256,65535,65536,4294967295,4294967296,18446744073709551615]") ==
        "9a007fcc80ccffcd0100cdffffce00010000ceffffffffcf0000000100000000cfffffffffffffffff");
  CHECK(encoded("[-0,-1,-32,-33,-128,-129,-32768,-32769,-2147483648,-2147483649,-9223372036854775808]") ==
        "9b00ffe0d0dfd080d1ff7fd18000d2ffff7fffd280000000d3ffffffff7fffffffd38000000000000000");
  CHECK(encoded("[1.5,1.0,-0.0,0.1,1e5]") ==
        "95cb3ff8000000000000cb3ff0000000000000cb8000000000000000cb3fb999999999999acb40f86a0000000000");
  const auto head = [](std::string_view open, std::size_t size, std::string_view close) {
    std::string json(open);
    for (std::size_t i = 0; i < size; ++i)
      json += open == "\"" ? "x" : open == "[" ? (i == 0 ? "1" : ",1") : (i == 0 ? "\"\":1" : ",\"\":1");
    return to_hex(encoded_bytes(json + std::string(close)).substr(0, 5));
  };
  CHECK(head("\"", 31, "\"").starts_with("bf78"));
  CHECK(head("\"", 32, "\"").starts_with("d92078"));
  CHECK(head("\"", 255, "\"").starts_with("d9ff78"));
  CHECK(head("\"", 256, "\"").starts_with("da010078"));
  CHECK(head("\"", 65535, "\"").starts_with("daffff78"));
  CHECK(head("\"", 65536, "\"") == "db00010000");
  CHECK(head("[", 15, "]").starts_with("9f01"));
  CHECK(head("[", 16, "]").starts_with("dc001001"));
  CHECK(head("[", 65535, "]").starts_with("dcffff01"));
  CHECK(head("[", 65536, "]") == "dd00010000");
  CHECK(head("{", 15, "}").starts_with("8fa001"));
  CHECK(head("{", 16, "}").starts_with("de0010a001"));
  CHECK(head("{", 65536, "}") == "df00010000");
}

TEST_CASE("bytes have their own smallest forms") {
  for (const std::size_t size : {0U, 255U, 256U, 65535U, 65536U}) {
    Buffer out;
    REQUIRE(write_message_pack(Value::of_bytes(std::string(size, '\xFF')), out));
    CHECK(octet(out[0]) == (size < 256 ? 0xC4 : size < 65536 ? 0xC5 : 0xC6));
    CHECK(read_message_pack(out)->text.size() == size);
  }
  Buffer out;
  for (const char* word : {"NaN", "Infinity", "-Infinity"}) {
    out.clear();
    REQUIRE(write_message_pack(Value::number(std::string(word)), out));
    CHECK(read_message_pack(out)->text == word);
  }
}

TEST_CASE("a number that MessagePack has not is an error") {
  CHECK(encoded("18446744073709551616") == "cb43f0000000000000");
  CHECK(encoded("-9223372036854777856") == "cbc3e0000000000001");
  CHECK(encoded_bytes("18446744073709551617") == "MessagePack has no number like '18446744073709551617'");
  CHECK(encoded_bytes("[1,123456789012345678901234567890]") ==
        "MessagePack has no number like '123456789012345678901234567890'");
  CHECK(encoded_bytes("1e999") == "MessagePack has no number like '1e999'");
  CHECK(encoded_bytes("[1,").starts_with("this is not JSON: "));
}

TEST_CASE("what an extension is shown as does not become one") {
  CHECK(encoded(R"({"ext":5,"data":"AQ=="})") ==
        "82a36578740"
        "5a464617461a441513d3d");
}

}  // namespace
}  // namespace mq
