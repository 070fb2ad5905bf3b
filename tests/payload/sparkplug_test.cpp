#include "payload/protobuf/sparkplug_codec.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "payload/protobuf/sparkplug_names.hpp"
#include "payload/protoc.hpp"
#include "payload/value.hpp"

namespace mq {
namespace {

using testing::encoded;

std::unique_ptr<Codec> made() {
  auto codec = make_sparkplug_codec({});
  if (!codec) FAIL(codec.error().text);
  return std::move(*codec);
}

Buffer bytes(std::string_view hex) { return *from_hex(hex); }

std::string view_of(Codec& codec, Bytes data, std::string_view topic) {
  const auto value = codec.decode(data, {.topic = topic});
  if (!value) return "error: " + value.error().text;
  Buffer out;
  append_json(*value, out);
  return out;
}

std::string table_of(Codec& codec, Bytes data, std::string_view topic, Layout layout = {.lines = true}) {
  const auto value = codec.decode(data, {.topic = topic});
  if (!value) return "error: " + value.error().text;
  Buffer out;
  Ink ink(out, layout);
  if (!codec.write_notation(data, {.topic = topic}, *value, ink)) return "error";
  return out;
}

constexpr std::string_view every_type =
    R"({"timestamp":1700000000123,"seq":0,"uuid":"u","metrics":[)"
    R"({"name":"i8","type":"Int8","value":-128},{"name":"i16","type":"Int16","value":-32768},)"
    R"({"name":"i32","alias":7,"type":"Int32","value":-5,"timestamp":1700000000000},)"
    R"({"name":"i64","type":"Int64","value":-9223372036854775808},)"
    R"({"name":"u8","type":"UInt8","value":255},{"name":"u16","type":"UInt16","value":65535},)"
    R"({"name":"u32","type":"UInt32","value":4294967295},)"
    R"({"name":"u64","type":"UInt64","value":18446744073709551615},)"
    R"({"name":"f","type":"Float","value":0.1},{"name":"d","type":"Double","value":1e+300},)"
    R"({"name":"b","type":"Boolean","value":false},{"name":"s","type":"String","value":""},)"
    R"({"name":"t","type":"DateTime","value":1700000000000},{"name":"x","type":"Text","value":"é"},)"
    R"({"name":"id","type":"UUID","value":"0"},{"name":"by","type":"Bytes","value":"AAE="},)"
    R"({"name":"fi","type":"File","value":"/w==","metadata":{"is_multi_part":false,"file_name":"f"}},)"
    R"({"name":"ds","type":"DataSet","value":{"columns":["a","b"],"types":["Int8","String"],)"
    R"("rows":[[-1,"x"],[2,null]]}},)"
    R"({"name":"tp","type":"Template","value":{"version":"1","template_ref":"r","is_definition":false,)"
    R"("metrics":[{"name":"in","type":"Int8","value":-2}],)"
    R"("parameters":[{"name":"p","type":"Int16","value":-3}]}},)"
    R"({"name":"n","type":"Int32","value":null,"historical":true,"transient":true,)"
    R"("properties":{"Quality":{"type":"Int32","value":-192},"none":{"type":"String","value":null},)"
    R"("set":{"type":"PropertySet","value":{"k":{"type":"Boolean","value":true}}},)"
    R"("sets":{"type":"PropertySetList","value":[{"k":{"type":"Float","value":1.5}},{}]}}}],"body":"Ym9keQ=="})";

constexpr std::string_view every_array =
    R"({"metrics":[{"name":"1","type":"Int8Array","value":[-1,127]},)"
    R"({"name":"2","type":"Int16Array","value":[-2]},{"name":"3","type":"Int32Array","value":[-3]},)"
    R"({"name":"4","type":"Int64Array","value":[-4]},{"name":"5","type":"UInt8Array","value":[255]},)"
    R"({"name":"6","type":"UInt16Array","value":[65535]},{"name":"7","type":"UInt32Array","value":[4294967295]},)"
    R"({"name":"8","type":"UInt64Array","value":[18446744073709551615]},)"
    R"({"name":"9","type":"FloatArray","value":[0.5]},{"name":"10","type":"DoubleArray","value":[0.1,2.5]},)"
    R"({"name":"11","type":"BooleanArray","value":[true,false,false,true,false,false,false,false,true]},)"
    R"({"name":"12","type":"StringArray","value":["a","","b"]},)"
    R"({"name":"13","type":"DateTimeArray","value":[1700000000000]},{"name":"14","type":"Int8Array","value":[]}]})";

TEST_CASE("a payload of every type is shown, and what is shown can be published") {
  const auto codec = made();
  for (const std::string_view view : {every_type, every_array}) {
    const Buffer data = encoded(*codec, view);
    CHECK(view_of(*codec, data, {}) == view);
  }
}

TEST_CASE("fields stand where the specification has them") {
  const auto codec = made();
  // name 1, alias 2, timestamp 3, datatype 4, int_value 10 as two's complement of 32 bits
  CHECK(to_hex(encoded(*codec, R"({"timestamp":1,"seq":2,"metrics":[)"
                               R"({"name":"m","alias":3,"timestamp":4,"type":"Int8","value":-1}]})")) ==
        "08011802120f0a016d100318042001"
        "50ffffffff0f");
  CHECK(to_hex(encoded(*codec, R"({"metrics":[{"type":"BooleanArray","value":[true,false,true]}]})")) ==
        "120a2020820105"
        "03000000a0");
  CHECK(to_hex(encoded(*codec, R"({"metrics":[{"type":"Int64","value":-1}]})")) ==
        "120d2004"
        "58ffffffffffffffffff01");
  CHECK(to_hex(encoded(*codec, R"({"metrics":[{"type":"Double","value":null}]})")) ==
        "1204200a"
        "3801");
  // Some senders extend the sign further than the type has bits.
  CHECK(view_of(*codec, bytes("1207 2001 50ff01 3000"), {}) == R"({"metrics":[{"type":"Int8","value":-1}]})");
}

TEST_CASE("a data metric has the name and the type that the birth gave its alias") {
  const auto codec = made();
  const Buffer birth =
      encoded(*codec, R"({"seq":0,"metrics":[{"name":"a","alias":1,"type":"Int16","value":1},)"
                      R"({"name":"b","alias":2,"type":"DateTime","value":1}]})");
  const Buffer device_birth =
      encoded(*codec, R"({"metrics":[{"name":"c","alias":3,"type":"Int8","value":1}]})");
  const Buffer data = bytes("1206 1001 50ffff03 1204 1002 5805 1208 1003 50ffffffff0f");
  const std::string unnamed =
      R"({"metrics":[{"alias":1,"value":65535},{"alias":2,"value":5},{"alias":3,"value":4294967295}]})";
  CHECK(view_of(*codec, data, "spBv1.0/g/NDATA/n") == unnamed);
  CHECK(view_of(*codec, birth, "spBv1.0/g/NBIRTH/n").starts_with(R"({"seq":0,)"));
  (void)view_of(*codec, device_birth, "spBv1.0/g/DBIRTH/n/dev");
  const std::string named = R"({"metrics":[{"name":"a","alias":1,"type":"Int16","value":-1},)"
                            R"({"name":"b","alias":2,"type":"DateTime","value":5},)"
                            R"({"name":"c","alias":3,"type":"Int8","value":-1}]})";
  for (const std::string_view topic :
       {"spBv1.0/g/NDATA/n", "spBv1.0/g/NCMD/n", "spBv1.0/g/DDATA/n/dev", "spBv1.0/g/DCMD/n/other"}) {
    CAPTURE(topic);
    CHECK(view_of(*codec, data, topic) == named);
  }
  for (const std::string_view topic :
       {"spBv1.0/g/NDATA/m", "spBv1.0/h/NDATA/n", "other", "spBv1.0/g/NDATA", ""}) {
    CAPTURE(topic);
    CHECK(view_of(*codec, data, topic) == unnamed);
  }
}

TEST_CASE("a rebirth and a death end what aliases stood for") {
  const auto codec = made();
  const auto birth = [&](std::string_view topic, std::string_view name, int alias) {
    const Buffer data = encoded(*codec, R"({"metrics":[{"name":")" + std::string(name) + R"(","alias":)" +
                                            std::to_string(alias) + R"(,"type":"Int8","value":1}]})");
    (void)view_of(*codec, data, topic);
  };
  const auto name_of = [&](int alias) {
    const Buffer data = encoded(*codec, R"({"metrics":[{"alias":)" + std::to_string(alias) + "}]}");
    const auto view = codec->decode(data, {.topic = "spBv1.0/g/NDATA/n"});
    const Value* name = at_pointer(*view, "/metrics/0/name");
    return name != nullptr ? name->text : std::string("none");
  };
  birth("spBv1.0/g/NBIRTH/n", "old", 1);
  birth("spBv1.0/g/DBIRTH/n/d", "of d", 2);
  birth("spBv1.0/g/DBIRTH/n/e", "of e", 3);
  birth("spBv1.0/g/DBIRTH/n/d", "new of d", 4);
  CHECK(name_of(1) == "old");
  CHECK(name_of(2) == "none");
  CHECK(name_of(3) == "of e");
  CHECK(name_of(4) == "new of d");
  birth("spBv1.0/g/NBIRTH/n", "new", 5);
  for (const int alias : {1, 3, 4}) CHECK(name_of(alias) == "none");
  CHECK(name_of(5) == "new");
  (void)view_of(*codec, {}, "spBv1.0/g/NDEATH/n");
  CHECK(name_of(5) == "none");
}

TEST_CASE("a death of another birth, and births on topics that are none, change nothing") {
  const auto codec = made();
  const auto send = [&](std::string_view topic, std::string_view view) {
    (void)view_of(*codec, encoded(*codec, view), topic);
  };
  const auto is_known = [&] {
    const Buffer data = encoded(*codec, R"({"metrics":[{"alias":1}]})");
    return view_of(*codec, data, "spBv1.0/g/NDATA/n").contains("\"name\":\"a\"");
  };
  const std::string death = R"({"metrics":[{"name":"bdSeq","type":"Int64","value":)";
  const std::string birth = R"({"metrics":[{"name":"a","alias":1,"type":"Int8","value":1},)"
                            R"({"name":"bdSeq","type":"Int64","value":7}]})";
  send("spBv1.0/g/NBIRTH/n", birth);
  send("spBv1.0/g/NDEATH/n", death + "6}]}");
  send("spBv1.0/g/NDEATH/n/d", death + "7}]}");
  send("spBv1.0/g/DBIRTH/n", R"({"metrics":[{"name":"b","alias":1,"type":"Int8","value":1}]})");
  send("spBv1.0/g/NBIRTH/n/d", R"({"metrics":[{"name":"b","alias":1,"type":"Int8","value":1}]})");
  CHECK(is_known());
  send("spBv1.0/g/NDEATH/n", death + "7}]}");
  CHECK_FALSE(is_known());
}

TEST_CASE("numbers out of their type's range are shown as they are, and told") {
  const auto codec = made();
  CHECK(view_of(*codec, bytes("1205 2001 50ac02"), {}) == R"({"metrics":[{"type":"Int8","value":300}]})");
  CHECK(view_of(*codec, bytes("1205 2005 50ac02"), {}) == R"({"metrics":[{"type":"UInt8","value":300}]})");
  CHECK(view_of(*codec, bytes("120d 2002 5880ffffffffffffffff01"), {}) ==
        R"({"metrics":[{"type":"Int16","value":-128}]})");
  CHECK(view_of(*codec, bytes("1208 2002 5880ffffff0f"), {}) ==
        R"({"metrics":[{"type":"Int16","value":4294967168}]})");
  for (const std::string_view hex : {"1208 0a0161 2001 50ac02", "1208 0a0161 2005 50ac02"}) {
    const auto found = codec->check_strict(bytes(hex), {});
    REQUIRE(found);
    REQUIRE(found->size() == 1);
    CHECK(found->front().pointer == "/metrics/0/value");
    CHECK(found->front().rule == "range");
    CHECK(found->front().found == "300");
  }
}

TEST_CASE("names that are no UTF-8 are base64 in the table and in the view") {
  const auto codec = made();
  const Buffer data = bytes("1207 0a03 ff9b41 2001");
  CHECK(table_of(*codec, data, {}, {}).contains("\"/5tB\" Int8"));
  CHECK(view_of(*codec, bytes("1207 4a05 0a01ff 1200"), {}) == R"({"metrics":[{"properties":{"/w==":{}}}]})");
}

TEST_CASE("the node that is oldest itself learns on when there is room to be made") {
  SparkplugNames names;
  SparkplugTopic old{.type = "NBIRTH", .node = "g/old"};
  SparkplugTopic young{.type = "NBIRTH", .node = "g/young"};
  names.learn(old, 1, "name", 1);
  for (std::size_t i = 1; i < SparkplugNames::most_aliases; ++i) names.learn(young, i, "name", 1);
  names.learn(old, 2, "name", 1);
  CHECK(names.find("g/old", 2) != nullptr);
  CHECK(names.nodes() == 1);
}

TEST_CASE("aliases that a hash table would have in one place take no longer than others") {
  SparkplugNames names;
  const SparkplugTopic topic{.type = "NBIRTH", .node = "g/n"};
  const auto begin = std::chrono::steady_clock::now();
  // Two sizes that libstdc++'s tables come to have
  for (std::uint64_t i = 0; i < SparkplugNames::most_aliases; ++i)
    names.learn(topic, i * 172'933 * 85'229, "name", 1);
  CHECK(names.aliases() == SparkplugNames::most_aliases);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
}

TEST_CASE("no number of births fills the memory") {
  SparkplugNames names;
  SparkplugTopic topic{.type = "NBIRTH"};
  for (std::size_t i = 0; i < SparkplugNames::most_nodes + 10; ++i) {
    topic.node = "g/" + std::to_string(i);
    names.learn(topic, 1, "name", 1);
  }
  CHECK(names.nodes() == SparkplugNames::most_nodes);
  CHECK(names.find("g/9", 1) == nullptr);
  CHECK(names.find("g/10", 1) != nullptr);
  topic.node = "g/big";
  for (std::size_t i = 0; i < SparkplugNames::most_aliases + 10; ++i) names.learn(topic, i, "name", 1);
  CHECK(names.aliases() == SparkplugNames::most_aliases);
  CHECK(names.nodes() == 1);
  names.forget_node("g/big");
  CHECK(names.aliases() == 0);
  const std::string long_name(std::size_t{1} << 20U, 'x');
  for (std::size_t i = 0; i < 100; ++i) names.learn(topic, i, long_name, 1);
  CHECK(names.aliases() == 64);
}

TEST_CASE("the table is aligned, and on one line it is a list") {
  const auto codec = made();
  const Buffer data = encoded(
      *codec,
      R"({"timestamp":1700000000123,"seq":3,"metrics":[)"
      R"({"name":"Temperature","type":"Double","value":21.5,"timestamp":1700000000000},)"
      R"({"alias":7,"type":"Boolean","value":true,"historical":true},)"
      R"({"name":"né\u001b","type":"String","value":"on","timestamp":1700000000001,"transient":true},)"
      R"({"name":"at","type":"DateTime","value":0},)"
      R"({"name":"gone","type":"Int32","value":null,"properties":{"q":{"type":"Int32","value":1}}},)"
      R"({"name":"list","type":"Int8Array","value":[1,2]}]})");
  CHECK(table_of(*codec, data, {}) ==
        "time 2023-11-14T22:13:20.123Z  seq 3\n"
        "Temperature  Double     21.5                  2023-11-14T22:13:20Z\n"
        "alias 7      Boolean    true                                            historical\n"
        "\"né\\u001b\"   String     \"on\"                  2023-11-14T22:13:20.001Z  transient\n"
        "at           DateTime   1970-01-01T00:00:00Z\n"
        "gone         Int32      null                                            "
        R"(properties {"q":{"type":"Int32","value":1}})"
        "\n"
        "list         Int8Array  [1,2]");
  CHECK(table_of(*codec,
                 encoded(*codec, R"({"seq":3,"metrics":[{"name":"a b","type":"Float","value":1.5},)"
                                 R"({"alias":7,"type":"Boolean","value":true,"historical":true}]})"),
                 {}, {}) == "seq 3; a b Float = 1.5; alias 7 Boolean = true historical");
  CHECK(table_of(*codec, encoded(*codec, R"({"metrics":[{"name":"a","type":"Int8","value":1}]})"), {},
                 {.colour = true, .lines = true})
            .contains("\x1b[34ma\x1b[0m  Int8  \x1b[36m1\x1b[0m"));
}

TEST_CASE("payloads of STATE are JSON") {
  const auto codec = made();
  const std::string_view state = R"({"online":true,"timestamp":5})";
  CHECK(view_of(*codec, state, "spBv1.0/STATE/host") == state);
  CHECK(table_of(*codec, state, "spBv1.0/STATE/host", {}) == state);
  CHECK(view_of(*codec, "ONLINE", "spBv1.0/STATE/host").starts_with("error: this is not JSON"));
  CHECK(codec->check_strict(state, {.topic = "spBv1.0/STATE/host"})->empty());
}

TEST_CASE("what is malformed is an error or shown as it is, and cut anywhere it does no harm") {
  const auto codec = made();
  CHECK(view_of(*codec, bytes("12ff"), {}) ==
        "error: this is not sparkplug.Payload: at byte 0 of sparkplug.Payload, it ends inside a field");
  // Arrays that are none, counts that lie, more keys than values, types that do not exist
  CHECK(view_of(*codec, bytes("1207 2018 8201020102"), {}) ==
        R"({"metrics":[{"type":"Int32Array","value":"AQI="}]})");
  CHECK(view_of(*codec, bytes("1209 2020 820104ffffffff"), {}) ==
        R"({"metrics":[{"type":"BooleanArray","value":"/////w=="}]})");
  CHECK(view_of(*codec, bytes("1209 2021 8201046162 0063"), {}) ==
        R"({"metrics":[{"type":"StringArray","value":"YWIAYw=="}]})");
  CHECK(view_of(*codec, bytes("1208 4a06 0a0161 0a0162"), {}) ==
        R"({"metrics":[{"properties":{"a":null,"b":null}}]})");
  CHECK(view_of(*codec, bytes("1206 4a04 1202 1805"), {}) ==
        R"({"metrics":[{"properties":{"#0":{"value":5}}}]})");
  CHECK(view_of(*codec, bytes("1204 2063 5001"), {}) == R"({"metrics":[{"type":99,"value":1}]})");
  CHECK(view_of(*codec, bytes("a80601"), {}) == R"({"metrics":[],"#101":1})");
  const Buffer data = encoded(*codec, every_type);
  for (std::size_t size = 0; size < data.size(); ++size) {
    const auto view = codec->decode(data.substr(0, size), {.topic = "spBv1.0/g/NBIRTH/n"});
    if (!view) CHECK(view.error().kind == ErrorKind::payload);
    (void)table_of(*codec, data.substr(0, size), "spBv1.0/g/NDATA/n");
  }
}

TEST_CASE("strict checking asks for names and types") {
  const auto codec = made();
  const auto found = codec->check_strict(bytes("1205 0a0161 5001 1204 1005 2063 1202 2001 a80601"), {});
  REQUIRE(found);
  REQUIRE(found->size() == 5);
  CHECK(found->at(0) == Violation{"/#101", "unknown field", "a field of Sparkplug B", "field 101"});
  CHECK(found->at(1) == Violation{"/metrics/0", "required", "a type, its own or its birth's", "nothing"});
  CHECK(found->at(2).found == "alias 5");
  CHECK(found->at(3) == Violation{"/metrics/1/type", "enum", "a data type of Sparkplug B, 0 to 34", "99"});
  CHECK(found->at(4).pointer == "/metrics/2");
}

TEST_CASE("what no payload can hold is told with its place") {
  const auto codec = made();
  const auto error_of = [&](std::string_view metric) {
    return encoded(*codec, R"({"metrics":[)" + std::string(metric) + "]}");
  };
  CHECK(error_of(R"({"name":"a","value":1})") == "error: at '/metrics/0': a type is missing");
  CHECK(error_of(R"({"type":"Int9"})") == "error: at '/metrics/0/type': there is no type 'Int9'");
  CHECK(error_of(R"({"type":"Int8","value":128})") == "error: at '/metrics/0/value': this is no Int8");
  CHECK(error_of(R"({"type":"UInt32","value":-1})") == "error: at '/metrics/0/value': this is no UInt32");
  CHECK(error_of(R"({"type":"Float","value":1e39})") == "error: at '/metrics/0/value': this is no Float");
  CHECK(error_of(R"({"type":"Int8Array","value":[1,200]})") ==
        "error: at '/metrics/0/value/1': this does not fit into Int8Array");
  CHECK(error_of(R"({"type":"DataSet","value":{"columns":["a"],"types":["Int8"],"rows":[[1,2]]}})") ==
        "error: at '/metrics/0/value/rows/0': this is no array of 1 cells");
  CHECK(error_of(R"({"type":"DataSet","value":{"columns":["a"],"types":["DataSet"],"rows":[[1]]}})") ==
        "error: at '/metrics/0/value/rows/0/0': the type DataSet cannot stand here");
  CHECK(error_of(R"({"nane":"a"})") == "error: at '/metrics/0/nane': a metric has no such member");
  CHECK(encoded(*codec, R"({"online":true})") ==
        "error: at '/online': a Sparkplug payload has no such member");
  CHECK(encoded(*codec, "[]") == "error: at the top: a Sparkplug payload is an object");
  CHECK(encoded(*codec, R"({"timestamp":"2023-11-14T22:13:20Z"})") ==
        encoded(*codec, R"({"timestamp":1700000000000})"));
}

}  // namespace
}  // namespace mq
