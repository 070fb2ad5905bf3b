#include "payload/payload_reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "payload/compression.hpp"
#include "payload/detect.hpp"
#include "payload/json.hpp"
#include "peers/temp_dir.hpp"

namespace mq {
namespace {

// The format that a payload is read as, and its JSON view.
std::string read_as(PayloadReader& reader, const Received& received) {
  const Reading& reading = reader.read(received);
  Buffer out(reading.format);
  out += ' ';
  append_json(reading.value, out);
  if (reading.undecoded) out += " undecoded";
  return out;
}

std::string by_bytes(Bytes payload) {
  const auto reader = PayloadReader::make({});
  return read_as(**reader, {.topic = "t", .payload = payload});
}

TEST_CASE("bytes are what they are most likely to be") {
  CHECK(by_bytes(R"({"a":1})") == R"(json {"a":1})");
  CHECK(by_bytes(" 22.50\n") == "json 22.50");
  CHECK(by_bytes("true") == "json true");
  CHECK(by_bytes("tru") == R"(text "tru")");
  CHECK(by_bytes("22 C") == R"(text "22 C")");
  CHECK(by_bytes("") == "text null");
  CHECK(by_bytes("\xA1\x61\x61\x01") == R"(cbor {"a":1})");
  CHECK(by_bytes("\x81\xA1\x61\x01") == R"(msgpack {"a":1})");
  CHECK(by_bytes("\xD9\xD9\xF7\x01") == "cbor 1");
  // A little longer or shorter, and it is nothing that anybody knows.
  CHECK(by_bytes("\xA1\x61\x61\x01\x01") == "hex \"oWFhAQE=\"");
  CHECK(by_bytes("\xA1\x61\x61") == "hex \"oWFh\"");
  CHECK(by_bytes("\xA1\x01\x02") == "hex \"oQEC\"");
  CHECK(by_bytes("\x82\x01\x02") == "hex \"ggEC\"");
  CHECK(by_bytes(Bytes("\x00", 1)) == "hex \"AA==\"");
}

TEST_CASE("random short payloads are never taken for binary formats") {
  std::uint32_t random = 1;
  std::size_t others = 0;
  for (int i = 0; i < 200'000; ++i) {
    Buffer bytes;
    for (std::uint32_t size = 1 + (random >> 8) % 12; size > 0; --size) {
      random = random * 1664525 + 1013904223;
      bytes += static_cast<char>(random >> 24);
    }
    const std::string_view format = detect_format(bytes);
    if (format != "hex" && format != "text") ++others;
  }
  CHECK(others <= 2);
}

TEST_CASE("what says more about a payload counts more") {
  const TempDir dir;
  const std::string map = dir.write("map.toml", "[[rule]]\ntopic = 'c/#'\nformat = 'cbor'\n");
  const auto made = PayloadReader::make({.map_file = map});
  REQUIRE(made);
  PayloadReader& reader = **made;
  constexpr Bytes two("\x02");
  CHECK(read_as(reader, {.topic = "c/1", .payload = two}) == "cbor 2");
  CHECK(read_as(reader, {.topic = "d/1", .payload = two}) == "hex \"Ag==\"");
  CHECK(
      read_as(reader, {.topic = "c/1", .payload = "2", .content_type = "application/json; charset=utf-8"}) ==
      "json 2");
  CHECK(read_as(reader, {.topic = "c/1", .payload = "2", .content_type = "Application/Vnd.Plant+JSON"}) ==
        "json 2");
  CHECK(read_as(reader, {.topic = "d/1", .payload = "2", .content_type = "text/plain"}) == "text \"2\"");
  CHECK(read_as(reader, {.topic = "c/1", .payload = two, .content_type = "text/plain"}) == "cbor 2");
  CHECK(read_as(reader, {.topic = "c/1", .payload = two, .content_type = "application/octet-stream"}) ==
        "cbor 2");
  CHECK(read_as(reader, {.topic = "c/1", .payload = two, .content_type = "x/unknown"}) == "cbor 2");
  CHECK(read_as(reader, {.topic = "d/1", .payload = "2", .is_utf8 = true}) == "json 2");
  CHECK(read_as(reader, {.topic = "c/1", .payload = "oops", .content_type = "application/json"}) ==
        "hex \"b29wcw==\" undecoded");
  const auto asked = PayloadReader::make({.format = "hex", .map_file = map});
  CHECK(read_as(**asked, {.topic = "c/1", .payload = two, .content_type = "application/json"}) ==
        "hex \"02\"");
}

TEST_CASE("compressed payloads are read as what is in them, unless bytes are asked for") {
  const Buffer packed = *compress(Compression::gzip, R"({"a":1})");
  const Buffer frame = *compress(Compression::zstd, "text");
  CHECK(by_bytes(packed) == R"(json {"a":1})");
  CHECK(by_bytes(frame) == R"(text "text")");
  CHECK(by_bytes(Bytes("\x1F\x8B\x08oops")) == "hex \"H4sIb29wcw==\"");
  const auto hex = PayloadReader::make({.format = "hex"});
  CHECK(read_as(**hex, {.topic = "t", .payload = frame}).starts_with("hex \"28b52ffd"));
}

std::string verdict(PayloadReader& reader, const Received& received) {
  const Reading& reading = reader.read(received);
  if (!reading.checked) return "unchecked";
  std::string text = "valid";
  for (const Violation& violation : reading.violations) text = violation.pointer + " " + violation.rule;
  return text;
}

TEST_CASE("a version in the payload chooses its schema") {
  const TempDir dir;
  dir.write("one.json", R"({"required":["a"]})");
  dir.write("two.json", R"({"required":["b"]})");
  const std::string map =
      dir.write("map.toml",
                "[[rule]]\ntopic = 'p'\nversion = '/v'\nversions = {1 = 'one.json', 2 = 'two.json'}\n"
                "[[rule]]\ntopic = 'b'\nformat = 'hex'\nversion = 'byte:0'\nversions = {7 = 'one.json'}\n"
                "[[rule]]\ntopic = 'f'\nformat = 'json'\n");
  const auto made = PayloadReader::make({.map_file = map, .validate = true});
  REQUIRE(made);
  PayloadReader& reader = **made;
  CHECK(verdict(reader, {.topic = "p", .payload = R"({"v":1,"a":0})"}) == "valid");
  CHECK(verdict(reader, {.topic = "p", .payload = R"({"v":2,"b":0})"}) == "valid");
  CHECK(verdict(reader, {.topic = "p", .payload = R"({"v":2,"a":0})"}) == " required");
  CHECK(verdict(reader, {.topic = "p", .payload = R"({"v":3})"}) == "/v version");
  CHECK(verdict(reader, {.topic = "p", .payload = "{}"}) == "/v version");
  CHECK(verdict(reader, {.topic = "b", .payload = "\x07"}) == "valid");
  CHECK(verdict(reader, {.topic = "b", .payload = "\x08"}) == " version");
  CHECK(verdict(reader, {.topic = "f", .payload = "oops"}) == " format");
  CHECK(verdict(reader, {.topic = "f", .payload = "1"}) == "valid");
  CHECK(verdict(reader, {.topic = "other", .payload = "1"}) == "unchecked");
  CHECK(verdict(reader, {.topic = "p", .payload = ""}) == "unchecked");
}

TEST_CASE("what is wrong with schemas and formats shows before the first message") {
  const TempDir dir;
  const auto error = [&dir](std::string_view map) {
    const auto made = PayloadReader::make({.map_file = dir.write("map.toml", map), .validate = true});
    return made ? std::string("none") : made.error().text;
  };
  CHECK(error("[[rule]]\ntopic = 'a'\nschema = 'missing.json'").contains("missing.json"));
  CHECK(
      error("[[rule]]\ntopic = 'a'\nformat = 'protobuf'\nproto = 'missing.proto'").contains("missing.proto"));
  CHECK(
      error("[[rule]]\ntopic = 'a'\nformat = 'avro'\navro-schema = 'missing.avsc'").contains("missing.avsc"));
  const auto unknown = PayloadReader::make({.format = "nosuch"});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().text == "there is no format 'nosuch'");
}

TEST_CASE("text is brought into its topic's format") {
  const TempDir dir;
  const auto reader =
      PayloadReader::make({.map_file = dir.write("map.toml", "[[rule]]\ntopic = 'c/#'\nformat = 'cbor'\n")});
  Buffer out;
  CHECK((*reader)->encode("c/1", "{\"a\": 1}", out));
  CHECK(out == "\xA1\x61\x61\x01");
  CHECK((*reader)->encode("d/1", "as it is", out));
  CHECK(out ==
        "\xA1\x61\x61\x01"
        "as it is");
  CHECK_FALSE((*reader)->encode("c/1", "{", out));
}

}  // namespace
}  // namespace mq
