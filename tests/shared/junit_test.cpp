#include "shared/junit.hpp"

#include <doctest/doctest.h>

#include "peers/process.hpp"

using namespace mq;

namespace {

JunitSuite suite_of(std::vector<JunitCase> cases) {
  return {.name = "mqtt-sub",
          .started = std::chrono::system_clock::time_point(std::chrono::seconds(1'790'000'000)),
          .seconds = 1.5,
          .cases = std::move(cases)};
}

// What Python's parser, which is strict, says of the file: attributes and elements in their order.
std::string as_python_reads(const Buffer& xml) {
  const Outcome outcome = run({.command = {"python3", "-c", R"py(
import sys, xml.etree.ElementTree as tree
for e in tree.fromstring(sys.stdin.buffer.read()).iter():
    print(e.tag, sorted(e.attrib.items()))
)py"},
                               .input = Input::bytes,
                               .input_bytes = xml});
  CHECK(outcome.err.empty());
  return outcome.out;
}

}  // namespace

TEST_CASE("a suite is what CI servers take") {
  using enum JunitCase::Outcome;
  const Buffer xml =
      junit_xml(suite_of({{.name = "met", .seconds = 0.25},
                          {.name = "unmet", .outcome = failed, .type = "expectation", .message = "not seen"},
                          {.name = "unknown", .outcome = broken, .type = "refused", .message = "no entry"},
                          {.name = "other", .outcome = skipped, .message = "another was met"}}));
  CHECK(
      as_python_reads(xml) ==
      "testsuites [('errors', '1'), ('failures', '1'), ('skipped', '1'), ('tests', '4'), ('time', '1.500')]\n"
      "testsuite [('errors', '1'), ('failures', '1'), ('name', 'mqtt-sub'), ('skipped', '1'), ('tests', "
      "'4'), ('time', '1.500'), ('timestamp', '2026-09-21T14:13:20')]\n"
      "testcase [('classname', 'mqtt-sub'), ('name', 'met'), ('time', '0.250')]\n"
      "testcase [('classname', 'mqtt-sub'), ('name', 'unmet'), ('time', '0.000')]\n"
      "failure [('message', 'not seen'), ('type', 'expectation')]\n"
      "testcase [('classname', 'mqtt-sub'), ('name', 'unknown'), ('time', '0.000')]\n"
      "error [('message', 'no entry'), ('type', 'refused')]\n"
      "testcase [('classname', 'mqtt-sub'), ('name', 'other'), ('time', '0.000')]\n"
      "skipped [('message', 'another was met')]\n");
}

TEST_CASE("a file is valid XML 1.0 whatever bytes a name holds") {
  std::string every;
  for (int c = 0; c < 256; ++c) every.push_back(static_cast<char>(c));
  every += "caf\u00E9 \uFFFE \uFFFF \U0001F600 <a href='&'>\"]]>";
  const std::string read = as_python_reads(junit_xml(suite_of({{.name = every}})));
  CHECK(read.contains("caf\u00E9 \uFFFD \uFFFD \U0001F600 <a href="));
  CHECK(read.contains("\\t\\n"));
  CHECK(as_python_reads(junit_xml(suite_of({{.name = "a\tb\nc\r"}}))).contains(R"(('name', 'a\tb\nc\r'))"));
}
