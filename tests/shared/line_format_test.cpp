#include "shared/line_format.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"

namespace mq {
namespace {

LineFormat compiled(std::string_view format) {
  auto made = LineFormat::compile(format);
  CAPTURE(format);
  REQUIRE(made);
  return *std::move(made);
}

// "topic|qos|retain|payload"; what is not said is "-".
std::string parts_of(std::string_view format, std::string_view line) {
  const LineFormat made = compiled(format);
  const auto parts = made.parse(line);
  if (!parts) {
    CHECK(parts.error().kind == ErrorKind::payload);
    return parts.error().text;
  }
  std::string text(parts->topic.value_or("-"));
  text.append("|").append(parts->qos ? std::to_string(static_cast<int>(*parts->qos)) : "-");
  text.append("|").append(!parts->retain ? "-" : *parts->retain ? "1" : "0");
  return text.append("|").append(parts->payload);
}

TEST_CASE("what lines say") {
  CHECK(parts_of("%t %p", "a/b 21.5 C") == "a/b|-|-|21.5 C");
  CHECK(parts_of("%t %p", "a ") == "a|-|-|");
  CHECK(parts_of("%t", "a b") == "a b|-|-|");
  CHECK(parts_of("%p", "x") == "-|-|-|x");
  CHECK(parts_of("%q%r %t: %p", "21 a: b: c") == "a|2|1|b: c");
  CHECK(parts_of("%t\\t%p", "a b\tc") == "a b|-|-|c");
  CHECK(parts_of("%p -> %t", "1 -> 2 -> x") == "2 -> x|-|-|1");
  CHECK(parts_of("%%%t%%%p\\\\", "%a%b\\") == "a|-|-|b");
  CHECK(parts_of("[%t] %p", "[x] y") == "x|-|-|y");
  CHECK(parts_of("%t %p", std::string_view("a b\0c", 5)) == std::string("a|-|-|b\0c", 9));
  CHECK(compiled("%t %p").gives_topic());
  CHECK_FALSE(compiled("%q %p").gives_topic());
}

TEST_CASE("lines that do not fit") {
  CHECK(parts_of("%t %p", "alone") == "' ' is missing behind the topic");
  CHECK(parts_of("%t %p", "") == "' ' is missing behind the topic");
  CHECK(parts_of("[%t] %p", "x] y") == "'[' is missing where 'x] y' stands");
  CHECK(parts_of("%q %p", "3 x") == "'3' stands where a QoS is due: 0, 1 or 2");
  CHECK(parts_of("%r %p", "2 x") == "'2' stands where 0 or 1 is due for retain");
  CHECK(parts_of("%r %p", "") == "nothing stands where 0 or 1 is due for retain");
  CHECK(parts_of("%p;%q", "x;12") == "goes on with '2' behind its last part");
  CHECK(parts_of("%p.", "x.y") == "goes on with 'y' behind its last part");
}

TEST_CASE("formats that make no sense") {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"", "it has neither a topic nor a payload"},
      {"%q", "it has neither a topic nor a payload"},
      {"%t%p", "nothing tells where %p begins"},
      {"%p%q", "nothing tells where %q begins"},
      {"%t %t", "%t is there twice"},
      {"%t %x", "'%x' is not known"},
      {"%t %", "'%' is not known"},
      {"%t\\n%p", "'\\\\n' is not known"},
  };
  for (const auto& [format, text] : table) {
    CAPTURE(format);
    const auto made = LineFormat::compile(format);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::usage);
    CHECK(made.error().text == text);
  }
}

}  // namespace
}  // namespace mq
