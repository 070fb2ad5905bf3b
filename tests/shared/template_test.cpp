#include "shared/template.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <map>
#include <set>
#include <string>

#include "base/text.hpp"
#include "shared/time_zone.hpp"

namespace mq {
namespace {

constexpr std::array<std::string_view, 2> own{"line", "client"};

const char* environment(const char* name) {
  return std::string_view(name) == "ROOM" ? "kit{count}chen" : nullptr;
}

Template compiled(std::string_view text) {
  auto made = Template::compile(text, own, environment);
  CAPTURE(text);
  REQUIRE(made);
  return *std::move(made);
}

std::string filled(std::string_view text, std::uint64_t seed = 1) {
  TemplateValues values{Random(seed)};
  values.next(LocalTime::Moment(std::chrono::microseconds(1'795'326'478'597'706)));
  const std::array<std::string_view, 2> given{"the line", "c7"};
  values.set(given);
  Buffer out;
  compiled(text).append(values, out);
  return out;
}

TEST_CASE("each name") {
  const test::TimeZone zone("UTC");
  CHECK(filled("{count}") == "1");
  CHECK(filled("{time}") == "2026-11-22T05:47:58.597706+00:00");
  CHECK(filled("{time_ms}") == "1795326478597");
  CHECK(filled("{line} of {client}") == "the line of c7");
  CHECK(filled("{env ROOM}") == "kit{count}chen");
  CHECK(filled("{random 7 7}") == "7");
  CHECK(filled("{random  -1.50  -1.5 }") == "-1.50");
  CHECK(filled("{random 0.05 0.05}") == "0.05");
  const std::string uuid = filled("{uuid}");
  REQUIRE(uuid.size() == 36);
  CHECK(uuid[14] == '4');
  CHECK(std::string_view("89ab").contains(uuid[19]));
  CHECK(from_hex(uuid.substr(0, 8)));
  CHECK(filled("{uuid}") == uuid);
  CHECK(filled("{uuid}", 2) != uuid);
  CHECK(filled("{uuid}{uuid}").substr(36) != uuid);
}

TEST_CASE("JSON needs no escaping") {
  CHECK(filled(R"({"n":{count}})") == R"({"n":1})");
  CHECK(filled(R"({"a":{"b":{count},"c":{"d":{}}}})") == R"({"a":{"b":1,"c":{"d":{}}}})");
  CHECK(filled(R"({ "count" : 1 })") == R"({ "count" : 1 })");
  CHECK(filled("{time: 5}") == "{time: 5}");
  CHECK(filled("{x}, {colour red}, {, }, {") == "{x}, {colour red}, {, }, {");
  CHECK(filled("") == "");
  CHECK(filled(std::string_view("\0{count}\xFF", 9)) == std::string("\0"
                                                                    "1\xFF",
                                                                    3));
}

TEST_CASE("two braces are one that begins nothing, and theirs ends nothing") {
  CHECK(filled("{{count}}") == "{count}");
  CHECK(filled("{{{count}}}") == "{1}");
  CHECK(filled("{{}} {\"a\":{\"b\":1}}") == "{} {\"a\":{\"b\":1}}");
  CHECK(filled("{{cuont}}") == "{cuont}");
}

TEST_CASE("random numbers keep their bounds and decimals, and reach both ends") {
  TemplateValues values{Random(3)};
  const auto many = [&values](std::string_view text) {
    const Template made = compiled(text);
    std::set<std::string> seen;
    for (int i = 0; i < 2000; ++i) {
      Buffer out;
      made.append(values, out);
      seen.insert(out);
    }
    return seen;
  };
  CHECK(many("{random 20 25}") == std::set<std::string>{"20", "21", "22", "23", "24", "25"});
  CHECK(many("{random -0.1 0.1}") == std::set<std::string>{"-0.1", "0.0", "0.1"});
  CHECK(many("{random 1 1.2}") == std::set<std::string>{"1.0", "1.1", "1.2"});
  CHECK(many("{random -9223372036854775808 9223372036854775807}").size() == 2000);
  for (const std::string& text : many("{random 20.0 25.0}")) {
    const auto number = parse_number<double>(text);
    REQUIRE(number);
    CHECK((*number >= 20 && *number <= 25 && text.size() == 4));
  }
}

TEST_CASE("the count goes up with each message") {
  TemplateValues values{Random(1)};
  Buffer out;
  for (int i = 0; i < 3; ++i) {
    values.next({});
    compiled("{count} ").append(values, out);
  }
  CHECK(out == "1 2 3 ");
}

TEST_CASE("what changes, and what the program's own names are in") {
  CHECK(compiled("{line}").uses_own());
  CHECK_FALSE(compiled("{count}").uses_own());
  CHECK(compiled("{line}").uses_own(0));
  CHECK_FALSE(compiled("{line}").uses_own(1));
  CHECK(compiled("at {time_ms}").uses_time());
  CHECK_FALSE(compiled("{count}{line}").uses_time());
  for (const std::string_view text : {"{count}", "{uuid}", "{random 1 2}"})
    CHECK(compiled(text).uses_message());
  CHECK_FALSE(compiled("{line} at {time}").uses_message());
}

TEST_CASE("files, where there is a reader") {
  const auto reader = [](const std::string& path) -> Result<Buffer> {
    if (path != "a b.json") return fail(ErrorKind::usage, path + " is not there");
    return Buffer("{count}");
  };
  TemplateValues values{Random(1)};
  Buffer out;
  Template::compile("<{file a b.json}>", own, environment, reader)->append(values, out);
  CHECK(out == "<{count}>");
  CHECK(Template::compile("{file x}", own, environment, reader).error().text == "x is not there");
  CHECK(Template::compile("{file}", own, environment, reader).error().text ==
        "{file} needs the name of a file");
  CHECK(filled("{file x}") == "{file x}");
}

TEST_CASE("names may have digits behind their first letter") {
  constexpr std::array<std::string_view, 1> names{"sensor2"};
  TemplateValues values{Random(1)};
  const std::array<std::string_view, 1> given{"7"};
  values.set(given);
  Buffer out;
  Template::compile("{sensor2} {2} {x1}", names, environment)->append(values, out);
  CHECK(out == "7 {2} {x1}");
}

TEST_CASE("a message with a number and random values of its own") {
  TemplateValues values{Random(1)};
  const Template text = compiled("{count} {random 1 1000000}");
  Buffer one, other;
  values.at(7, Random(5));
  text.append(values, one);
  text.append(values, other);
  CHECK(one.starts_with("7 "));
  CHECK(one != other);
  other.clear();
  values.at(7, Random(5));
  text.append(values, other);
  CHECK(one == other);
}

TEST_CASE("what is nearly right is told") {
  struct Row {
    std::string_view text, error, hint;
  };
  constexpr std::string_view braces = "a brace that stands for itself is written {{";
  const Row table[] = {
      {"{cuont}", "{cuont} is not known in a template",
       "did you mean {count}? A brace that stands for itself is written {{"},
      {"x{tim}", "{tim} is not known in a template",
       "did you mean {time}? A brace that stands for itself is written {{"},
      {"{rnadom 1 2}", "{rnadom} is not known in a template",
       "did you mean {random}? A brace that stands for itself is written {{"},
      {"{cliemt}", "{cliemt} is not known in a template",
       "did you mean {client}? A brace that stands for itself is written {{"},
      {"{count 3}", "{count} takes nothing behind its name", braces},
      {"{line x}", "{line} takes nothing behind its name", braces},
      {"{random}", "'{random}' needs two numbers", "such as {random 20 25}"},
      {"{random 1}", "'{random 1}' needs two numbers", "such as {random 20 25}"},
      {"{random 1 2 3}", "'{random 1 2 3}' needs two numbers", "such as {random 20 25}"},
      {"{random a b}", "'{random a b}' needs two numbers", "such as {random 20 25}"},
      {"{random 1. 2}", "'{random 1. 2}' needs two numbers", "such as {random 20 25}"},
      {"{random 25 20}", "'{random 25 20}' has its larger number first", ""},
      {"{random 9223372036854775807 0.1}", "'{random 9223372036854775807 0.1}' has too many digits", ""},
      {"{env}", "{env} needs the name of a variable", "such as {env HOSTNAME}"},
      {"{env NOTHERE}", "the environment has no 'NOTHERE'", ""},
  };
  for (const Row& row : table) {
    CAPTURE(row.text);
    const auto made = Template::compile(row.text, own, environment);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::usage);
    CHECK(made.error().text == row.error);
    CHECK(made.error().hint == row.hint);
  }
}

TEST_CASE("the same seed gives the same numbers, no seed others") {
  Random one(42), two(42);
  for (int i = 0; i < 10; ++i) CHECK(one.next() == two.next());
  CHECK(Random().next() != Random().next());
  Buffer bytes(13, '\0');
  one.fill(bytes);
  Buffer again(13, '\0');
  two.fill(again);
  CHECK(bytes == again);
  CHECK(bytes != Buffer(13, '\0'));
  for (int i = 0; i < 1000; ++i) CHECK(one.up_to(5) <= 5);
  CHECK(one.up_to(0) == 0);
}

}  // namespace
}  // namespace mq
