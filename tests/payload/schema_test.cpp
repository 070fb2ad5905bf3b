#include <doctest/doctest.h>

#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "payload/json.hpp"
#include "payload/schema/loader.hpp"

namespace mq {
namespace {

std::unique_ptr<Schema> schema_of(std::string_view text) {
  auto schema = schema_of_text(text, "test", {});
  REQUIRE_MESSAGE(schema.has_value(), schema.error().text);
  return std::move(*schema);
}

// "POINTER RULE: EXPECTED, not FOUND", a violation a line.
std::string told(const std::vector<Violation>& violations) {
  std::string text;
  for (const Violation& violation : violations) {
    if (!text.empty()) text += '\n';
    text += violation.pointer + (violation.pointer.empty() ? "" : " ") + violation.rule + ": " +
            violation.expected + ", not " + violation.found;
  }
  return text;
}

std::string told(std::string_view schema, std::string_view value) {
  return told(schema_of(schema)->check(*parse_json(value)));
}

std::string error_of(std::string_view schema) {
  const auto loaded = schema_of_text(schema, "a.json", {});
  if (loaded) return "none";
  CHECK(loaded.error().kind == ErrorKind::usage);
  return loaded.error().text;
}

// What takes more of the processor than this is not linear.
struct Soon {
  std::clock_t start = std::clock();
  ~Soon() { CHECK(std::clock() - start < 20 * CLOCKS_PER_SEC); }
};

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string nested(std::size_t depth) { return repeated("[", depth) + repeated("]", depth); }

TEST_CASE("violations of types and choices") {
  CHECK(told(R"({"type":"integer"})", R"("abc")") == "type: integer, not text 'abc'");
  CHECK(told(R"({"type":["string","null"]})", "1.50") == "type: null or string, not 1.50");
  CHECK(told(R"({"type":"integer"})", "1.5") == "type: integer, not 1.5");
  CHECK(told(R"({"type":"integer"})", "[1.0,2]") == "type: integer, not an array of 2 elements");
  CHECK(told(R"({"type":"string"})", R"({"a":1})") == "type: string, not an object of 1 member");
  CHECK(told(R"({"enum":["a","b",3]})", "true") == R"(enum: one of "a", "b", 3, not true)");
  CHECK(told(R"({"const":{"a":[1]}})", "null") == R"(const: {"a":[1]}, not null)");
  CHECK(told(R"({"const":{"a":[1],"b":2}})", R"({"b":2e0,"a":[1.0]})").empty());
  CHECK(told("false", "1") == "false: nothing, not 1");
  const std::string expected =
      schema_of("{\"enum\":[" + repeated("\"0123456789\",", 1000) + "1]}")->check(Value::null())[0].expected;
  CHECK(expected.size() < 160);
  CHECK(expected.ends_with(", ..."));
  CHECK(told(R"({"type":"null"})", '"' + repeated("x", 100) + '"') ==
        "type: null, not text '" + repeated("x", 40) + "'...");
}

TEST_CASE("violations of numbers") {
  CHECK(told(R"({"maximum":50})", "61") == "maximum: at most 50, not 61");
  CHECK(told(R"({"minimum":5})", "4.5") == "minimum: at least 5, not 4.5");
  CHECK(told(R"({"exclusiveMaximum":50})", "50.0") == "exclusiveMaximum: less than 50, not 50.0");
  CHECK(told(R"({"exclusiveMinimum":0})", "-0") == "exclusiveMinimum: more than 0, not -0");
  CHECK(told(R"({"multipleOf":0.01})", "19.999") == "multipleOf: a multiple of 0.01, not 19.999");
}

TEST_CASE("numbers are compared and divided exactly") {
  CHECK(told(R"({"maximum":9007199254740992})", "9007199254740993") != "");
  CHECK(told(R"({"maximum":9007199254740992})", "9007199254740992.0").empty());
  CHECK(told(R"({"minimum":-1e400})", "-1e399").empty());
  CHECK(told(R"({"minimum":-1e400})", "-1e401") != "");
  CHECK(told(R"({"exclusiveMinimum":0})", "1e-999").empty());
  CHECK(told(R"({"const":12345678901234567890})", "12345678901234567891") != "");
  for (const std::string_view number : {"19.99", "0.29", "1e308", "4.35", "0", "-0.07", "123456789.01"})
    CHECK(told(R"({"multipleOf":0.01})", number).empty());
  CHECK(told(R"({"multipleOf":0.123456789})", "1e308") != "");
  CHECK(told(R"({"multipleOf":3})", "1e999999999999") != "");
  CHECK(told(R"({"multipleOf":5e-3})", "1e999999999999").empty());
  for (const std::string_view number :
       {"1.0", "1e2", "-0.0", "1.50e1", "123456789012345678901234567890", "0e-5"})
    CHECK(told(R"({"type":"integer"})", number).empty());
  for (const std::string_view number : {"1.01", "1e-1", "0.1e0", "123456789012345678901234567890.5"})
    CHECK(told(R"({"type":"integer"})", number) != "");
}

TEST_CASE("violations of texts") {
  CHECK(told(R"({"maxLength":2})", R"("äöü")") == "maxLength: at most 2 characters, not 3 characters");
  CHECK(told(R"({"minLength":2})", R"("\ud83d\ude00")") ==
        "minLength: at least 2 characters, not 1 character");
  CHECK(told(R"({"pattern":"^a+$"})", R"("xyz")") == "pattern: text that matches '^a+$', not text 'xyz'");
  CHECK(told(R"({"format":"date-time"})", R"("today")") == "format: date-time, not text 'today'");
  CHECK(told(R"({"format":"nosuch"})", R"("today")").empty());
  CHECK(told(R"({"maxLength":2,"pattern":"a"})", "5").empty());
}

TEST_CASE("violations of arrays") {
  CHECK(told(R"({"maxItems":1})", "[1,2]") == "maxItems: at most 1 element, not 2 elements");
  CHECK(told(R"({"minItems":1})", "[]") == "minItems: at least 1 element, not 0 elements");
  CHECK(told(R"({"items":{"maximum":3}})", "[1,4,2,5]") ==
        "/1 maximum: at most 3, not 4\n/3 maximum: at most 3, not 5");
  CHECK(told(R"({"items":[true],"additionalItems":false})", "[1,4]") ==
        "/1 additionalItems: no further elements, not 4");
  CHECK(told(R"({"contains":{"const":1}})", "[0,2]") ==
        "contains: an element as the schema describes, not none among 2 elements");
  CHECK(told(R"({"uniqueItems":true})", R"([1,true,"1",[1],1.0])") ==
        "uniqueItems: elements that all differ, not elements 0 and 4 are equal");
  CHECK(told(R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2,"a":1}])") ==
        "uniqueItems: elements that all differ, not elements 0 and 1 are equal");
  CHECK(told(R"({"uniqueItems":true})", R"([0,false,"",null,[],{},[[]],"0",["a","b"],["ab"]])").empty());
}

TEST_CASE("violations of objects") {
  CHECK(told(R"({"required":["a","b"]})", R"({"a":1})") == "required: member 'b', not no such member");
  CHECK(told(R"({"properties":{"a":{"required":["x"]}}})", R"({"a":{}})") ==
        "/a required: member 'x', not no such member");
  CHECK(told(R"({"properties":{"a":true},"additionalProperties":false})", R"({"a":1,"b":[2]})") ==
        "/b additionalProperties: no member of this name, not an array of 1 element");
  CHECK(told(R"({"patternProperties":{"^x-":{"type":"string"}},"additionalProperties":{"type":"null"}})",
             R"({"x-a":1,"b":2})") == "/x-a type: string, not 1\n/b type: null, not 2");
  CHECK(told(R"({"maxProperties":1})", R"({"a":1,"a":2})").empty());
  CHECK(told(R"({"maxProperties":1})", R"({"a":1,"b":2})") ==
        "maxProperties: at most 1 member, not 2 members");
  CHECK(told(R"({"minProperties":2})", R"({"a":1,"a":2})") ==
        "minProperties: at least 2 members, not 1 member");
  CHECK(told(R"({"propertyNames":{"maxLength":2}})", R"({"abc":1})") ==
        "/abc propertyNames: a name: at most 2 characters, not 3 characters");
  CHECK(told(R"({"dependencies":{"a":["b"]}})", R"({"a":1})") ==
        "dependencies: member 'b' beside 'a', not no such member");
  CHECK(told(R"({"dependencies":{"a":{"required":["x"]},"b":{"required":["y"]}}})", R"({"b":1})") ==
        "required: member 'y', not no such member");
}

TEST_CASE("violations of combined schemas") {
  CHECK(told(R"({"allOf":[{"minimum":5},{"multipleOf":2}]})", "3") ==
        "minimum: at least 5, not 3\nmultipleOf: a multiple of 2, not 3");
  CHECK(told(R"({"anyOf":[{"type":"string"},{"maximum":2}]})", "3") ==
        "anyOf: any of 2 schemas, the nearest: at most 2, not 3");
  CHECK(told(R"({"anyOf":[{"type":"string"},{"properties":{"a":{"maximum":2}}}]})", R"({"a":7})") ==
        "anyOf: any of 2 schemas, the nearest: at most 2 at /a, not 7");
  CHECK(told(R"({"oneOf":[{"type":"string"},{"maximum":2},{"minimum":0}]})", "1") ==
        "oneOf: exactly one of 3 schemas, not schemas 1 and 2 both fit");
  CHECK(told(R"({"oneOf":[{"type":"string"},{"type":"null"}]})", "1") ==
        "oneOf: exactly one of 2 schemas, the nearest: string, not 1");
  CHECK(told(R"({"not":{"type":"string"}})", R"("a")") ==
        "not: none of what the schema rules out, not text 'a'");
  CHECK(told(R"({"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}})", R"("a")") ==
        "minLength: at least 2 characters, not 1 character");
  CHECK(told(R"({"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}})", "1") ==
        "minimum: at least 2, not 1");
}

TEST_CASE("pointers are RFC 6901's") {
  const std::string_view schema = R"({"additionalProperties":{"items":{"type":"null"}}})";
  CHECK(told(schema, R"({"a/b~c":[null,1]})") == "/a~1b~0c/1 type: null, not 1");
  CHECK(told(schema, R"({"":[1]})") == "//0 type: null, not 1");
}

TEST_CASE("values that JSON lacks") {
  const auto holds = [](std::string_view schema, const Value& value) {
    return schema_of(schema)->check(value).empty();
  };
  CHECK(holds(R"({"type":"null"})", Value::number(std::string("NaN"))));
  CHECK(holds(R"({"type":"null"})", Value::number(std::string("-Infinity"))));
  CHECK_FALSE(holds(R"({"type":"number"})", Value::number(std::string("Infinity"))));
  CHECK(holds(R"({"type":"string","const":"YWI=","maxLength":4,"pattern":"^YW"})", Value::of_bytes("ab")));
  CHECK_FALSE(holds(R"({"maxLength":3})", Value::of_bytes("ab")));
}

TEST_CASE("members of the same name are all checked") {
  const std::string_view schema = R"({"properties":{"a":{"type":"integer"}}})";
  CHECK(told(schema, R"({"a":1,"a":2})").empty());
  CHECK(told(schema, R"({"a":"x","a":2})") == "/a type: integer, not text 'x'");
  CHECK(told(R"({"const":{"a":2}})", R"({"a":"x","a":2})").empty());
}

TEST_CASE("no more violations are told than the bound, and none twice") {
  const auto violations =
      schema_of(R"({"items":{"type":"null"}})")->check(*parse_json("[" + repeated("1,", 1000) + "1]"));
  CHECK(violations.size() == most_violations);
  CHECK(violations.back().pointer == "/19");
  CHECK(told(R"({"allOf":[{"maximum":1},{"maximum":1}]})", "2") == "maximum: at most 1, not 2");
}

TEST_CASE("patterns are ECMA 262's") {
  const auto matches = [](std::string_view pattern, std::string_view text) {
    Value schema = Value::object();
    schema.add("pattern", Value::of_text(std::string(pattern)));
    Buffer json;
    append_json(schema, json);
    return schema_of(json)->check(Value::of_text(std::string(text))).empty();
  };
  CHECK(matches(R"(^\u0041\u{42}\x43\cJ\/\-$)", "ABC\n/-"));
  CHECK(matches(R"(^\ud83d\ude00$)", "\xF0\x9F\x98\x80"));
  CHECK(matches(R"(^\s$)", "\xC2\xA0"));
  CHECK_FALSE(matches(R"(^\S$)", "\xE3\x80\x80"));
  CHECK(matches(R"(^[\s-x]$)", "-"));
  CHECK(matches(R"(^[^\s]$)", "x"));
  CHECK(matches(R"(^[\S\n]+$)", "a\nb"));
  CHECK_FALSE(matches("^.$", "\xE2\x80\xA8"));
  CHECK(matches("^[^]$", "\n"));
  CHECK_FALSE(matches("[]", "a"));
  CHECK(matches("^[[:]+$", "[:"));
  CHECK(matches(R"(^[\b]$)", "\b"));
  CHECK(matches("(?<year>[0-9]{4})", "in 2024"));
  CHECK(matches(R"(^\p{Script=Greek}+$)", "\xCE\xB1"));
  CHECK(matches("{a}", "{a}"));
  CHECK_FALSE(matches("^a$", "a\n"));
  CHECK(matches("^.{1,2500}$", repeated("x", 2500)));
  CHECK_FALSE(matches("^.{1,2500}$", repeated("x", 2501)));
  CHECK(matches("^(?:ab){1500,}$", repeated("ab", 1500)));
  CHECK_FALSE(matches("^(?:ab){1500,}$", repeated("ab", 1499)));
  CHECK(matches("^[a-c]{2001}$", repeated("b", 2001)));
}

TEST_CASE("patterns that can't be matched in linear time are refused") {
  for (const std::string_view pattern :
       {"^(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", R"((a)\\1)", R"((?<n>a)\\k<n>)"}) {
    CAPTURE(pattern);
    const auto loaded = schema_of_text("{\"pattern\":\"" + std::string(pattern) + "\"}", "a.json", {});
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().kind == ErrorKind::usage);
    CHECK(loaded.error().text.starts_with("'a.json': the pattern "));
    CHECK(loaded.error().hint == "look-around and back-references can't be matched in linear time");
  }
  for (const std::string_view pattern :
       {"(", "[a", "a**", "+", R"(\\)", R"(\\Z)", R"(\\u12)", R"(\\ud800)", "a{2,1}", "a{1000000}", "[b-a]",
        "(((a{1000}){1000}){1000}){1000}", "((((((a{1001}){1001}){1001}){1001}){1001}){1001}){1001}"}) {
    CAPTURE(pattern);
    CHECK(error_of("{\"pattern\":\"" + std::string(pattern) + "\"}").starts_with("'a.json': the pattern "));
    CHECK(error_of("{\"patternProperties\":{\"" + std::string(pattern) + "\":true}}") != "none");
  }
}

TEST_CASE("wrong schemas are told where they are wrong") {
  CHECK(error_of("{").starts_with("'a.json' is no JSON Schema: this is not JSON: "));
  CHECK(error_of("1") == "'a.json' is no JSON Schema: it is neither an object nor true nor false");
  CHECK(error_of(R"({"properties":{"a":{"maximum":"1"}}})") ==
        "'a.json' is no JSON Schema: '/properties/a/maximum' is not a number");
  CHECK(error_of(R"({"type":"int"})") == "'a.json' is no JSON Schema: '/type' names no type: 'int'");
  CHECK(error_of(R"({"anyOf":[]})") ==
        "'a.json' is no JSON Schema: '/anyOf' is not an array of one schema or more");
  CHECK(error_of(R"({"not":{"minLength":-1}})") ==
        "'a.json' is no JSON Schema: '/not/minLength' is not a whole number of 0 or more");
  for (const std::string_view schema : {R"({"type":[]})",
                                        R"({"type":[1]})",
                                        R"({"enum":1})",
                                        R"({"multipleOf":0})",
                                        R"({"multipleOf":-2})",
                                        R"({"multipleOf":"1"})",
                                        R"({"maxItems":1.5})",
                                        R"({"pattern":1})",
                                        R"({"format":1})",
                                        R"({"items":1})",
                                        R"({"items":[1]})",
                                        R"({"uniqueItems":1})",
                                        R"({"required":"a"})",
                                        R"({"required":[1]})",
                                        R"({"dependencies":[]})",
                                        R"({"dependencies":{"a":1}})",
                                        R"({"properties":[]})",
                                        R"({"patternProperties":1})",
                                        R"({"allOf":{}})",
                                        R"({"not":1})",
                                        R"({"if":1})",
                                        R"({"if":true,"then":1})",
                                        R"({"$ref":1})",
                                        R"({"additionalProperties":"no"})"}) {
    CAPTURE(schema);
    CHECK(error_of(schema).starts_with("'a.json' is no JSON Schema: '/"));
  }
  CHECK(told(R"({"maxItems":2.0,"maxLength":1e30})", "[1,2]").empty());
}

TEST_CASE("keywords of later drafts are not passed over in silence") {
  CHECK(error_of(R"({"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[true]})") ==
        "'a.json' is no JSON Schema: '/prefixItems' belongs to a later draft than 07");
  CHECK(error_of(R"({"$schema":"http://json-schema.org/draft-07/schema#","prefixItems":[true]})") == "none");
}

TEST_CASE("earlier drafts than 06 are refused by name") {
  const auto loaded =
      schema_of_text(R"({"$schema":"http://json-schema.org/draft-04/schema#","type":"null"})", "a.json", {});
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().text == "'a.json' is written for draft-04 of JSON Schema");
  CHECK(loaded.error().hint.contains("draft-07"));
  CHECK(error_of(R"({"$schema":"https://json-schema.org/draft-03/schema"})").contains("draft-03"));
  for (const std::string_view draft :
       {"http://json-schema.org/draft-06/schema#", "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/schema#", "http://json-schema.org/draft-0"})
    CHECK(error_of("{\"$schema\":\"" + std::string(draft) + "\"}") == "none");
  const auto unnamed = schema_of_text(R"({"maximum":5,"exclusiveMaximum":true})", "a.json", {});
  REQUIRE_FALSE(unnamed);
  CHECK(unnamed.error().text == "'a.json' is no JSON Schema: '/exclusiveMaximum' is not a number");
  CHECK(unnamed.error().hint.contains("draft-04"));
}

TEST_CASE("schemas may have the names of keywords that hold data") {
  for (const std::string name : {"default", "enum", "const", "examples"}) {
    CAPTURE(name);
    const std::string member = "\"" + name + R"(":{"$id":"#d","type":"null"})";
    for (const std::string in : {"definitions", "properties", "patternProperties", "dependencies"})
      CHECK(told("{\"" + in + "\":{" + member + R"(},"allOf":[{"$ref":"#d"}]})", "1") == "type: null, not 1");
    CHECK(told(R"({"properties":{"properties":{"properties":{)" + member + R"(}}},"allOf":[{"$ref":"#d"}]})",
               "1") == "type: null, not 1");
    if (name != "enum" && name != "examples")
      CHECK(error_of("{" + member + R"(,"allOf":[{"$ref":"#d"}]})").contains("where there is nothing"));
  }
}

TEST_CASE("schemas that lead to themselves come to an end") {
  CHECK(error_of(R"({"$ref":"#"})").contains("leads to itself"));
  CHECK(error_of(R"({"$ref":"#/definitions/a","definitions":{"a":{"$ref":"#/definitions/b"},
                     "b":{"$ref":"#/definitions/a"}}})")
            .contains("leads to itself"));
  for (const std::string_view schema :
       {R"({"allOf":[{"$ref":"#"}]})", R"({"allOf":[{"$ref":"#"},{"$ref":"#"}]})", R"({"not":{"$ref":"#"}})",
        R"({"anyOf":[{"type":"null"},{"$ref":"#"}]})", R"({"if":{"$ref":"#"},"then":true})",
        R"({"oneOf":[{"$ref":"#"},{"$ref":"#"}]})"}) {
    CAPTURE(schema);
    const auto violations = schema_of(schema)->check(*parse_json("1"));
    REQUIRE_FALSE(violations.empty());
    CHECK(violations.back().rule == "$ref");
    CHECK(violations.back().expected == "a schema that comes to an end");
  }
  CHECK(told(R"({"dependencies":{"a":{"$ref":"#"}}})", R"({"a":1})") ==
        "$ref: a schema that comes to an end, not 2500 levels of schemas");
  const std::string_view tree =
      R"({"type":"object","properties":{"left":{"$ref":"#"},"right":{"$ref":"#"},"n":{"type":"integer"}},
          "additionalProperties":false})";
  CHECK(told(tree, R"({"left":{"right":{"n":1}},"n":2})").empty());
  CHECK(told(tree, R"({"left":{"right":{"n":"x"}}})") == "/left/right/n type: integer, not text 'x'");
}

TEST_CASE("deep values and branches within branches take no time") {
  const Soon soon;
  const Value deep = *parse_json(nested(deepest_value));
  CHECK(schema_of(R"({"type":"array","items":{"$ref":"#"}})")->check(deep).empty());
  CHECK(schema_of(R"({"allOf":[{"allOf":[{"allOf":[{"items":{"$ref":"#"}}]}]}]})")->check(deep).empty());
  // Each level would double the work.
  for (
      const std::string_view schema :
      {R"({"oneOf":[{"type":"array","items":{"$ref":"#"}},{"type":"array","items":{"$ref":"#"},"maxItems":9}]})",
       R"({"anyOf":[{"minItems":1,"items":{"$ref":"#"}},{"minItems":1,"items":{"$ref":"#"}}]})",
       R"({"not":{"allOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}]}})"})
    (void)schema_of(schema)->check(deep);
  std::string chain = R"({"$ref":"#/definitions/d0","definitions":{"d60":{"type":"null"})";
  for (int i = 0; i < 60; ++i) {
    const std::string next = R"({"$ref":"#/definitions/d)" + std::to_string(i + 1) + "\"}";
    chain += ",\"d" + std::to_string(i) + R"(":{"allOf":[)" + next + "," + next + "]}";
  }
  CHECK(told(chain + "}}", "null").empty());
}

TEST_CASE("what is wrong on many ways is told once, and soon") {
  const std::clock_t start = std::clock();
  std::string chain = R"({"$ref":"#/definitions/d0","definitions":{"d60":{"type":"null"})";
  for (int i = 0; i < 60; ++i) {
    const std::string next = R"({"$ref":"#/definitions/d)" + std::to_string(i + 1) + "\"}";
    chain += ",\"d" + std::to_string(i) + R"(":{"allOf":[)" + next + "," + next + "]}";
  }
  CHECK(told(chain + "}}", "1") == "type: null, not 1");
  CHECK(std::clock() - start < 5 * CLOCKS_PER_SEC);
}

TEST_CASE("elements that differ are compared in bounded time, however deep the arrays") {
  const Soon soon;
  std::string leaves = "[0";
  for (int i = 1; i < 100'000; ++i) leaves += "," + std::to_string(i);
  const auto violations = schema_of(R"({"uniqueItems":true,"items":{"$ref":"#"}})")
                              ->check(*parse_json(repeated("[0,", 500) + leaves + "]" + repeated("]", 500)));
  REQUIRE(violations.size() == 1);
  CHECK(violations[0].found == "no end in reasonable time");
  // A few large elements are no reason to give up.
  const std::string large = repeated("x", 20'000'000);
  CHECK(told(R"({"uniqueItems":true,"items":{"pattern":"x$"}})", "[\"" + large + "\",\"a" + large + "\"]")
            .empty());
}

TEST_CASE("long chains of definitions load") {
  const Soon soon;
  std::string chain = R"({"properties":{"x":{"$ref":"#/definitions/d0"}},"definitions":{"d20000":false)";
  for (int i = 0; i < 20000; ++i)
    chain += ",\"d" + std::to_string(i) + R"(":{"properties":{"x":{"$ref":"#/definitions/d)" +
             std::to_string(i + 1) + "\"}}}";
  CHECK(told(chain + "}}", R"({"x":{"x":{"x":1}}})").empty());
}

TEST_CASE("large payloads take time in proportion to their size") {
  const Soon soon;
  const std::string text = '"' + repeated("ab", 512 * 1024) + '"';
  CHECK(told(R"({"pattern":"^(a|b)*$","maxLength":1048576})", text).empty());
  CHECK(told(R"({"pattern":"^(a|b)*c$"})", text) != "");
  CHECK(told(R"({"pattern":"(a*)*(b*)*(a*)*c"})", text) != "");

  std::string numbers = "[0";
  std::string objects = "[0";
  for (int i = 1; i < 100'000; ++i) {
    numbers += "," + std::to_string(i);
    objects += R"(,{"id":)" + std::to_string(i) + R"(,"a":1.0})";
  }
  const auto unique = schema_of(R"({"uniqueItems":true})");
  CHECK(unique->check(*parse_json(numbers + "]")).empty());
  CHECK(unique->check(*parse_json(objects + "]")).empty());
  CHECK(told(unique->check(*parse_json(numbers + ",5e4]"))) ==
        "uniqueItems: elements that all differ, not elements 50000 and 100000 are equal");

  std::string members = "{\"m0\":0";
  std::string required = "{\"required\":[\"m0\"";
  for (int i = 1; i < 50'000; ++i) {
    members += ",\"m" + std::to_string(i) + "\":1";
    required += ",\"m" + std::to_string(i) + "\"";
  }
  CHECK(told(required + "]}", members + "}").empty());
  CHECK(told(R"({"additionalProperties":{"type":"integer"},"maxProperties":49999})", members + "}") ==
        "maxProperties: at most 49999 members, not 50000 members");
}

}  // namespace
}  // namespace mq
