// New payloads: from format to format, and through jq programs.
#include "bridge/conversion.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "bridge/treated.hpp"
#include "payload/codecs.hpp"
#include "payload/compression.hpp"

namespace mq {
namespace {

using test::properties_of;
using test::Treated;
using test::TreatedRoute;

std::string encoded(std::string_view format, std::string_view text, const CodecOptions& options = {}) {
  const auto codec = find_codec(format)->make(options);
  REQUIRE(codec);
  Buffer bytes;
  REQUIRE((*codec)->encode(text, bytes));
  return bytes;
}

}  // namespace

TEST_CASE("a format that needs definitions is refused without them") {
  TreatedRoute route;
  for (const char* format : {"protobuf", "avro"}) {
    route.treatment().to_format = format;
    CHECK(route.error() ==
          std::string("to-format ") + format + " needs a payload-map that has its definitions");
  }
  route.map_is("[[rule]]\ntopic = \"#\"\nformat = \"json\"\nproto = \"no.proto\"\nproto-type = \"a.B\"\n");
  route.treatment().to_format = "protobuf";
  CHECK(route.error().contains("no.proto"));
}

TEST_CASE("a message is written in another format, and its properties say so") {
  struct Row {
    std::string_view from, to, content_type;
    bool is_text;
  };
  const std::string_view text = R"({"a":[1,2.50,"x",null,true],"b":{"c":-3}})";
  for (const Row& row :
       {Row{"json", "cbor", "application/cbor", false}, Row{"cbor", "json", "application/json", true},
        Row{"json", "msgpack", "application/msgpack", false},
        Row{"msgpack", "cbor", "application/cbor", false}}) {
    CAPTURE(row.from);
    CAPTURE(row.to);
    // Told by the plan, or by the content type.
    for (const bool told : {true, false}) {
      TreatedRoute route;
      route.plan.treatment = {};
      if (told) route.treatment().from_format = row.from;
      route.treatment().to_format = row.to;
      const std::string_view types = find_codec(row.from)->content_types;
      const PropertyList properties = properties_of(types.substr(0, types.find(' ')), row.from == "json");
      const Treated made = route.one(encoded(row.from, text), properties);
      CHECK_FALSE(route.invalid);
      // 2.50 is 2.5 to CBOR and MessagePack.
      CHECK(made.payload ==
            encoded(row.to, row.to == "json" ? R"({"a":[1,2.5,"x",null,true],"b":{"c":-3}})" : text));
      CHECK(made.content_type() == row.content_type);
      CHECK(made.is_text() == row.is_text);
      CHECK(made.user("kept") == "yes");
    }
  }
}

TEST_CASE("JSON becomes the map's message of Protocol Buffers, and back") {
  TreatedRoute route;
  route.dir.write("p.proto", "syntax = \"proto3\"; package p; message M { int32 n = 1; string s = 2; }");
  const std::string rule =
      "[[rule]]\ntopic = \"reading/#\"\nformat = \"FORMAT\"\nproto = \"p.proto\"\nproto-type = \"p.M\"\n";
  const auto format = [&rule](const std::string& name) {
    std::string text = rule;
    return text.replace(text.find("FORMAT"), 6, name);
  };
  route.map_is(format("json"));
  route.treatment().to_format = "protobuf";
  const Treated made = route.one(R"({"n": 150, "s": "x"})", properties_of("application/json", true));
  CHECK(made.payload == "\x08\x96\x01\x12\x01x");
  CHECK(made.content_type() == "application/protobuf");
  CHECK_FALSE(made.is_text());
  // What the type can't hold.
  CHECK(route.one(R"({"other": 1})").payload == R"({"other": 1})");
  CHECK(route.invalid);

  TreatedRoute back;
  back.dir.write("p.proto", "syntax = \"proto3\"; package p; message M { int32 n = 1; string s = 2; }");
  back.map_is(format("protobuf"));
  back.treatment().to_format = "json";
  const Treated json = back.one(made.payload, made.properties);
  CHECK(json.payload == R"({"n":150,"s":"x"})");
  CHECK(json.content_type() == "application/json");
  CHECK(json.is_text());
}

TEST_CASE("Avro by the map's schema becomes JSON, and back") {
  TreatedRoute route;
  route.dir.write("a.avsc", R"({"type":"record","name":"R","fields":[{"name":"n","type":"long"}]})");
  route.map_is("[[rule]]\ntopic = \"#\"\navro-schema = \"a.avsc\"\n");
  route.treatment().to_format = "json";
  CHECK(route.one("\x0e").payload == R"({"n":7})");

  TreatedRoute back;
  back.dir.write("a.avsc", R"({"type":"record","name":"R","fields":[{"name":"n","type":"long"}]})");
  back.map_is("[[rule]]\ntopic = \"#\"\nformat = \"json\"\navro-schema = \"a.avsc\"\n");
  back.treatment().to_format = "avro";
  const Treated made = back.one(R"({"n": 7})");
  CHECK(made.payload == "\x0e");
  CHECK(made.content_type() == "application/avro");
}

TEST_CASE("a payload that is in its format already stays as it is, with a content type that says more") {
  TreatedRoute route;
  route.plan.treatment = {};
  route.treatment().to_format = "json";
  Treated made = route.one(R"({ "a" : 1.50 })", properties_of("application/senml+json", false));
  CHECK(made.payload == R"({ "a" : 1.50 })");
  CHECK(made.content_type() == "application/senml+json");
  CHECK(made.is_text());
  made = route.one("[1]", properties_of("application/octet-stream", false));
  CHECK(made.content_type() == "application/json");
  // An empty one says nothing, whatever it is called.
  const PropertyList cbor = properties_of("application/cbor", false);
  CHECK(route.one("", cbor).properties.view() == cbor.view());
  CHECK_FALSE(route.invalid);
  const auto packed = compress(*find_compression("gzip"), R"({"a": 1})");
  REQUIRE(packed);
  CHECK(route.one(*packed).payload == R"({"a": 1})");
}

TEST_CASE("what can't be read or written is invalid and follows the route's policy") {
  TreatedRoute route;
  route.plan.treatment = {};
  route.treatment().to_format = "json";
  CHECK(route.one("\xff\xfe\x01").user("mqttkit-invalid") ==
        "nothing says what format the payload has, and it doesn't show");
  CHECK(route.invalid);
  route.made.reset();
  route.treatment().from_format = "cbor";
  route.dead_letters();
  const Treated made = route.one("\xff");
  CHECK(made.topic == "dead");
  CHECK(made.payload == "\xff");
  CHECK_FALSE(made.user("mqttkit-invalid").empty());
  route.made.reset();
  route.treatment().invalid = InvalidPolicy::drop;
  CHECK(route.treat("\xff").empty());
  CHECK(route.ends == Fate::invalid);
}

TEST_CASE("bytes as digits, and back") {
  TreatedRoute route;
  route.plan.treatment = {};
  route.treatment().from_format = "hex";
  route.treatment().to_format = "text";
  const Treated made = route.one("\x01\xff");
  CHECK(made.payload == "01ff");
  CHECK(made.content_type() == "text/plain");
  route.made.reset();
  route.treatment().from_format = "text";
  route.treatment().to_format = "hex";
  CHECK(route.one("01ff", properties_of("text/plain", true)).payload == "\x01\xff");
}

TEST_CASE("a program gets the message as mqtt-sub's does, and makes one, several or none of it") {
  TreatedRoute route;
  route.plan.treatment = {};
  route.treatment().jq = R"(.payload.n as $n | if $n < 0 then error("negative") else range($n) | {i: .} end)";
  Treated made = route.one(R"({"n": 1})", properties_of("application/octet-stream", false));
  CHECK(made.payload == R"({"i":0})");
  CHECK(made.topic == "there");
  CHECK(made.content_type() == "application/json");
  CHECK(made.is_text());
  CHECK(made.user("kept") == "yes");
  const auto three = route.treat(R"({"n": 3})");
  REQUIRE(three.size() == 3);
  CHECK(three[2].payload == R"({"i":2})");
  CHECK(route.treat(R"({"n": 0})").empty());
  CHECK(route.ends == Fate::filtered);
  CHECK_FALSE(route.invalid);
  made = route.one(R"({"n": -1})");
  CHECK(route.invalid);
  CHECK(made.payload == R"({"n": -1})");
  CHECK(made.user("mqttkit-invalid") == "the program fails: 'negative'");
  CHECK(route.treat(R"({"n": 1000})").size() == 1000);
  made = route.one(R"({"n": 1001})");
  CHECK(route.invalid);
  CHECK(made.user("mqttkit-invalid") == "the program makes too much of one message");

  route.made.reset();
  route.treatment().jq = "[.topic, .qos, .retain, .format, .payload, .packet_id]";
  route.topic = "reading/7";
  CHECK(route.one("12345678901234567890").payload ==
        R"(["reading/7",1,false,"json",12345678901234567890,null])");
}

TEST_CASE("what a program makes of one message has a bound in bytes") {
  TreatedRoute route;
  route.plan.treatment = {};
  route.treatment().jq = R"(.payload as $p | range(20) | "x" * 1048576)";
  route.treatment().invalid = InvalidPolicy::drop;
  CHECK(route.treat("1").empty());
  CHECK(route.ends == Fate::invalid);
  route.made.reset();
  route.treatment().jq = R"(.payload as $p | range(15) | "x" * 1048576)";
  CHECK(route.treat("1").size() == 15);
}

TEST_CASE("a text that a program makes is JSON, unless the format is one of texts") {
  TreatedRoute route;
  route.plan.treatment = {};
  route.treatment().jq = ".payload.s";
  CHECK(route.one(R"({"s":"a\"b"})").payload == R"("a\"b")");
  route.made.reset();
  route.treatment().to_format = "text";
  Treated made = route.one(R"({"s":"a\"b"})");
  CHECK(made.payload == "a\"b");
  CHECK(made.content_type() == "text/plain");
  CHECK(made.is_text());
  CHECK(route.one(R"({"s":[1]})").payload == "[1]");
  route.made.reset();
  route.treatment().to_format = "base64";
  made = route.one(R"({"s":"AP8="})", properties_of("application/json", true));
  CHECK(made.payload == std::string_view("\0\xff", 2));
  CHECK(made.content_type() == "none");
  CHECK_FALSE(made.is_text());
  route.made.reset();
  route.treatment().to_format = "cbor";
  CHECK(route.one(R"({"s":"ab"})").payload ==
        "\x62"
        "ab");
}

}  // namespace mq
