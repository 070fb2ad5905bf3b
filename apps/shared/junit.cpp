#include "shared/junit.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "base/utf8.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

using Outcome = JunitCase::Outcome;

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// XML 1.0, 2.2: no control characters but three, and neither U+FFFE nor U+FFFF.
bool is_allowed(std::string_view character) {
  const char c = character.front();
  if (octet(c) < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF";
}

// An attribute's value; line breaks and tabs are written so that readers leave them alone.
std::string attribute(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(character.size());
    if (size == 0 || !is_allowed(character)) {
      out += replacement;
    } else if (const char c = character.front(); std::string_view("&<>\"'\t\n\r").contains(c)) {
      fmt::format_to(std::back_inserter(out), "&#{};", octet(c));
    } else {
      out += character;
    }
  }
  return out;
}

std::string_view element_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      break;
    case Outcome::failed:
      return "failure";
    case Outcome::broken:
      return "error";
    case Outcome::skipped:
      return "skipped";
  }
  return {};
}

void append_case(const JunitCase& test, std::string_view suite, Buffer& out) {
  const auto to = std::back_inserter(out);
  fmt::format_to(to, R"(    <testcase classname="{}" name="{}" time="{:.3f}")", attribute(suite),
                 attribute(test.name), test.seconds);
  if (test.outcome == Outcome::passed) {
    out += "/>\n";
    return;
  }
  fmt::format_to(to, ">\n      <{}", element_of(test.outcome));
  if (!test.message.empty()) fmt::format_to(to, R"( message="{}")", attribute(test.message));
  if (test.outcome != Outcome::skipped) fmt::format_to(to, R"( type="{}")", attribute(test.type));
  out += "/>\n    </testcase>\n";
}

}  // namespace

Buffer junit_xml(const JunitSuite& suite) {
  const auto count = [&suite](Outcome outcome) {
    return std::ranges::count(suite.cases, outcome, &JunitCase::outcome);
  };
  const std::string sums =
      fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3f}")", suite.cases.size(),
                  count(Outcome::failed), count(Outcome::broken), count(Outcome::skipped), suite.seconds);
  const auto second = std::chrono::floor<std::chrono::seconds>(suite.started);
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(second - day);
  Buffer out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "<testsuites {}>\n  <testsuite name=\"{}\" {}", sums, attribute(suite.name), sums);
  fmt::format_to(to, " timestamp=\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}\">\n", static_cast<int>(date.year()),
                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                 time.minutes().count(), time.seconds().count());
  for (const JunitCase& test : suite.cases) append_case(test, suite.name, out);
  return out.append("  </testsuite>\n</testsuites>\n");
}

void junit_option(OptionRows& rows, std::string& file) {
  rows.push_back({.name = "junit",
                  .value = "FILE",
                  .group = OptionGroup::output,
                  .completion = Completion::file,
                  .summary = "write the result to FILE as JUnit XML",
                  .detail =
                      "Write the result to this file as JUnit XML, for CI servers, however the run ends once "
                      "its options were understood. The file is replaced as a whole.",
                  .set = store_path(file)});
}

}  // namespace mq
