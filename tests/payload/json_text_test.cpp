#include "payload/json_text.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>

namespace mq {
namespace {

std::string string_of(Bytes text) {
  Buffer out;
  append_json_string(text, out);
  return out;
}

std::string compact(Bytes json) {
  Buffer out;
  append_compact(json, out);
  return out;
}

std::string indented(Bytes json) {
  Buffer out;
  append_indented(json, out);
  return out;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST_CASE("strings are escaped where JSON asks for it, and only there") {
  CHECK(string_of("") == R"("")");
  CHECK(string_of("plain / text") == R"("plain / text")");
  CHECK(string_of("\"\\\b\f\n\r\t") == R"("\"\\\b\f\n\r\t")");
  CHECK(string_of(Bytes("\0\x01\x1F\x7F", 4)) == "\"\\u0000\\u0001\\u001f\\u007f\"");
  CHECK(string_of("caf\u00E9 \u2028 \U0001F600") == "\"caf\u00E9 \u2028 \U0001F600\"");
  CHECK(string_of("\u0080\u009f\u00a0\u00c2") == "\"\\u0080\\u009f\u00a0\u00c2\"");
  for (int c = 0; c < 128; ++c) {
    const std::string text(3, static_cast<char>(c));
    CHECK(nlohmann::json::parse(string_of(text)).get<std::string>() == text);
  }
}

TEST_CASE("what is JSON and what is not") {
  for (const std::string_view text :
       {"1", "-0", "1.50", "1e5", "\"\"", "null", "true", " [1, 2]\r\n", "{}", "[]", R"({"a":1,"a":2})",
        R"("\ud83d\ude00")", "123456789012345678901234567890"}) {
    CAPTURE(text);
    CHECK(is_json(text));
  }
  for (const std::string_view text :
       {"",         " ",        "01",          "1.",        ".5",    "+1",  "nul",
        "truee",    "[1,]",     "{\"a\"}",     "{a:1}",     "'a'",   "1 2", "[1",
        "\"a\nb\"", "\"\xFF\"", R"("\ud83d")", R"("\x41")", "1e999", "NaN", "\xEF\xBB\xBF{}",
        "// c\n1"}) {
    CAPTURE(text);
    CHECK_FALSE(is_json(text));
  }
  CHECK_FALSE(is_json(Bytes("1\0", 2)));
  CHECK_FALSE(is_json(Bytes("{}\0x", 4)));
}

TEST_CASE("nesting is bounded") {
  CHECK(is_json(nested(512)));
  CHECK_FALSE(is_json(nested(513)));
  CHECK_FALSE(is_json(std::string(1'000'000, '[')));
}

TEST_CASE("compact text keeps every token as it was spelt") {
  CHECK(compact("  1.50 ") == "1.50");
  CHECK(compact("{\n  \"b\" : 1.0e+2,\r\n\t\"a\" : [ ] , \"a\" : [ 12345678901234567890123 , null ]\n}\n") ==
        R"({"b":1.0e+2,"a":[],"a":[12345678901234567890123,null]})");
  CHECK(compact(R"([ "a \" { , : ] \\" , "\\\"" ])") == R"(["a \" { , : ] \\","\\\""])");
}

TEST_CASE("indented text keeps every token as it was spelt") {
  CHECK(indented("7") == "7");
  CHECK(indented("[ ]") == "[]");
  CHECK(indented("{ }") == "{}");
  CHECK(indented(R"({"b":1.50,"a":[{},[],{"c:d":"x, y"}],"a":null})") == R"({
  "b": 1.50,
  "a": [
    {},
    [],
    {
      "c:d": "x, y"
    }
  ],
  "a": null
})");
}

nlohmann::json random_value(std::mt19937& random, int depth) {
  switch (random() % (depth > 0 ? 7U : 5U)) {
    case 0:
      return nullptr;
    case 1:
      return random() % 2 == 0;
    case 2:
      return static_cast<std::int64_t>(random()) - (1 << 30);
    case 3:
      return static_cast<double>(random()) / 1024;
    case 4: {
      std::string text;
      for (unsigned i = random() % 8; i > 0; --i) text += "\"\\{}[],: \n\0a"[random() % 12];
      return text;
    }
    case 5: {
      auto list = nlohmann::json::array();
      for (unsigned i = random() % 4; i > 0; --i) list.push_back(random_value(random, depth - 1));
      return list;
    }
    default: {
      auto object = nlohmann::json::object();
      for (unsigned i = random() % 4; i > 0; --i) {
        object["k" + std::to_string(random() % 9)] = random_value(random, depth - 1);
      }
      return object;
    }
  }
}

TEST_CASE("compact and indented text mean the same and undo each other") {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    const nlohmann::json value = random_value(random, 4);
    const std::string text = value.dump(static_cast<int>(random() % 4));
    REQUIRE(is_json(text));
    CHECK(compact(text) == value.dump());
    CHECK(compact(indented(text)) == value.dump());
    CHECK(indented(text) == indented(compact(text)));
    CHECK(nlohmann::json::parse(indented(text)) == value);
  }
}

}  // namespace
}  // namespace mq
