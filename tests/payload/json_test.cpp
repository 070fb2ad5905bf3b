#include "payload/json.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <vector>

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
  CHECK(parse_json(std::string_view("1\0", 2)).error().text ==
        "this is not JSON: line 1, column 2: unexpected '\\x00'");
  CHECK(parse_json("{\"a\":").error().text == "this is not JSON: line 1, column 6: it ends too early");
  CHECK(parse_json("\xEF\xBB\xBF{}").error().text == "this is not JSON: it begins with a byte order mark");
}

// As nlohmann's parser has it; what that refuses only for the size of a number is taken.
class Oracle : public nlohmann::json::json_sax_t {
 public:
  bool null() override { return put("null"); }
  bool boolean(bool truth) override { return put(truth ? "true" : "false"); }
  bool number_integer(number_integer_t number) override {
    return put(number == 0 ? "-0" : std::to_string(number));
  }
  bool number_unsigned(number_unsigned_t number) override { return put(std::to_string(number)); }
  bool number_float(number_float_t, const string_t& text) override { return put(text); }
  bool string(string_t& text) override { return put("s" + text); }
  bool binary(binary_t&) override { return false; }
  bool key(string_t& name) override { return put("k" + name); }
  bool start_object(std::size_t) override { return put("{"); }
  bool start_array(std::size_t) override { return put("["); }
  bool end_object() override { return put("}"); }
  bool end_array() override { return put("]"); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& error) override {
    too_large = error.id == 406;
    return false;
  }

  std::string seen;
  bool too_large = false;

 private:
  bool put(const std::string& what) {
    seen += what + '\n';
    return true;
  }
};

void tell(const Value& value, std::string& out) {
  const bool members = value.kind == Value::Kind::object;
  switch (value.kind) {
    case Value::Kind::object:
    case Value::Kind::array:
      out += members ? "{\n" : "[\n";
      for (const Value& item : value.items) {
        if (members) out += "k" + item.name + '\n';
        tell(item, out);
      }
      out += members ? "}\n" : "]\n";
      break;
    case Value::Kind::boolean:
      out += value.truth ? "true\n" : "false\n";
      break;
    case Value::Kind::null:
      out += "null\n";
      break;
    default:
      out += (value.kind == Value::Kind::text ? "s" : "") + value.text + '\n';
  }
}

TEST_CASE("what is JSON, and what it says, is as nlohmann's parser has it") {
  const std::vector<std::string> seeds{
      R"({"id":"pump-1","t":-21.50e+3,"ok":true,"no":null,"list":[1,[],{},false],"u":"\u00e9\ud83d\ude00\n\/"})",
      "[0,-0,1.5E-7,123456789012345678901234567890,\"\u00e9\U0001F600\"]", "  \"a\\tb\" ",
      "[[[[{\"\":[]}]]]]"};
  std::mt19937 random(7);
  std::size_t valid = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = seeds[random() % seeds.size()];
    for (std::uint32_t changes = random() % 4; changes > 0; --changes) {
      constexpr std::string_view bytes = "{}[]\",:\\/ue.E+-0159 tfn\n\x01\x7F\xC3\xA9\xED\xA0\x80\xF4\x90";
      const std::size_t at = random() % text.size();
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 3) {
        case 0:
          text[at] = byte;
          break;
        case 1:
          text.insert(at, 1, byte);
          break;
        default:
          if (text.size() > 1) text.erase(at, 1);
      }
    }
    Oracle oracle;
    const bool is_right = nlohmann::json::sax_parse(text, &oracle);
    const auto value = parse_json(text);
    if (oracle.too_large) continue;
    CAPTURE(text);
    REQUIRE(value.has_value() == is_right);
    if (!value) continue;
    ++valid;
    std::string seen;
    tell(*value, seen);
    CHECK(seen == oracle.seen);
  }
  CHECK(valid > 50'000);
}

TEST_CASE("depth and number of parts are bounded") {
  const std::string deep(deepest_value, '[');
  CHECK(parse_json(deep + std::string(deepest_value, ']')));
  CHECK(parse_json("[" + deep).error().text ==
        "this is not JSON: line 1, column 513: it is nested deeper than 512 levels");
  std::string many = "[0";
  for (std::size_t i = 0; i < most_parts; ++i) many += ",0";
  CHECK(parse_json(many + "]").error().text.ends_with(": it has more than 1000000 parts"));
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
