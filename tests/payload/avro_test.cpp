#include "payload/avro/avro_codec.hpp"

#include <avro.h>
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "payload/avro/avro_schema.hpp"
#include "payload/protoc.hpp"
#include "payload/value.hpp"

namespace mq {
namespace {

using testing::encoded;
using testing::json_of;
using testing::own_folder;

constexpr std::string_view rich_schema = R"({
  "type": "record", "name": "Rich", "namespace": "plant", "doc": "all types",
  "fields": [
    {"name": "nothing", "type": "null"},
    {"name": "yes", "type": "boolean"},
    {"name": "i", "type": "int"},
    {"name": "l", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "f", "type": "float"},
    {"name": "d", "type": "double", "default": 2.5},
    {"name": "raw", "type": "bytes"},
    {"name": "text", "type": "string"},
    {"name": "level", "type": {"type": "enum", "name": "Level", "symbols": ["LOW", "HIGH"]}},
    {"name": "id", "type": {"type": "fixed", "name": "Id", "size": 2}},
    {"name": "list", "type": {"type": "array", "items": "int"}},
    {"name": "table", "type": {"type": "map", "values": "Level"}},
    {"name": "either", "type": ["null", "string", "long", "double"]},
    {"name": "next", "type": ["null", "Rich"], "default": null}
  ]
})";

constexpr std::string_view rich_view =
    R"({"nothing":null,"yes":true,"i":-2147483648,"l":-9223372036854775808,"f":0.1,"d":1e+300,"raw":"AP8=",)"
    R"("text":"é","level":"HIGH","id":"AQI=","list":[1,-2,300],"table":{"a":"LOW","b":"HIGH"},"either":7,)"
    R"("next":{"nothing":null,"yes":false,"i":0,"l":1,"f":1.0,"d":2.5,"raw":"","text":"","level":"LOW","id":"AAA=",)"
    R"("list":[],"table":{},"either":null,"next":null}})";

std::unique_ptr<Codec> made(std::string_view schema) {
  const std::string file = own_folder() + "schema.avsc";
  testing::write_file(file, schema);
  auto codec = make_avro_codec({.avro_schema = file});
  if (!codec) FAIL(codec.error().text);
  return std::move(*codec);
}

Buffer bytes(std::string_view hex) { return *from_hex(hex); }

// libavro's side: the value of `data` by `schema`, for which we are owed a reference.
class TheirValue {
 public:
  TheirValue(std::string_view schema, Bytes data) {
    REQUIRE(avro_schema_from_json_length(schema.data(), schema.size(), &schema_) == 0);
    class_ = avro_generic_class_from_schema(schema_);
    avro_generic_value_new(class_, &value_);
    avro_reader_t reader = avro_reader_memory(data.data(), static_cast<std::int64_t>(data.size()));
    const int read = avro_value_read(reader, &value_);
    avro_reader_free(reader);
    if (read != 0) FAIL(avro_strerror());
  }
  ~TheirValue() {
    avro_value_decref(&value_);
    avro_value_iface_decref(class_);
    avro_schema_decref(schema_);
  }
  TheirValue(const TheirValue&) = delete;
  TheirValue& operator=(const TheirValue&) = delete;

  Buffer written() {
    std::array<char, 4096> out{};
    avro_writer_t writer = avro_writer_memory(out.data(), out.size());
    REQUIRE(avro_value_write(writer, &value_) == 0);
    Buffer result(out.data(), static_cast<std::size_t>(avro_writer_tell(writer)));
    avro_writer_free(writer);
    return result;
  }

  std::string json() {
    char* text = nullptr;
    REQUIRE(avro_value_to_json(&value_, 1, &text) == 0);
    std::string result(text);
    std::free(text);
    return result;
  }

  // A container file of `count` such values.
  Buffer container(const char* codec, int count) {
    const std::string file = own_folder() + "container.avro";
    std::remove(file.c_str());
    avro_file_writer_t writer = nullptr;
    REQUIRE(avro_file_writer_create_with_codec(file.c_str(), schema_, &writer, codec, 0) == 0);
    for (int i = 0; i < count; ++i) REQUIRE(avro_file_writer_append_value(writer, &value_) == 0);
    REQUIRE(avro_file_writer_close(writer) == 0);
    return testing::read_file(file);
  }

 private:
  avro_schema_t schema_ = nullptr;
  avro_value_iface_t* class_ = nullptr;
  avro_value_t value_{};
};

TEST_CASE("every type is written so that libavro reads it, and read as libavro writes it") {
  const auto codec = made(rich_schema);
  const Buffer data = encoded(*codec, rich_view);
  CHECK(json_of(*codec, data) == rich_view);
  TheirValue theirs(rich_schema, data);
  CHECK(json_of(*codec, theirs.written()) == rich_view);
  const std::string json = theirs.json();
  CHECK(json.contains(R"("l": -9223372036854775808)"));
  CHECK(json.contains(R"("either": {"long": 7})"));
  CHECK(json.contains(R"("level": "HIGH")"));
}

TEST_CASE("a field that is not given takes its default") {
  const auto codec = made(R"({"type":"record","name":"R","fields":[{"name":"a","type":"int","default":5},
      {"name":"b","type":["string","null"],"default":"x"},{"name":"c","type":"bytes","default":"\u00ff\u0001"},
      {"name":"d","type":{"type":"array","items":"int"},"default":[]}]})");
  CHECK(json_of(*codec, encoded(*codec, "{}")) == R"({"a":5,"b":"x","c":"/wE=","d":[]})");
}

TEST_CASE("a union takes the branch that fits best, or the one that is named") {
  const auto codec =
      made(R"(["null","bytes","string","double","long",{"type":"enum","name":"E","symbols":["ON"]},
      {"type":"map","values":"int"}])");
  const auto branch_of = [&](std::string_view text) { return to_hex(encoded(*codec, text).substr(0, 1)); };
  CHECK(branch_of("null") == "00");
  CHECK(branch_of(R"("abcd")") == "04");
  CHECK(branch_of(R"({"bytes":"abcd"})") == "02");
  CHECK(branch_of("5") == "08");
  CHECK(branch_of("5.5") == "06");
  CHECK(branch_of(R"("ON")") == "0a");
  CHECK(branch_of(R"({"double":1})") == "0c");  // a map, first of all
  CHECK(encoded(*codec, "true") == "error: at the top: this fits no branch of the union");
  CHECK(encoded(*made(R"(["null","int"])"), R"("x")") == "error: at the top: 'x' is no null");
}

TEST_CASE("fingerprints are those of the specification, and of the schema's canonical form") {
  CHECK(avro_fingerprint(R"("int")") == 0x7275d51a3f395c8f);
  CHECK(avro_fingerprint(R"("null")") == 0x63dd24e7cc258f8a);
  const auto schema = AvroSchema::parse(rich_schema);
  REQUIRE(schema);
  CHECK(schema->canonical() ==
        R"({"name":"plant.Rich","type":"record","fields":[{"name":"nothing","type":"null"},)"
        R"({"name":"yes","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":"long"},)"
        R"({"name":"f","type":"float"},{"name":"d","type":"double"},{"name":"raw","type":"bytes"},)"
        R"({"name":"text","type":"string"},)"
        R"({"name":"level","type":{"name":"plant.Level","type":"enum","symbols":["LOW","HIGH"]}},)"
        R"({"name":"id","type":{"name":"plant.Id","type":"fixed","size":2}},)"
        R"({"name":"list","type":{"type":"array","items":"int"}},)"
        R"({"name":"table","type":{"type":"map","values":"plant.Level"}},)"
        R"({"name":"either","type":["null","string","long","double"]},)"
        R"({"name":"next","type":["null","plant.Rich"]}]})");
}

TEST_CASE("a single object names its schema") {
  const auto codec = made(R"({"type":"int"})");
  CHECK(json_of(*codec, bytes("c301 8f5c393f1ad57572 06")) == "3");
  CHECK(json_of(*codec, bytes("06")) == "3");
  CHECK(json_of(*codec, bytes("c301 0000000000000001 06")) ==
        "error: this was written by the schema 0100000000000000, and the given one is 7275d51a3f395c8f");
  // A plain datum that happens to begin like one
  const auto numbers = made(R"({"type":"record","name":"R","fields":[{"name":"a","type":"long"},
      {"name":"b","type":"long"},{"name":"c","type":{"type":"fixed","name":"F","size":8}}]})");
  CHECK(json_of(*numbers, encoded(*numbers, R"({"a":-98,"b":0,"c":"AAAAAAAAAAA="})")) ==
        R"({"a":-98,"b":0,"c":"AAAAAAAAAAA="})");
  // Too short for one, too
  CHECK(json_of(*codec, bytes("c301")) == "-98");
}

TEST_CASE("a container file is an array, with the schema that it brings") {
  const auto codec = made(rich_schema);
  TheirValue theirs(rich_schema, encoded(*codec, rich_view));
  const auto without = make_avro_codec({});
  REQUIRE(without);
  for (const char* compression : {"null", "deflate"}) {
    CAPTURE(compression);
    const Buffer file = theirs.container(compression, 100);
    const auto value = (*without)->decode(file, {});
    REQUIRE(value);
    CHECK(value->items.size() == 100);
    CHECK(json_of(**without, theirs.container(compression, 1)) == "[" + std::string(rich_view) + "]");
    for (std::size_t size = 4; size < file.size(); ++size) {
      const auto cut = (*without)->decode(Bytes(file).substr(0, size), {});
      // A file may end after its header and after any block.
      if (cut) CHECK(cut->items.size() < 100);
    }
    Buffer broken = file;
    broken.back() = static_cast<char>(broken.back() ^ 1);
    CHECK(json_of(**without, broken).contains("is not ended by the file's own marker"));
  }
  CHECK(json_of(**without, "abc") == "error: Avro needs a schema, unless it is a container file");
  CHECK(encoded(**without, "1") == "error: Avro needs a schema, unless it is a container file");
}

// A container with one block of `block`.
Buffer container(std::string_view schema, std::string_view codec, std::string_view count, Bytes block) {
  const auto sized = [](Bytes text) {
    Buffer out;
    for (std::size_t bits = text.size() * 2;; bits >>= 7U) {
      if (bits < 0x80) return out + static_cast<char>(bits) + Buffer(text);
      out += static_cast<char>((bits & 0x7FU) | 0x80U);
    }
  };
  const Buffer sync(16, 's');
  return bytes("4f626a01 04") + sized("avro.schema") + sized(schema) + sized("avro.codec") + sized(codec) +
         bytes("00") + sync + bytes(count) + sized(block) + sync;
}

TEST_CASE("container files that lie are errors") {
  const auto codec = make_avro_codec({});
  REQUIRE(codec);
  CHECK(json_of(**codec, container(R"("int")", "null", "04", bytes("0204"))) == "[1,2]");
  CHECK(json_of(**codec, container(R"("int")", "null", "06", bytes("0204")))
            .contains("it ends inside a number"));
  CHECK(json_of(**codec, container(R"("int")", "null", "02", bytes("0204"))).contains("1 bytes too many"));
  CHECK(json_of(**codec, container(R"("int")", "snappy", "02", bytes("0204")))
            .contains("compressed with 'snappy'"));
  CHECK(
      json_of(**codec, container(R"("int")", "deflate", "02", bytes("ffff"))).contains("cannot be inflated"));
  CHECK(json_of(**codec, container(R"("in")", "null", "02", bytes("02"))).contains("there is no type 'in'"));
  CHECK(json_of(**codec, container(R"("null")", "null", "feffffffffffffffff01", ""))
            .contains("more than 1000000 parts"));
  Buffer deep;
  for (int i = 0; i < 500; ++i) deep += R"({"type":"array","items":)";
  CHECK(json_of(**codec, container(deep + R"("int")" + std::string(500, '}'), "null", "00", ""))
            .contains("too deep"));
}

TEST_CASE("container files cannot make a few bytes large by their own schema") {
  const auto codec = make_avro_codec({});
  REQUIRE(codec);
  const std::string name(10'000, 'A');
  // 200,000 items of no or of one byte, each of which shows the name.
  const Buffer count = bytes("80b518");
  const std::string field = R"({"type":"array","items":{"type":"record","name":"r","fields":[{"name":")" +
                            name + R"(","type":"null"}]}})";
  CHECK(json_of(**codec, container(field, "null", "02", count + bytes("00"))).contains("parts"));
  const std::string symbol =
      R"({"type":"array","items":{"type":"enum","name":"e","symbols":[")" + name + R"("]}})";
  CHECK(json_of(**codec, container(symbol, "null", "02", count + Buffer(200'001, '\0'))).contains("parts"));
  const auto error_of = [](const std::string& schema) {
    const auto parsed = AvroSchema::parse(schema);
    return parsed ? std::string("none") : parsed.error().text;
  };
  CHECK(error_of(R"({"type":"fixed","size":1,"name":")" + name + "\"}").ends_with("longer than 512 bytes"));
  CHECK(error_of(R"({"type":"fixed","size":1,"name":"f","namespace":")" + name + "\"}")
            .ends_with("longer than 512 bytes"));
  // Short references to a long name.
  std::string fields = R"({"name":"f","type":{"type":"fixed","size":1,"name":"F"}})";
  for (int i = 0; i < 40'000; ++i) fields += R"(,{"name":"f)" + std::to_string(i) + R"(","type":"F"})";
  CHECK(error_of(R"({"type":"record","name":"r","namespace":")" + std::string(500, 'n') + R"(","fields":[)" +
                 fields + "]}")
            .ends_with("with all names spelt out it is longer than 16777216 bytes"));
}

TEST_CASE("a datum cut anywhere, or with more behind it, is an error") {
  const auto codec = made(rich_schema);
  const Buffer data = encoded(*codec, rich_view);
  for (std::size_t size = 0; size < data.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(codec->decode(Bytes(data).substr(0, size), {}));
  }
  CHECK(json_of(*codec, data + "x") == "error: this does not fit the Avro schema: 1 bytes are left over");
}

TEST_CASE("lengths, counts and indexes that lie are errors, and nesting ends") {
  const auto error_of = [](std::string_view schema, std::string_view hex) {
    return json_of(*made(schema), bytes(hex));
  };
  CHECK(error_of(R"("bytes")", "feffffffffffffffff01")
            .contains("a value of 9223372036854775807 bytes is longer"));
  CHECK(error_of(R"("string")", "01").contains("a length below 0"));
  CHECK(error_of(R"("string")", "02ff").contains("not UTF-8"));
  CHECK(error_of(R"("boolean")", "02").contains("neither 0 nor 1"));
  CHECK(error_of(R"("int")", "8080808010").contains("longer than 32 bits"));
  CHECK(error_of(R"("long")", "ffffffffffffffffff02").contains("longer than 64 bits"));
  CHECK(error_of(R"("long")", "ffffffffffffffffff01") == "-9223372036854775808");
  CHECK(error_of(R"({"type":"enum","name":"E","symbols":["A"]})", "02").contains("E has no symbol 1"));
  CHECK(error_of(R"(["null"])", "02").contains("no branch 1"));
  CHECK(error_of(R"({"type":"fixed","name":"F","size":1073741824})", "00")
            .contains("longer than what is left"));
  CHECK(error_of(R"({"type":"array","items":"null"})", "feffffffffffffffff01")
            .contains("more than 1000000 parts"));
  CHECK(error_of(R"({"type":"array","items":"null"})", "ffffffffffffffffff01 00")
            .contains("more than 1000000 parts"));
  CHECK(error_of(R"({"type":"array","items":"int"})", "03 04 0204 00") == "[1,2]");
  CHECK(error_of(R"({"type":"array","items":"int"})", "03 02 0204 00").contains("not as long as it claims"));
  CHECK(error_of(R"({"type":"array","items":"int"})", "03 7e 0204 00").contains("longer than what is left"));
  CHECK(error_of(R"({"type":"record","name":"R","fields":[{"name":"r","type":"R"}]})", "")
            .contains("deeper than 512"));
  const auto list = made(R"({"type":"record","name":"R","fields":[{"name":"r","type":["null","R"]}]})");
  CHECK(json_of(*list, Buffer(500, '\x02') + bytes("00")).starts_with(R"({"r":{"r":)"));
  CHECK(json_of(*list, Buffer(5000, '\x02')).contains("deeper than 512"));
}

TEST_CASE("what does not fit the schema is told with its place") {
  const auto codec =
      made(R"({"type":"record","name":"p.R","fields":[{"name":"a","type":{"type":"array","items":"int"}},
      {"name":"m","type":{"type":"map","values":{"type":"fixed","name":"F","size":1}},"default":{}},
      {"name":"f","type":"float","default":0}]})");
  CHECK(encoded(*codec, R"({"a":[1,2147483648]})") == "error: at '/a/1': '2147483648' is no int");
  CHECK(encoded(*codec, R"({"a":[1.5]})") == "error: at '/a/0': '1.5' is no int");
  CHECK(encoded(*codec, R"({"a":[],"m":{"k/":"AAA="}})") == "error: at '/m/k~1': p.F has 1 bytes, not 2");
  CHECK(encoded(*codec, R"({"a":[],"m":{"k":"A"}})") == "error: at '/m/k': this is no base64");
  CHECK(encoded(*codec, R"({"a":[],"f":1e39})") == "error: at '/f': '1e39' is no float");
  CHECK(encoded(*codec, R"({"a":[],"f":16777217})") ==
        "error: at '/f': a float cannot hold '16777217' exactly");
  CHECK(encoded(*codec, "{}") == "error: at the top: p.R needs the field 'a'");
  CHECK(encoded(*codec, R"({"a":[],"b":1})") == "error: at '/b': p.R has no such field");
  CHECK(encoded(*codec, "[").starts_with("error: this is not JSON"));
}

TEST_CASE("whole numbers are not rounded, fractions are") {
  const auto wide = made(R"("double")");
  CHECK(json_of(*wide, encoded(*wide, "9007199254740992")) == "9007199254740992.0");
  CHECK(encoded(*wide, "9007199254740993") ==
        "error: at the top: a double cannot hold '9007199254740993' exactly");
  CHECK(encoded(*wide, "-9007199254740993").starts_with("error: "));
  CHECK(json_of(*wide, encoded(*wide, "-9007199254740994")) == "-9007199254740994.0");
  CHECK(json_of(*wide, encoded(*wide, "9007199254740993.5")) == "9007199254740994.0");
  CHECK(json_of(*wide, encoded(*wide, "1e300")) == "1e+300");
  CHECK(json_of(*wide, encoded(*wide, "10000000000000000000000")) == "1e+22");
  const auto narrow = made(R"("float")");
  CHECK(json_of(*narrow, encoded(*narrow, "-16777216")) == "-16777216.0");
  CHECK(json_of(*narrow, encoded(*narrow, "16777218")) == "16777218.0");
  CHECK(json_of(*narrow, encoded(*narrow, "0.1")) == "0.1");
  for (const std::string word : {"NaN", "Infinity", "-Infinity"})
    for (Codec* codec : {wide.get(), narrow.get()}) {
      const auto value = codec->decode(encoded(*codec, '"' + word + '"'), {});
      REQUIRE(value);
      CHECK(value->text == word);
    }
  // Another branch may hold it.
  const auto either = made(R"(["float","double","long"])");
  CHECK(encoded(*either, "9007199254740993").starts_with("\x04"));
  // A default is as near as the schema's author could have it.
  const auto preset =
      made(R"({"type":"record","name":"R","fields":[{"name":"f","type":"float","default":16777217}]})");
  CHECK(json_of(*preset, encoded(*preset, "{}")) == R"({"f":16777216.0})");
}

TEST_CASE("schemas that are none are told with their place") {
  const auto error_of = [](std::string_view text) {
    const auto schema = AvroSchema::parse(text);
    return schema ? std::string("none") : schema.error().text;
  };
  CHECK(error_of(R"("strin")") == "this is no Avro schema: at the top, there is no type 'strin'");
  CHECK(error_of(R"({"type":"record","name":"R","fields":[{"name":"a","type":"X"}]})") ==
        "this is no Avro schema: at '/fields/0/type', there is no type 'X'");
  CHECK(error_of(R"({"type":"record","name":"R"})").ends_with("a record has no fields"));
  CHECK(error_of(R"({"type":"array"})").ends_with("there are no items"));
  CHECK(error_of(R"({"type":"fixed","name":"F","size":-1})").ends_with("a fixed has no valid size"));
  CHECK(error_of(R"({"type":"enum","name":"E","symbols":["a b"]})").ends_with("'a b' is no symbol"));
  CHECK(error_of(R"(["int","int"])").ends_with("the union has 'int' already"));
  CHECK(error_of(R"([["int"]])").ends_with("a union cannot hold a union"));
  CHECK(error_of("5").ends_with("there is neither a name nor an object nor an array"));
  CHECK(error_of("{").starts_with("the Avro schema cannot be read: this is not JSON"));
  CHECK(make_avro_codec({.avro_schema = own_folder() + "none"}).error().kind == ErrorKind::usage);
  const std::string file = own_folder() + "bad.avsc";
  testing::write_file(file, "[]");
  CHECK(make_avro_codec({.avro_schema = file}).error().text ==
        file + ": this is no Avro schema: at the top, the union is empty");
}

}  // namespace
}  // namespace mq
