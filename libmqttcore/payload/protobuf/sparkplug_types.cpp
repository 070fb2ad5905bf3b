#include "payload/protobuf/sparkplug_types.hpp"

#include <algorithm>
#include <array>

namespace mq {
namespace {

using enum SparkplugKind;

// The index is the number.
constexpr std::array<SparkplugType, 35> types{{
    {"Unknown"},
    {"Int8", signed_number, 1},
    {"Int16", signed_number, 2},
    {"Int32", signed_number, 4},
    {"Int64", signed_number, 8},
    {"UInt8", unsigned_number, 1},
    {"UInt16", unsigned_number, 2},
    {"UInt32", unsigned_number, 4},
    {"UInt64", unsigned_number, 8},
    {"Float", real32, 4},
    {"Double", real64, 8},
    {"Boolean", boolean},
    {"String", text},
    {"DateTime", time, 8},
    {"Text", text},
    {"UUID", text},
    {"DataSet", data_set},
    {"Bytes", bytes},
    {"File", bytes},
    {"Template", template_value},
    {"PropertySet", property_set},
    {"PropertySetList", property_sets},
    {"Int8Array", signed_number, 1, true},
    {"Int16Array", signed_number, 2, true},
    {"Int32Array", signed_number, 4, true},
    {"Int64Array", signed_number, 8, true},
    {"UInt8Array", unsigned_number, 1, true},
    {"UInt16Array", unsigned_number, 2, true},
    {"UInt32Array", unsigned_number, 4, true},
    {"UInt64Array", unsigned_number, 8, true},
    {"FloatArray", real32, 4, true},
    {"DoubleArray", real64, 8, true},
    {"BooleanArray", boolean, 0, true},
    {"StringArray", text, 0, true},
    {"DateTimeArray", time, 8, true},
}};

}  // namespace

const SparkplugType* sparkplug_type(std::uint64_t number) {
  return number < types.size() ? &types[number] : nullptr;
}

std::optional<std::uint32_t> sparkplug_type_number(std::string_view name) {
  const auto found = std::ranges::find(types, name, &SparkplugType::name);
  if (found == types.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - types.begin());
}

Value sparkplug_type_value(std::uint64_t number) {
  const SparkplugType* type = sparkplug_type(number);
  return type != nullptr ? Value::of_text(std::string(type->name)) : Value::number(number);
}

const std::string_view sparkplug_proto = R"pb(
  syntax = "proto2"
  ;
package sparkplug;

message Payload {
  optional uint64 timestamp = 1;
  repeated Metric metrics = 2;
  optional uint64 seq = 3;
  optional string uuid = 4;
  optional bytes body = 5;
}

message Metric {
  optional string name = 1;
  optional uint64 alias = 2;
  optional uint64 timestamp = 3;
  optional uint32 datatype = 4;
  optional bool is_historical = 5;
  optional bool is_transient = 6;
  optional bool is_null = 7;
  optional MetaData metadata = 8;
  optional PropertySet properties = 9;
  oneof value {
    uint32 int_value = 10;
    uint64 long_value = 11;
    float float_value = 12;
    double double_value = 13;
    bool boolean_value = 14;
    string string_value = 15;
    bytes bytes_value = 16;
    DataSet dataset_value = 17;
    Template template_value = 18;
    Extension extension_value = 19;
  }
}

message MetaData {
  optional bool is_multi_part = 1;
  optional string content_type = 2;
  optional uint64 size = 3;
  optional uint64 seq = 4;
  optional string file_name = 5;
  optional string file_type = 6;
  optional string md5 = 7;
  optional string description = 8;
}

message PropertyValue {
  optional uint32 type = 1;
  optional bool is_null = 2;
  oneof value {
    uint32 int_value = 3;
    uint64 long_value = 4;
    float float_value = 5;
    double double_value = 6;
    bool boolean_value = 7;
    string string_value = 8;
    PropertySet propertyset_value = 9;
    PropertySetList propertysets_value = 10;
    Extension extension_value = 11;
  }
}

message PropertySet {
  repeated string keys = 1;
  repeated PropertyValue values = 2;
}

message PropertySetList {
  repeated PropertySet propertyset = 1;
}

message DataSet {
  optional uint64 num_of_columns = 1;
  repeated string columns = 2;
  repeated uint32 types = 3;
  repeated Row rows = 4;
}

message Row {
  repeated DataSetValue elements = 1;
}

message DataSetValue {
  oneof value {
    uint32 int_value = 1;
    uint64 long_value = 2;
    float float_value = 3;
    double double_value = 4;
    bool boolean_value = 5;
    string string_value = 6;
    Extension extension_value = 7;
  }
}

message Template {
  optional string version = 1;
  repeated Metric metrics = 2;
  repeated Parameter parameters = 3;
  optional string template_ref = 4;
  optional bool is_definition = 5;
}

message Parameter {
  optional string name = 1;
  optional uint32 type = 2;
  oneof value {
    uint32 int_value = 3;
    uint64 long_value = 4;
    float float_value = 5;
    double double_value = 6;
    bool boolean_value = 7;
    string string_value = 8;
    Extension extension_value = 9;
  }
}

message Extension {
}
)pb";

}  // namespace mq
