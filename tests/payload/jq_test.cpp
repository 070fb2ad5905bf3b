#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "payload/decimal.hpp"
#include "payload/jq/doubles.hpp"
#include "payload/jq/jq_program.hpp"
#include "payload/json.hpp"

namespace mq {
namespace {

// What `program` makes of `input`, a result a word; or its error.
std::string made(const std::string& program, std::string_view input) {
  auto jq = make_jq_program(program);
  if (!jq) return "error: " + jq.error().text;
  std::vector<Value> results;
  const auto done = (*jq)->run(*parse_json(input), results);
  Buffer out;
  for (const Value& result : results) {
    if (!out.empty()) out += ' ';
    append_json(result, out);
  }
  if (!done) out += (out.empty() ? "error: " : " error: ") + done.error().text;
  return out;
}

TEST_CASE("programs filter and transform") {
  constexpr std::string_view message = R"({"topic":"a/b","payload":{"temp":31.50,"on":true},"qos":1})";
  CHECK(made("select(.payload.temp > 30) | .topic", message) == R"("a/b")");
  CHECK(made("select(.payload.temp > 40) | .topic", message).empty());
  CHECK(made(".payload", message) == R"({"temp":31.5,"on":true})");
  CHECK(made(".payload | keys[]", message) == R"("on" "temp")");
  CHECK(made("[.qos, null, false, {}, \"\\u0000\"]", message) == R"([1,null,false,{},"\u0000"])");
  CHECK(made(".payload.temp, .qos + 1, -0.0, 1e100, 1e17, infinite, nan", message) ==
        "31.5 2 -0 1e+100 1e+17 1.7976931348623157e+308 null");
}

TEST_CASE("a program is used again and again, also after it has failed") {
  auto jq = make_jq_program(".a + 1");
  REQUIRE(jq);
  for (int i = 0; i < 3; ++i) {
    std::vector<Value> results;
    CHECK((*jq)->run(*parse_json(R"({"a":1})"), results));
    CHECK(results.size() == 1);
    const auto done = (*jq)->run(*parse_json(R"({"a":{}})"), results);
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == ErrorKind::payload);
    CHECK(done.error().text.contains("cannot be added"));
  }
}

TEST_CASE("wrong programs are told in jq's words") {
  const auto wrong = make_jq_program("select(");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == ErrorKind::usage);
  CHECK(wrong.error().text.starts_with("'select(' is no jq program: syntax error"));
  CHECK(made("nosuch", "1").contains("nosuch/0 is not defined"));
  CHECK(made("error(\"x\")", "1") == "error: the program fails: 'x'");
  CHECK(made("error({a:1})", "1") == "error: the program fails: '{\"a\":1}'");
  CHECK(made("1, error(\"x\")", "1") == "1 error: the program fails: 'x'");
}

TEST_CASE("numbers that are only passed on come out as they were spelt") {
  constexpr std::string_view ids =
      R"({"id":12345678901234567890,"n":-9007199254740993,"far":1e999,"temp":0.1234567890123456789012,"x":5})";
  CHECK(made(".", ids) == ids);
  CHECK(made(".id", ids) == "12345678901234567890");
  CHECK(made("[.n, .far, .id]", ids) == "[-9007199254740993,1e999,12345678901234567890]");
  CHECK(made("select(.id > 5 and .n < 0) | .id", ids) == "12345678901234567890");
  CHECK(made("select(.temp < 0.2) | .temp", ids) == "0.1234567890123456789012");
  CHECK(made(".x + 1", ids) == "6");
  CHECK(made(".temp * 2", ids) == "0.24691357802469135");
  CHECK(made("[.[] | numbers] | length", ids) == "5");
  CHECK(made("[.id, .n, .x] | sort", ids) == "[-9007199254740993,5,12345678901234567890]");
  CHECK(made(".", "[9007199254740993,9007199254740992,9007199254740993]") ==
        "[9007199254740993,9007199254740992,9007199254740993]");
}

TEST_CASE("a number that a double can't hold is never changed in silence") {
  for (const std::string program :
       {".id + 1", ".id * 1.5", ".id | tostring", "\"\\(.id)\"", ".id == 12345678901234567000",
        "{(.id|tostring): 1}", ".id % 10", "-.id", "[.id,.x] | add"}) {
    CAPTURE(program);
    const std::string result = made(program, R"({"id":12345678901234567891,"x":5})");
    CHECK(result.starts_with("error: the program does more than pass on the number 12345678901234567891"));
  }
  CHECK(made(".[0] == .[1]", "[9007199254740993,9007199254740992]").starts_with("error: "));
  CHECK(made("unique", "[9007199254740993,9007199254740992]").starts_with("error: "));
}

TEST_CASE("what jq 1.6 would do in silence or abort over is an error") {
  CHECK(made(".id % 2", R"({"id":9007199254740993})").starts_with("error: the program does more"));
  CHECK(made("select(. > 9007199254740992)", "9007199254740993").starts_with("error: the program does more"));
  CHECK(made(". == 9007199254740993", "1") ==
        "error: jq can't hold the number 9007199254740993 of the program exactly");
  CHECK(made("todate", "1700000000") == R"("2023-11-14T22:13:20Z")");
  for (const char* program : {"todate", "strftime(\"%Y\")", "strflocaltime(\"%Y\")", "date"})
    for (const char* input : {"1e300", "1795366817000000000", "\"x\"", "{}", "null"}) {
      CAPTURE(std::string(program));
      CAPTURE(std::string(input));
      CHECK(made(program, input).starts_with("error: "));
    }
  CHECK(made("input", "1").starts_with("error: the program fails"));
  CHECK(made("[inputs]", "1") == "[]");
  CHECK(made("import \"x\" as x; .", "1").starts_with("error: 'import"));
  CHECK(made("include \"x\"; .", "1").starts_with("error: 'include"));
  CHECK(made("halt", "1") == "error: the program halts");
  CHECK(made("1, halt_error", "1").ends_with("error: the program halts"));
}

TEST_CASE("numbers with a fraction keep their spelling, each for itself") {
  CHECK(made(".", R"({"x":1e-400,"id":5,"zero":0})") == R"({"x":1e-400,"id":5,"zero":0})");
  CHECK(made(".", R"([0.10000000000000000001,0.10000000000000000002,0.1])") ==
        R"([0.10000000000000000001,0.10000000000000000002,0.1])");
  CHECK(made("{a, b: (.a * 2)}", R"({"a":0.10000000000000000001})") ==
        R"({"a":0.10000000000000000001,"b":0.2})");
}

TEST_CASE("whether a double holds a number") {
  for (const std::string_view text :
       {"0", "-0", "1", "0.1", "1.50", "9007199254740992", "18014398509481984", "1e22",
        "100000000000000000000", "123456789012345", "1E-5", "0.30000000000000004"}) {
    CAPTURE(text);
    CHECK(nearest_double(text).exact);
  }
  for (const std::string_view text : {"9007199254740993", "12345678901234567890", "1e999", "-1e999", "1e-999",
                                      "1e99999999999999999999", "0.1000000000000000055511151231257827"}) {
    CAPTURE(text);
    CHECK_FALSE(nearest_double(text).exact);
  }
  CHECK(compare(decimal_of("-5"), decimal_of("3e-7")) < 0);
  CHECK(compare(decimal_of("0.5e1"), decimal_of("5")) == 0);
  CHECK(compare(decimal_of("-10"), decimal_of("-9")) < 0);
  CHECK(compare(decimal_of("0"), decimal_of("-1")) > 0);
}

TEST_CASE("what a program makes without end is bounded") {
  CHECK(made("range(.)", "10000000").ends_with("error: the program makes too much of one message"));
  CHECK(made("reduce range(1000) as $i (1; [.])", "1").ends_with("too much of one message"));
}

}  // namespace
}  // namespace mq
