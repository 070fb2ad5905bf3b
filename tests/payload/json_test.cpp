#include "payload/json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "payload/plain_codecs.hpp"

namespace mq {
namespace {

std::string round_trip(std::string_view text) {
  const auto value = parse_json(text);
  if (!value) return "error: " + value.error().text;
  Buffer out;
  append_json(*value, out);
  return out;
}

std::string laid_out(std::string_view text, Layout layout) {
  Buffer out;
  Ink ink(out, layout);
  write_json(*parse_json(text), ink);
  return out;
}

TEST_CASE("a value keeps the spelling of numbers, the order of members and members of the same name") {
  for (const std::string_view text : {"1",
                                      "-0",
                                      "0",
                                      "1.50",
                                      "-0.0",
                                      "1e5",
                                      "1E+5",
                                      "12345678901234567890",
                                      "-12345678901234567890123",
                                      "0.1000",
                                      "1e999",
                                      "-1e999",
                                      "1.5e-9999",
                                      R"({"z":1,"a":2,"z":3})",
                                      "[1e999,0,1E4000,-2.50]",
                                      R"(["1e999",1e999,"\"9e9",-9e999])",
                                      "true",
                                      "false",
                                      "null",
                                      R"("")",
                                      "{}",
                                      "[]",
                                      "[[],{}]",
                                      R"({"":0,"a":{"b":[null,true]}})",
                                      R"("\u0000\u001f")",
                                      "\"\U0001F600\""}) {
    CAPTURE(text);
    CHECK(round_trip(text) == text);
  }
  CHECK(round_trip(" [ 1 , 2 ] \n") == "[1,2]");
}

TEST_CASE("what is not JSON is told with its place") {
  for (const std::string_view text :
       {"",         " ",           "{",     "[1,",     "[1 2]",      "01",         "1.",     "-",
        "+1",       "nul",         "{1:2}", "{\"a\"}", "'a'",        "[1e999",     "1e999x", "\"\x01\"",
        "\"\xFF\"", R"("\ud800")", "NaN",   "[1e]",    "[1e999,01]", "[1e999,1e-]"}) {
    CAPTURE(text);
    const auto value = parse_json(text);
    REQUIRE_FALSE(value);
    CHECK(value.error().kind == ErrorKind::payload);
    CHECK(value.error().text.starts_with("this is not JSON: "));
  }
  CHECK(parse_json("[1,\n x]").error().text.contains("line 2, column 2"));
  CHECK(parse_json(std::string_view("1\0", 2)).error().text == "this is not JSON: it holds a NUL byte");
  CHECK(parse_json("\xEF\xBB\xBF{}").error().text == "this is not JSON: it begins with a byte order mark");
}

TEST_CASE("depth and number of parts are bounded") {
  const std::string deep(deepest_value, '[');
  CHECK(parse_json(deep + std::string(deepest_value, ']')));
  CHECK(parse_json("[" + deep).error().text == "this is not JSON: it is nested deeper than 512 levels");
  std::string many = "[0";
  for (std::size_t i = 0; i < most_parts; ++i) many += ",0";
  CHECK(parse_json(many + "]").error().text == "this is not JSON: it has more than 1000000 parts");
}

TEST_CASE("JSON is laid out on one line or on several") {
  constexpr std::string_view text = R"({"a":[1,{}],"b":[],"c":{"d":null}})";
  CHECK(laid_out(text, {}) == text);
  CHECK(laid_out(text, {.lines = true}) ==
        "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": [],\n  \"c\": {\n    \"d\": null\n  }\n}");
  CHECK(laid_out(R"({"a":["x",1.50,true]})", {.colour = true}) ==
        "{\x1b[34m\"a\"\x1b[0m:[\x1b[32m\"x\"\x1b[0m,\x1b[36m1.50\x1b[0m,\x1b[35mtrue\x1b[0m]}");
}

TEST_CASE("what JSON has no word for becomes what it has") {
  Value value = Value::array();
  value.add(Value::of_bytes(std::string("\0\xFF", 2)));
  for (const char* word : {"NaN", "Infinity", "-Infinity"}) value.add(Value::number(std::string(word)));
  value.add(Value::number(1.0));
  value.add(Value::number(0.1F));
  value.add(Value::number(std::int64_t{-5}));
  Buffer out;
  append_json(value, out);
  CHECK(out == R"(["AP8=",null,null,null,1.0,0.1,-5])");
}

TEST_CASE("a pointer leads to a part of a value") {
  const Value value = *parse_json(R"({"a":{"b":[10,20]},"/":1,"~":2,"":3,"a ":4,"d":5,"d":6})");
  const auto text = [&value](std::string_view pointer) {
    const Value* found = at_pointer(value, pointer);
    return found == nullptr ? std::string("nothing") : found->text;
  };
  CHECK(at_pointer(value, "") == &value);
  CHECK(text("/a/b/1") == "20");
  CHECK(text("/~1") == "1");
  CHECK(text("/~0") == "2");
  CHECK(text("/") == "3");
  CHECK(text("/d") == "6");
  for (const std::string_view pointer :
       {"a", "/x", "/a/b/2", "/a/b/01", "/a/b/-", "/a/b/1/0", "/~", "/~2", "/a/"})
    CHECK(text(pointer) == "nothing");
}

}  // namespace
}  // namespace mq
