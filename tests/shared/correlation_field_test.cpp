// A member of JSON objects that goes from request to answer.
#include "rr/correlation_field.hpp"

#include <doctest/doctest.h>

using namespace mq;

namespace {

std::string with_member_of(Bytes request, Bytes answer) {
  const auto member = member_of(request, "id");
  if (!member) return "none";
  Buffer out;
  const auto done = append_with_member(answer, *member, out);
  return done ? out : done.error().text;
}

}  // namespace

TEST_CASE("a member is copied with its spelling, and takes the place of the answer's own") {
  CHECK(with_member_of(R"({"a":1,"id":7.50})", R"({"x":[1.0]})") == R"({"x":[1.0],"id":7.50})");
  CHECK(with_member_of(R"({"id":{"a":null}})", R"({"id":1,"x":2,"id":3})") == R"({"x":2,"id":{"a":null}})");
  CHECK(with_member_of(R"({"id":12345678901234567890123})", "{}") == R"({"id":12345678901234567890123})");
}

TEST_CASE("requests without it are answered as they are, answers that can't carry it are a failure") {
  for (const char* request : {"", "x", "7", "[]", "{}", R"({"ID":1})", R"({"id":1)"})
    CHECK(with_member_of(request, "{}") == "none");
  for (const char* answer : {"", "x", "7", "[]", "{"})
    CHECK(with_member_of(R"({"id":1})", answer) ==
          "the answer is no JSON object that could carry the request's member");
}

TEST_CASE("a failure carries it too") {
  const auto of = [](std::string_view text, Bytes request, const std::string& name) {
    Buffer out;
    append_failure(text, "busy", *member_of(request, name), out);
    return out;
  };
  CHECK(of("so\n", R"({"id":1})", "id") == R"({"error":"so\n","status":"busy","id":1})");
  CHECK(of("\xFF\xFE ü\xC3", R"({"id":1})", "id") == R"({"error":"�� ü�","status":"busy","id":1})");
  CHECK(of("so", R"({"error":1})", "error") == R"({"status":"busy","error":1})");
}
