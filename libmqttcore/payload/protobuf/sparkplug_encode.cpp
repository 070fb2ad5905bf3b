// The JSON view as a payload.
#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <bit>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "payload/protobuf/encode.hpp"
#include "payload/protobuf/proto_wire.hpp"
#include "payload/protobuf/rfc3339.hpp"
#include "payload/protobuf/scalars.hpp"
#include "payload/protobuf/sparkplug_types.hpp"
#include "payload/protobuf/sparkplug_view.hpp"

namespace mq {
namespace {

using Kind = Value::Kind;
using Written = Result<void>;

constexpr std::string_view type_hint =
    "Int8 to Int64, UInt8 to UInt64, Float, Double, Boolean, String, DateTime, Text, UUID, DataSet, Bytes, "
    "File, "
    "Template, and those with Array behind them";

std::unexpected<Error> wrong(const std::string& at, std::string_view text, std::string_view hint = {}) {
  return fail(ErrorKind::payload, fmt::format("at {}: {}", at.empty() ? "the top" : quoted(at), text), 0,
              std::string(hint));
}

class Encoder {
 public:
  explicit Encoder(ProtoSchema& schema) : schema_(schema) {}

  Written payload(const Value& view, Buffer& out);

 private:
  Written metrics(const Value& list, const std::string& at, Buffer& out);
  Written metric(const Value& metric, const std::string& at, Buffer& out);
  Written metric_value(std::uint32_t number, const Value& value, const std::string& at, Buffer& out);
  Written data_set(const Value& value, const std::string& at, Buffer& out);
  Written row(const std::vector<std::uint32_t>& types, const Value& row, const std::string& at, Buffer& out);
  Written template_value(const Value& value, const std::string& at, Buffer& out);
  Written parameters(const Value& list, const std::string& at, Buffer& out);
  Written property_set(const Value& set, const std::string& at, Buffer& out);
  Written property(const Value& property, const std::string& at, Buffer& out);

  ProtoSchema& schema_;
};

Written put_whole(std::uint32_t number, const Value& value, const std::string& at, Buffer& out) {
  const auto whole = whole_unsigned(value);
  if (!whole) return wrong(at, "this is no whole number");
  put_field(out, number, *whole);
  return {};
}

Written put_text(std::uint32_t number, const Value& value, const std::string& at, Buffer& out) {
  if (value.kind != Kind::text) return wrong(at, "this is no text");
  put_field(out, number, Bytes(value.text));
  return {};
}

Written put_truth(std::uint32_t number, const Value& value, const std::string& at, Buffer& out) {
  if (value.kind != Kind::boolean) return wrong(at, "this is neither true nor false");
  if (value.truth) put_field(out, number, std::uint64_t{1});
  return {};
}

// Milliseconds, from a number or a text as the table shows it.
std::optional<std::int64_t> milliseconds(const Value& value) {
  if (const auto number = whole_number(value)) return number;
  const auto instant = value.kind == Kind::text ? parse_rfc3339(value.text) : std::nullopt;
  if (!instant) return std::nullopt;
  return instant->seconds * 1000 + instant->nanos / 1'000'000;
}

Written put_time(std::uint32_t number, const Value& value, const std::string& at, Buffer& out) {
  const auto time = milliseconds(value);
  if (!time && !whole_unsigned(value))
    return wrong(at, "this is no time", "milliseconds since 1970, or as RFC 3339 has it");
  put_field(out, number, time ? static_cast<std::uint64_t>(*time) : *whole_unsigned(value));
  return {};
}

Result<std::uint32_t> type_of(const Value* type, const std::string& at) {
  if (type == nullptr) return wrong(at, "a type is missing", type_hint);
  if (const auto named = type->kind == Kind::text ? sparkplug_type_number(type->text) : std::nullopt)
    return *named;
  const auto number = type->kind == Kind::number ? whole_unsigned(*type) : std::nullopt;
  if (!number || sparkplug_type(*number) == nullptr)
    return wrong(pointer_to(at, "type"), fmt::format("there is no type {}", quoted(type->text)), type_hint);
  return static_cast<std::uint32_t>(*number);
}

std::uint32_t slot(int base, SparkplugSlot slot) {
  return static_cast<std::uint32_t>(base + static_cast<int>(slot));
}

// A whole number in its type's range, as two's complement of 32 or 64 bits.
std::optional<std::uint64_t> whole_bits(const SparkplugType& type, const Value& value) {
  const auto unused = static_cast<unsigned>(64 - 8 * type.size);
  if (type.kind == SparkplugKind::unsigned_number) {
    const auto number = whole_unsigned(value);
    return number && *number <= ~std::uint64_t{0} >> unused ? number : std::nullopt;
  }
  const auto number = whole_number(value);
  if (!number ||
      static_cast<std::int64_t>(static_cast<std::uint64_t>(*number) << unused) >> unused != *number)
    return std::nullopt;
  return type.size == 8 ? static_cast<std::uint64_t>(*number) : static_cast<std::uint32_t>(*number);
}

// The types that all of metrics, parameters, properties and data sets have.
Written put_scalar(int base, std::uint32_t number, const Value& value, const std::string& at, Buffer& out) {
  using enum SparkplugSlot;
  const SparkplugType& type = *sparkplug_type(number);
  const auto not_in_range = [&] { return wrong(at, fmt::format("this is no {}", type.name)); };
  switch (type.is_array ? SparkplugKind::unknown : type.kind) {
    case SparkplugKind::signed_number:
    case SparkplugKind::unsigned_number: {
      const auto bits = whole_bits(type, value);
      if (!bits) return not_in_range();
      put_field(out, slot(base, type.size == 8 ? long_value : int_value), *bits);
      return {};
    }
    case SparkplugKind::time:
      return put_time(slot(base, long_value), value, at, out);
    case SparkplugKind::real32: {
      const auto real = real_float(value);
      if (!real) return not_in_range();
      put_tag(out, slot(base, float_value), WireType::fixed32);
      put_fixed(out, std::bit_cast<std::uint32_t>(*real), 4);
      return {};
    }
    case SparkplugKind::real64: {
      const auto real = real_number(value);
      if (!real) return not_in_range();
      put_tag(out, slot(base, double_value), WireType::fixed64);
      put_fixed(out, std::bit_cast<std::uint64_t>(*real), 8);
      return {};
    }
    case SparkplugKind::boolean:
      if (value.kind != Kind::boolean) return not_in_range();
      put_field(out, slot(base, boolean_value), std::uint64_t{value.truth ? 1U : 0U});
      return {};
    case SparkplugKind::text:
      return put_text(slot(base, string_value), value, at, out);
    default:
      return wrong(at, fmt::format("the type {} cannot stand here", type.name));
  }
}

Written Encoder::row(const std::vector<std::uint32_t>& types, const Value& row, const std::string& at,
                     Buffer& out) {
  if (row.kind != Kind::array || row.items.size() != types.size())
    return wrong(at, fmt::format("this is no array of {} cells", types.size()));
  Buffer cells;
  for (std::size_t i = 0; i < types.size(); ++i) {
    Buffer cell;
    if (row.items[i].kind != Kind::null)
      if (auto put = put_scalar(data_set_base, types[i], row.items[i], pointer_to(at, i), cell); !put)
        return put;
    put_field(cells, 1, Bytes(cell));
  }
  put_field(out, 4, Bytes(cells));
  return {};
}

Written Encoder::data_set(const Value& value, const std::string& at, Buffer& out) {
  const Value* columns = value.member("columns");
  const Value* types = value.member("types");
  const Value* rows = value.member("rows");
  for (const Value* part : {columns, types, rows})
    if (part == nullptr || part->kind != Kind::array)
      return wrong(at, "a data set has the arrays columns, types and rows");
  if (columns->items.size() != types->items.size()) return wrong(at, "there is not one type for each column");
  put_field(out, 1, std::uint64_t{columns->items.size()});
  for (std::size_t i = 0; i < columns->items.size(); ++i)
    if (auto put = put_text(2, columns->items[i], pointer_to(at + "/columns", i), out); !put) return put;
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = 0; i < types->items.size(); ++i) {
    const auto type = type_of(&types->items[i], pointer_to(at + "/types", i));
    if (!type) return std::unexpected(type.error());
    numbers.push_back(*type);
    put_field(out, 3, std::uint64_t{*type});
  }
  for (std::size_t i = 0; i < rows->items.size(); ++i)
    if (auto put = row(numbers, rows->items[i], pointer_to(at + "/rows", i), out); !put) return put;
  return {};
}

Written Encoder::parameters(const Value& list, const std::string& at, Buffer& out) {
  if (list.kind != Kind::array) return wrong(at, "this is no array");
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Value& one = list.items[i];
    const std::string here = pointer_to(at, i);
    Buffer parameter;
    const Value* name = one.member("name");
    const Value* value = one.member("value");
    const auto type = type_of(one.member("type"), here);
    if (!type) return std::unexpected(type.error());
    Written put = name != nullptr ? put_text(1, *name, pointer_to(here, "name"), parameter) : Written{};
    put_field(parameter, 2, std::uint64_t{*type});
    if (put && value != nullptr)
      put = put_scalar(parameter_base, *type, *value, pointer_to(here, "value"), parameter);
    if (!put) return put;
    put_field(out, 3, Bytes(parameter));
  }
  return {};
}

Written Encoder::template_value(const Value& value, const std::string& at, Buffer& out) {
  if (value.kind != Kind::object) return wrong(at, "a template is an object");
  for (const Value& item : value.items) {
    const std::string here = pointer_to(at, item.name);
    Written put;
    if (item.name == "version") {
      put = put_text(1, item, here, out);
    } else if (item.name == "template_ref") {
      put = put_text(4, item, here, out);
    } else if (item.name == "is_definition") {
      if (item.kind != Kind::boolean) return wrong(here, "this is neither true nor false");
      put_field(out, 5, std::uint64_t{item.truth ? 1U : 0U});
    } else if (item.name == "metrics") {
      put = metrics(item, here, out);
    } else if (item.name == "parameters") {
      put = parameters(item, here, out);
    } else {
      put = wrong(here, "a template has no such member");
    }
    if (!put) return put;
  }
  return {};
}

Written Encoder::property(const Value& property, const std::string& at, Buffer& out) {
  const auto type = type_of(property.member("type"), at);
  if (!type) return std::unexpected(type.error());
  put_field(out, 1, std::uint64_t{*type});
  const Value* value = property.member("value");
  if (value == nullptr) return {};
  const std::string here = pointer_to(at, "value");
  if (value->kind == Kind::null) {
    put_field(out, 2, std::uint64_t{1});
    return {};
  }
  const SparkplugKind kind = sparkplug_type(*type)->kind;
  if (kind == SparkplugKind::property_set) {
    Buffer set;
    auto put = property_set(*value, here, set);
    if (put) put_field(out, 9, Bytes(set));
    return put;
  }
  if (kind != SparkplugKind::property_sets) return put_scalar(property_base, *type, *value, here, out);
  if (value->kind != Kind::array) return wrong(here, "this is no array");
  Buffer sets;
  for (std::size_t i = 0; i < value->items.size(); ++i) {
    Buffer set;
    if (auto put = property_set(value->items[i], pointer_to(here, i), set); !put) return put;
    put_field(sets, 1, Bytes(set));
  }
  put_field(out, 10, Bytes(sets));
  return {};
}

Written Encoder::property_set(const Value& set, const std::string& at, Buffer& out) {
  if (set.kind != Kind::object) return wrong(at, "properties are an object");
  for (const Value& item : set.items) put_field(out, 1, Bytes(item.name));
  for (const Value& item : set.items) {
    Buffer value;
    if (auto put = property(item, pointer_to(at, item.name), value); !put) return put;
    put_field(out, 2, Bytes(value));
  }
  return {};
}

Written Encoder::metric_value(std::uint32_t number, const Value& value, const std::string& at, Buffer& out) {
  const SparkplugType& type = *sparkplug_type(number);
  if (value.kind == Kind::null) {
    put_field(out, 7, std::uint64_t{1});
    return {};
  }
  Buffer inside;
  if (type.is_array) {
    std::string place = at;
    auto packed = packed_array(number, value, place);
    // As the view has them that are no such array.
    if (!packed && value.kind != Kind::array) packed = bytes_of(value);
    if (!packed) return wrong(place, fmt::format("this does not fit into {}", type.name));
    put_field(out, 16, Bytes(*packed));
    return {};
  }
  switch (type.kind) {
    case SparkplugKind::bytes: {
      const auto bytes = bytes_of(value);
      if (!bytes) return wrong(at, "this is no base64");
      put_field(out, 16, Bytes(*bytes));
      return {};
    }
    case SparkplugKind::data_set: {
      auto put = data_set(value, at, inside);
      if (put) put_field(out, 17, Bytes(inside));
      return put;
    }
    case SparkplugKind::template_value: {
      auto put = template_value(value, at, inside);
      if (put) put_field(out, 18, Bytes(inside));
      return put;
    }
    default:
      return put_scalar(metric_base, number, value, at, out);
  }
}

Written Encoder::metric(const Value& metric, const std::string& at, Buffer& out) {
  if (metric.kind != Kind::object) return wrong(at, "a metric is an object");
  const Value* type = metric.member("type");
  const Value* value = metric.member("value");
  std::uint32_t number = 0;
  if (type != nullptr || value != nullptr) {
    const auto known = type_of(type, at);
    if (!known) return std::unexpected(known.error());
    number = *known;
  }
  for (const Value& item : metric.items) {
    const std::string here = pointer_to(at, item.name);
    Written put;
    Buffer inside;
    if (item.name == "name") {
      put = put_text(1, item, here, out);
    } else if (item.name == "alias") {
      put = put_whole(2, item, here, out);
    } else if (item.name == "timestamp") {
      put = put_time(3, item, here, out);
    } else if (item.name == "type") {
      put_field(out, 4, std::uint64_t{number});
    } else if (item.name == "historical" || item.name == "transient") {
      put = put_truth(item.name == "historical" ? 5 : 6, item, here, out);
    } else if (item.name == "value") {
      put = metric_value(number, item, here, out);
    } else if (item.name == "metadata") {
      put = encode_json_message(schema_, *schema_.of_type_url("sparkplug.MetaData"), item, here, inside);
      if (put) put_field(out, 8, Bytes(inside));
    } else if (item.name == "properties") {
      put = property_set(item, here, inside);
      if (put) put_field(out, 9, Bytes(inside));
    } else {
      put = wrong(here, "a metric has no such member");
    }
    if (!put) return put;
  }
  return {};
}

Written Encoder::metrics(const Value& list, const std::string& at, Buffer& out) {
  if (list.kind != Kind::array) return wrong(at, "metrics are an array");
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    Buffer one;
    if (auto put = metric(list.items[i], pointer_to(at, i), one); !put) return put;
    put_field(out, 2, Bytes(one));
  }
  return {};
}

Written Encoder::payload(const Value& view, Buffer& out) {
  if (view.kind != Kind::object) return wrong({}, "a Sparkplug payload is an object");
  for (const Value& item : view.items) {
    const std::string here = pointer_to({}, item.name);
    Written put;
    if (item.name == "timestamp") {
      put = put_time(1, item, here, out);
    } else if (item.name == "metrics") {
      put = metrics(item, here, out);
    } else if (item.name == "seq") {
      put = put_whole(3, item, here, out);
    } else if (item.name == "uuid") {
      put = put_text(4, item, here, out);
    } else if (item.name == "body") {
      const auto bytes = bytes_of(item);
      if (!bytes) return wrong(here, "this is no base64");
      put_field(out, 5, Bytes(*bytes));
    } else {
      put = wrong(here, "a Sparkplug payload has no such member",
                  "timestamp, seq, uuid, metrics and body; for STATE use --format json");
    }
    if (!put) return put;
  }
  return {};
}

}  // namespace

Result<void> encode_sparkplug(ProtoSchema& schema, const Value& view, Buffer& out) {
  Buffer bytes;
  auto written = Encoder(schema).payload(view, bytes);
  if (written) out += bytes;
  return written;
}

}  // namespace mq
