// Sparkplug B's data types (Sparkplug 3.0, 6.4.16) and its messages by field number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "payload/value.hpp"

namespace mq {

enum class SparkplugKind : std::uint8_t {
  unknown,
  signed_number,
  unsigned_number,
  real32,
  real64,
  boolean,
  text,
  time,  // milliseconds since 1970
  data_set,
  bytes,
  template_value,
  property_set,
  property_sets,
};

struct SparkplugType {
  std::string_view name;
  SparkplugKind kind = SparkplugKind::unknown;  // of an array: of its elements
  std::size_t size = 0;                         // bytes of a number
  bool is_array = false;
};

// nullptr when there is no such type; 0 is "Unknown".
const SparkplugType* sparkplug_type(std::uint64_t number);
std::optional<std::uint32_t> sparkplug_type_number(std::string_view name);
// The name, or the number of one that has no name.
Value sparkplug_type_value(std::uint64_t number);

// The messages as .proto text, written from the specification's table of fields.
extern const std::string_view sparkplug_proto;

// Where the values stand in Metric (base 10), Parameter and PropertyValue (3) and DataSetValue (1): whole
// numbers up to 32 bits, of 64 bits, float, double, boolean, string, in this order.
enum class SparkplugSlot : std::uint8_t {
  int_value,
  long_value,
  float_value,
  double_value,
  boolean_value,
  string_value
};
inline constexpr int metric_base = 10;
inline constexpr int parameter_base = 3;
inline constexpr int property_base = 3;
inline constexpr int data_set_base = 1;

}  // namespace mq
