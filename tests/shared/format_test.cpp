#include "shared/format.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "shared/message.hpp"
#include "shared/time_zone.hpp"

namespace mq {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;
using Moment = std::chrono::system_clock::time_point;

// 2026-11-22T06:47:58.597706123 UTC, a Sunday.
const Moment moment{seconds(1795330078) + nanoseconds(597706123)};

PropertyList all_properties() {
  PropertyList list;
  REQUIRE(list.add(PropertyId::payload_format_indicator, 1));
  REQUIRE(list.add(PropertyId::message_expiry_interval, 60));
  REQUIRE(list.add(PropertyId::content_type, "text/x"));
  REQUIRE(list.add(PropertyId::response_topic, "r/t"));
  REQUIRE(list.add(PropertyId::correlation_data, Bytes("c\0d", 3)));
  REQUIRE(list.add(PropertyId::subscription_identifier, 5));
  REQUIRE(list.add(PropertyId::subscription_identifier, 9));
  REQUIRE(list.add(PropertyId::topic_alias, 12));
  REQUIRE(list.add_user("k", "v"));
  REQUIRE(list.add_user("a", "b c"));
  return list;
}

Publish full_message(const PropertyList& properties) {
  return {.qos = QoS::at_least_once,
          .retain = true,
          .topic = "p/topic",
          .packet_id = 7,
          .properties = properties.view(),
          .payload = "hello"};
}

std::string print(const Format& format, const Publish& publish, Moment received = moment) {
  Buffer out;
  format.append(publish, received, out);
  return out;
}

std::string print(std::string_view text, const Publish& publish, Moment received = moment) {
  const auto format = Format::compile(text, {.newline = false});
  REQUIRE_MESSAGE(format.has_value(), text);
  return print(*format, publish, received);
}

struct Case {
  std::string_view format;
  std::string_view printed;
};

TEST_CASE("every token of a format prints its part of the message") {
  const test::TimeZone zone("UTC");
  const PropertyList properties = all_properties();
  const Publish publish = full_message(properties);
  const auto cases = std::to_array<Case>({
      {"", ""},
      {"plain text", "plain text"},
      {"%%", "%"},
      {"100%%|", "100%|"},
      {"%A", "12"},
      {"%C", "text/x"},
      {"%D", {"c\0d", 3}},
      {"%E", "60"},
      {"%F", "1"},
      {"%I", "2026-11-22T06:47:58+0000"},
      {"%l", "5"},
      {"%m", "7"},
      {"%P", "k:v a:b c"},
      {"%p", "hello"},
      {"%q", "1"},
      {"%R", "r/t"},
      {"%r", "1"},
      {"%S", "5"},
      {"%t", "p/topic"},
      {"%U", "1795330078.597706123"},
      {"%x", "68656c6c6f"},
      {"%X", "68656C6C6F"},
      {"@@", "@"},
      {"@N", "597706123"},
      {"@H:@M:@S", "06:47:58"},
      {"@Y-@m-@d @A @z @Z", "2026-11-22 Sunday +0000 UTC"},
      {"@s@%@F", "1795330078%2026-11-22"},
      {R"(\\|\0|\a|\e|\n|\r|\t|\v)", {"\\|\0|\a|\x1B|\n|\r|\t|\v", 15}},
      {"%t %q %r: %p", "p/topic 1 1: hello"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.format);
    CHECK(print(c.format, publish) == c.printed);
  }
}

TEST_CASE("width, zeros, side and limit") {
  const test::TimeZone zone("UTC");
  const PropertyList properties = all_properties();
  const Publish publish = full_message(properties);
  const auto cases = std::to_array<Case>({
      {"%10p|", "     hello|"},
      {"%-10p|", "hello     |"},
      {"%010p|", "00000hello|"},
      {"%-010p|", "hello     |"},
      {"%3p|", "hello|"},
      {"%.3p|", "hel|"},
      {"%10t|", "   p/topic|"},
      {"%-10t|", "p/topic   |"},
      {"%010t|", "   p/topic|"},
      {"%.3t|", "p/t|"},
      {"%10.3t|", "       p/t|"},
      {"%-5.3t|", "p/t  |"},
      {"%.t|", "|"},
      {"%2t|", "p/topic|"},
      {"%5l|%05l|%-5l|%-05l|", "    5|00005|5    |5    |"},
      {"%3m|%03m|", "  7|007|"},
      {"%5A|%05A|", "   12|00012|"},
      {"%10E|%-10E|%010E|", "        60|60        |0000000060|"},
      {"%3F|%03F|", "  1|001|"},
      {"%3S|", "  5|"},
      {"%9C|%.2C|%10.2C|%09C|", "   text/x|te|        te|   text/x|"},
      {"%5R|%.2R|", "  r/t|r/|"},
      {"%26I|%-26I|%.4I|", "  2026-11-22T06:47:58+0000|2026-11-22T06:47:58+0000  |2026|"},
      {"%12x|%-14X|%014x|", "  68656c6c6f|68656C6C6F    |000068656c6c6f|"},
      {"%5D|", std::string_view("c\0d|", 4)},
      {"%5q|%05q|%5r|%5%|%2P|%3U|", "1|1|1|%|k:v a:b c|1795330078.597706123|"},
      {"%5.3l|%.2E|%.1q|", "    5|60|1|"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.format);
    CHECK(print(c.format, publish) == c.printed);
  }
}

TEST_CASE("hexadecimal digits in groups") {
  const Publish publish = test::message("t", R"({"a":1})");
  const auto cases = std::to_array<Case>({
      {"%.2x", "7b 22 61 22 3a 31 7d"},
      {"%.2:x", "7b:22:61:22:3a:31:7d"},
      {"%.4-X", "7B22-6122-3A31-7D"},
      {"%.3_x", "7b2_261_223_a31_7d"},
      {"%.14x", "7b2261223a317d"},
      {"%.0x", "7b2261223a317d"},
      {"%.2%x", "%x"},
      {"%.2.x", "7b.22.61.22.3a.31.7d"},
      {"%22.2:x|", "  7b:22:61:22:3a:31:7d|"},
      {"%-22.2:x|", "7b:22:61:22:3a:31:7d  |"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.format);
    CHECK(print(c.format, publish) == c.printed);
  }
}

TEST_CASE("payloads that are floating point numbers") {
  const float small = -1.5F;
  const double large = 3.25;
  const Publish four = test::message("t", {reinterpret_cast<const char*>(&small), sizeof small});
  const Publish eight = test::message("t", {reinterpret_cast<const char*>(&large), sizeof large});
  CHECK(print("%f", four) == "-1.500000");
  CHECK(print("%.2f|%8.1f|%-8.1f|%08.1f", four) == "-1.50|    -1.5|-1.5    |-00001.5");
  CHECK(print("%d", eight) == "3.250000");
  CHECK(print("%.1d", eight) == "3.2");
  CHECK(print("[%d][%4d]", four) == "[][    ]");
  CHECK(print("[%f]", eight) == "[]");
}

TEST_CASE("what a message does not have is blank, never a zero") {
  const Publish publish = test::message("t");
  CHECK(print("[%A][%C][%D][%E][%F][%P][%p][%R][%S][%x]", publish) == "[][][][][][][][][][]");
  CHECK(print("[%3A][%3C][%03E][%-3R][%03S][%3p][%3x]", publish) == "[   ][   ][   ][   ][   ][   ][   ]");
  CHECK(print("[%m][%l][%q][%r]", publish) == "[0][0][0][0]");
}

TEST_CASE("width and limit count characters, and none is cut in two") {
  const Publish publish = test::message("caf\u00E9/\u6E29\u5EA6", "\u20AC");
  CHECK(print("%9t|", publish) == "  caf\u00E9/\u6E29\u5EA6|");
  CHECK(print("%.4t|%.6t|%.99t|", publish) == "caf\u00E9|caf\u00E9/\u6E29|caf\u00E9/\u6E29\u5EA6|");
  CHECK(print("%3p|", publish) == "  \u20AC|");
}

TEST_CASE("formats that are wrong are refused") {
  const auto cases = std::to_array<Case>({
      {"%", "format token '%' is cut off"},
      {"abc%", "format token '%' is cut off"},
      {"%5", "format token '%5' is cut off"},
      {"%.2", "format token '%.2' is cut off"},
      {"%-", "format token '%-' is cut off"},
      {"%.2:", "format token '%.2:' is unknown"},
      {"%y", "format token '%y' is unknown"},
      {"%t %v", "format token '%v' is unknown"},
      {"%--5t", "format token '%--' is unknown"},
      {"%:x", "format token '%:' is unknown"},
      {"%.2:p", "format token '%.2:' is unknown"},
      {"%65536p", "format token '%65536' has a width above 65535"},
      {"%99999999999p", "format token '%99999999999' has a width above 65535"},
      {"%.70000d", "format token '%.70000' has a width above 65535"},
      {"@", "format token '@' is cut off"},
      {"@!", "format token '@!' is unknown"},
      {"@E", "format token '@E' is unknown"},
      {"\\", "format token '\\\\' is cut off"},
      {"\\q", "format token '\\\\q' is unknown"},
  });
  for (const Case& c : cases) {
    CAPTURE(c.format);
    const auto format = Format::compile(c.format);
    REQUIRE_FALSE(format);
    CHECK(format.error().kind == ErrorKind::usage);
    CHECK(format.error().text == c.printed);
    CHECK_FALSE(format.error().hint.empty());
  }
}

TEST_CASE("a line ends with a newline unless the style says otherwise") {
  const Publish publish = test::message("a b", "x");
  CHECK(print(*Format::compile("%p"), publish) == "x\n");
  CHECK(print(*Format::compile("%p", {.newline = false}), publish) == "x");
  CHECK(print(Format::payloads(), publish) == "x\n");
  CHECK(print(Format::payloads({.newline = false}), publish) == "x");
  CHECK(print(Format::topics_and_payloads(), publish) == "a b x\n");
  CHECK(print(Format::topics_and_payloads({.newline = false}), publish) == "a b x");
}

TEST_CASE("an empty payload is an empty line, or (null) behind a topic") {
  const Publish publish = test::message("t");
  CHECK(print(Format::payloads(), publish) == "\n");
  CHECK(print(Format::topics_and_payloads(), publish) == "t (null)\n");
}

TEST_CASE("payload bytes come out as they are") {
  const std::string bytes("\0\xFF\n\x80%t\\", 7);
  const Publish publish = test::message("t", bytes);
  CHECK(print(Format::payloads({.newline = false}), publish) == bytes);
  CHECK(print("%p", publish) == bytes);
}

TEST_CASE("only formats that show a time need one") {
  for (const std::string_view timeless : {"%p", "%t %x", "%%I", "@@H", "%l\\n"}) {
    CAPTURE(timeless);
    CHECK_FALSE(Format::compile(timeless)->needs_time());
  }
  for (const std::string_view timed : {"%I", "%U", "@N", "@H", "%j", "%J"}) {
    CAPTURE(timed);
    CHECK(Format::compile(timed)->needs_time());
  }
  CHECK_FALSE(Format::payloads().needs_time());
  CHECK_FALSE(Format::topics_and_payloads().needs_time());
}

TEST_CASE("times follow each message, in the local zone") {
  const test::TimeZone zone("IST-5:30");
  const Publish publish = test::message("t");
  const auto format = Format::compile("%I @H:@M:@S.@N %U", {.newline = false});
  REQUIRE(format);
  CHECK(print(*format, publish) == "2026-11-22T12:17:58+0530 12:17:58.597706123 1795330078.597706123");
  CHECK(print(*format, publish, moment + nanoseconds(1)) ==
        "2026-11-22T12:17:58+0530 12:17:58.597706124 1795330078.597706124");
  CHECK(print(*format, publish, moment + seconds(2)) ==
        "2026-11-22T12:18:00+0530 12:18:00.597706123 1795330080.597706123");
  CHECK(print(*format, publish, moment - seconds(1)) ==
        "2026-11-22T12:17:57+0530 12:17:57.597706123 1795330077.597706123");
  CHECK(print(*format, publish, Moment(nanoseconds(5))) ==
        "1970-01-01T05:30:00+0530 05:30:00.000000005 0.000000005");
}

TEST_CASE("JSON lines in a format, on one line or pretty") {
  const test::TimeZone zone("UTC");
  const Publish publish = test::message("t", R"({"a": [1.50]})");
  CHECK(print("%t=%J;", publish) ==
        R"(t={"tst":"2026-11-22T06:47:58.597706+00:00","topic":"t","qos":0,"retain":false,"payloadlen":13,)"
        R"("payload":{"a": [1.50]}};)");
  const auto pretty = Format::compile("%J", {.pretty = true});
  CHECK(print(*pretty, publish) == R"({
  "tst": "2026-11-22T06:47:58.597706+00:00",
  "topic": "t",
  "qos": 0,
  "retain": false,
  "payloadlen": 13,
  "payload": {
    "a": [
      1.50
    ]
  }
}
)");
}

}  // namespace
}  // namespace mq
