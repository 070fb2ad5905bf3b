#include "payload/protobuf/sparkplug_view.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "payload/decimal.hpp"
#include "payload/protobuf/field_names.hpp"
#include "payload/protobuf/scalars.hpp"
#include "payload/protobuf/sparkplug_types.hpp"
#include "payload/protobuf/view.hpp"

namespace mq {
namespace {

using enum SparkplugSlot;

class View {
 public:
  View(const SparkplugNames& names, const std::string& node) : names_(names), node_(node) {}

  Value payload(const ProtoMessage& message);
  bool full() const { return parts_ > most_parts; }

 private:
  Value metric(const ProtoMessage& message);
  Value metrics(const ProtoMessage& message, int number);
  std::optional<Value> metric_value(const ProtoMessage& message, std::uint32_t type);
  Value data_set(const ProtoMessage& message);
  Value template_value(const ProtoMessage& message);
  Value property_set(const ProtoMessage& message);
  Value property(const ProtoMessage& message);
  Value finished(const ProtoMessage& message, Value object) {
    if (message.has_unknown()) add_unknown_fields(message, object, parts_);
    return object;
  }

  const SparkplugNames& names_;
  const std::string& node_;
  std::size_t parts_ = 0;
};

std::uint64_t bits_in(const ProtoMessage& message, int number) {
  const ProtoValue* value = message.value(number);
  return value != nullptr ? value->bits : 0;
}

void add_number(const ProtoMessage& message, int number, std::string_view name, Value& into) {
  if (const ProtoValue* value = message.value(number)) into.add(name, Value::number(value->bits));
}

void add_text(const ProtoMessage& message, int number, std::string_view name, Value& into) {
  if (const ProtoValue* value = message.value(number)) into.add(name, utf8_value(value->bytes));
}

// Signed numbers come as two's complement in unsigned fields: as many bits of it as their type has, or all
// that the field has. Any other is out of its type's range and shown as it is.
Value whole_value(std::uint64_t bits, bool wide, std::uint64_t type_number) {
  const SparkplugType* type = sparkplug_type(type_number);
  if (type == nullptr || type->is_array || type->size == 0) return Value::number(bits);
  if (type->kind != SparkplugKind::signed_number && type->kind != SparkplugKind::time)
    return Value::number(bits);
  const auto unused = static_cast<unsigned>(64 - 8 * type->size);
  const std::uint64_t above = type->size < 8 ? bits >> (8 * type->size) : 0;
  const std::uint64_t all_set = type->size < 8 ? (wide ? ~0ULL : 0xFFFFFFFFULL) >> (8 * type->size) : 0;
  if (above != 0 && above != all_set) return Value::number(bits);
  return Value::number(static_cast<std::int64_t>(bits << unused) >> unused);
}

// What stands in the six fields from `base` on; nullopt when none of them is set.
std::optional<Value> scalar(const ProtoMessage& message, int base, std::uint64_t type) {
  for (int i = 0; i <= static_cast<int>(string_value); ++i) {
    const ProtoValue* value = message.value(base + i);
    if (value == nullptr) continue;
    switch (static_cast<SparkplugSlot>(i)) {
      case int_value:
      case long_value:
        return whole_value(value->bits, static_cast<SparkplugSlot>(i) == long_value, type);
      case float_value:
        return Value::number(std::bit_cast<float>(static_cast<std::uint32_t>(value->bits)));
      case double_value:
        return Value::number(std::bit_cast<double>(value->bits));
      case boolean_value:
        return Value::boolean(value->bits != 0);
      case string_value:
        return utf8_value(value->bytes);
    }
  }
  return std::nullopt;
}

Value View::data_set(const ProtoMessage& message) {
  Value object = Value::object();
  Value& columns = object.add("columns", Value::array());
  if (const ProtoField* field = message.field(2))
    for (const ProtoValue& one : field->values) columns.add(utf8_value(one.bytes));
  const ProtoField* types = message.field(3);
  Value& type_names = object.add("types", Value::array());
  if (types != nullptr)
    for (const ProtoValue& one : types->values) type_names.add(sparkplug_type_value(one.bits));
  Value& rows = object.add("rows", Value::array());
  const ProtoField* row_field = message.field(4);
  if (row_field == nullptr) return finished(message, std::move(object));
  for (const ProtoValue& row : row_field->values) {
    Value& cells = rows.add(Value::array());
    const ProtoField* elements = row.message->field(1);
    for (std::size_t i = 0; elements != nullptr && i < elements->values.size(); ++i) {
      const std::uint64_t type = types != nullptr && i < types->values.size() ? types->values[i].bits : 0;
      auto cell = scalar(*elements->values[i].message, data_set_base, type);
      cells.add(cell ? std::move(*cell) : Value::null());
    }
  }
  return finished(message, std::move(object));
}

Value View::property(const ProtoMessage& message) {
  Value object = Value::object();
  const std::uint64_t type = bits_in(message, 1);
  if (message.value(1) != nullptr) object.add("type", sparkplug_type_value(type));
  if (bits_in(message, 2) != 0) {
    object.add("value", Value::null());
  } else if (auto value = scalar(message, property_base, type)) {
    object.add("value", std::move(*value));
  } else if (const ProtoValue* set = message.value(9)) {
    object.add("value", property_set(*set->message));
  } else if (const ProtoValue* sets = message.value(10)) {
    Value& list = object.add("value", Value::array());
    if (const ProtoField* all = sets->message->field(1))
      for (const ProtoValue& one : all->values) list.add(property_set(*one.message));
  }
  return finished(message, std::move(object));
}

// Keys and values stand side by side; one that lacks the other is shown all the same.
Value View::property_set(const ProtoMessage& message) {
  Value object = Value::object();
  const ProtoField* keys = message.field(1);
  const ProtoField* values = message.field(2);
  const std::size_t key_count = keys != nullptr ? keys->values.size() : 0;
  const std::size_t value_count = values != nullptr ? values->values.size() : 0;
  for (std::size_t i = 0; i < std::max(key_count, value_count); ++i) {
    // A name has to be UTF-8; base64 stands for any other, as it does for a value.
    Value key = i < key_count ? utf8_value(keys->values[i].bytes) : Value::of_text(fmt::format("#{}", i));
    if (key.kind == Value::Kind::bytes) key.text = to_base64(key.text);
    object.add(key.text, i < value_count ? property(*values->values[i].message) : Value::null());
  }
  return finished(message, std::move(object));
}

Value View::template_value(const ProtoMessage& message) {
  Value object = Value::object();
  add_text(message, 1, "version", object);
  add_text(message, 4, "template_ref", object);
  if (message.value(5) != nullptr) object.add("is_definition", Value::boolean(bits_in(message, 5) != 0));
  if (message.field(2) != nullptr) object.add("metrics", metrics(message, 2));
  if (const ProtoField* parameters = message.field(3)) {
    Value& list = object.add("parameters", Value::array());
    for (const ProtoValue& one : parameters->values) {
      Value& parameter = list.add(Value::object());
      add_text(*one.message, 1, "name", parameter);
      const std::uint64_t type = bits_in(*one.message, 2);
      if (one.message->value(2) != nullptr) parameter.add("type", sparkplug_type_value(type));
      if (auto value = scalar(*one.message, parameter_base, type)) parameter.add("value", std::move(*value));
    }
  }
  return finished(message, std::move(object));
}

std::optional<Value> View::metric_value(const ProtoMessage& message, std::uint32_t type) {
  if (bits_in(message, 7) != 0) return Value::null();
  if (auto value = scalar(message, metric_base, type)) return value;
  if (const ProtoValue* bytes = message.value(16)) {
    const SparkplugType* known = sparkplug_type(type);
    auto array =
        known != nullptr && known->is_array ? sparkplug_array(type, bytes->bytes, parts_) : std::nullopt;
    return array ? std::move(*array) : Value::of_bytes(Buffer(bytes->bytes));
  }
  if (const ProtoValue* set = message.value(17)) return data_set(*set->message);
  if (const ProtoValue* instance = message.value(18)) return template_value(*instance->message);
  return std::nullopt;
}

Value View::metric(const ProtoMessage& message) {
  Value object = Value::object();
  const ProtoValue* alias = message.value(2);
  const SparkplugNames::Known* known = alias != nullptr ? names_.find(node_, alias->bits) : nullptr;
  if (message.value(1) != nullptr) {
    add_text(message, 1, "name", object);
  } else if (known != nullptr) {
    // One birth may name an alias that a million metrics then use.
    parts_ += known->name.size() / 64;
    object.add("name", utf8_value(known->name));
  }
  add_number(message, 2, "alias", object);
  auto type = static_cast<std::uint32_t>(bits_in(message, 4));
  const bool has_type = message.value(4) != nullptr;
  if (!has_type && known != nullptr) type = known->type;
  if (has_type || type != 0) object.add("type", sparkplug_type_value(type));
  if (!full())
    if (auto value = metric_value(message, type)) object.add("value", std::move(*value));
  add_number(message, 3, "timestamp", object);
  if (bits_in(message, 5) != 0) object.add("historical", Value::boolean(true));
  if (bits_in(message, 6) != 0) object.add("transient", Value::boolean(true));
  if (const ProtoValue* metadata = message.value(8))
    if (auto view = message_view(*metadata->message)) object.add("metadata", std::move(*view));
  if (const ProtoValue* properties = message.value(9))
    object.add("properties", property_set(*properties->message));
  return finished(message, std::move(object));
}

Value View::metrics(const ProtoMessage& message, int number) {
  Value list = Value::array();
  if (const ProtoField* field = message.field(number))
    for (const ProtoValue& one : field->values)
      if (!full()) list.add(metric(*one.message));
  return list;
}

Value View::payload(const ProtoMessage& message) {
  Value object = Value::object();
  add_number(message, 1, "timestamp", object);
  add_number(message, 3, "seq", object);
  add_text(message, 4, "uuid", object);
  object.add("metrics", metrics(message, 2));
  if (const ProtoValue* body = message.value(5)) object.add("body", Value::of_bytes(Buffer(body->bytes)));
  return finished(message, std::move(object));
}

}  // namespace

Result<Value> sparkplug_view(const ProtoMessage& payload, const SparkplugNames& names,
                             const std::string& node) {
  View view(names, node);
  Value value = view.payload(payload);
  if (view.full()) return fail(ErrorKind::payload, fmt::format("this has more than {} parts", most_parts));
  return value;
}

namespace {

// What whole numbers of that type lie between; nullopt when it has no such numbers.
std::optional<std::pair<std::string, std::string>> range_of(std::string_view type_name) {
  const auto number = sparkplug_type_number(type_name);
  const SparkplugType* type = number ? sparkplug_type(*number) : nullptr;
  if (type == nullptr || type->is_array || type->size == 0) return std::nullopt;
  const auto unused = static_cast<unsigned>(64 - 8 * type->size);
  if (type->kind == SparkplugKind::unsigned_number)
    return std::pair{std::string("0"), fmt::format("{}", ~0ULL >> unused)};
  if (type->kind != SparkplugKind::signed_number) return std::nullopt;
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() >> unused;
  return std::pair{fmt::format("{}", -most - 1), fmt::format("{}", most)};
}

}  // namespace

std::vector<Violation> sparkplug_violations(const Value& view) {
  std::vector<Violation> found;
  const auto add = [&found](std::string pointer, std::string rule, std::string expected, std::string what) {
    if (found.size() < most_violations)
      found.push_back({std::move(pointer), std::move(rule), std::move(expected), std::move(what)});
  };
  const auto unknown_in = [&add](const Value& object, const std::string& at) {
    for (const Value& item : object.items)
      if (item.name.starts_with('#'))
        add(pointer_to(at, item.name), "unknown field", "a field of Sparkplug B",
            "field " + item.name.substr(1));
  };
  unknown_in(view, {});
  const Value* metrics = view.member("metrics");
  for (std::size_t i = 0; metrics != nullptr && i < metrics->items.size(); ++i) {
    const Value& metric = metrics->items[i];
    const std::string at = pointer_to("/metrics", i);
    const Value* type = metric.member("type");
    if (metric.member("name") == nullptr)
      add(at, "required", "a name, or an alias that a birth has named",
          metric.member("alias") != nullptr ? "alias " + metric.member("alias")->text : "nothing");
    if (type == nullptr) {
      add(at, "required", "a type, its own or its birth's", "nothing");
    } else if (type->kind == Value::Kind::number) {
      add(at + "/type", "enum", "a data type of Sparkplug B, 0 to 34", type->text);
    }
    const Value* value = metric.member("value");
    const auto range = type != nullptr ? range_of(type->text) : std::nullopt;
    if (range && value != nullptr && value->kind == Value::Kind::number) {
      const Decimal shown = decimal_of(value->text);
      if (compare(shown, decimal_of(range->first)) < 0 || compare(shown, decimal_of(range->second)) > 0)
        add(at + "/value", "range", fmt::format("{} to {}", range->first, range->second), value->text);
    }
    unknown_in(metric, at);
  }
  return found;
}

}  // namespace mq
