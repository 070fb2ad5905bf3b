#include "shared/message_value.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/json.hpp"
#include "shared/payload_settings.hpp"

namespace mq {
namespace {

Value text(std::string_view text) { return Value::of_text(std::string(text)); }

Value number(std::uint64_t number) { return Value::number(number); }

// The specification's name with '_', as members are spelt: jq takes those without quotes.
std::string member_name(std::string_view property) {
  std::string name(property);
  for (char& c : name)
    if (c == '-') c = '_';
  return name;
}

Value properties_value(const Properties& properties) {
  Value result = Value::object();
  Value user_properties = Value::array();
  Value identifiers = Value::array();
  for (const Property& property : properties) {
    const PropertyRow* row = find_property(static_cast<std::uint8_t>(property.id));
    if (row == nullptr) continue;
    if (property.id == PropertyId::user_property) {
      Value& pair = user_properties.add(Value::array());
      pair.add(text(property.name));
      pair.add(text(property.value));
    } else if (property.id == PropertyId::subscription_identifier) {
      identifiers.add(number(property.number));
    } else if (row->type == PropertyType::binary) {
      result.add(member_name(row->name), text(to_base64(property.value)));
    } else if (row->type == PropertyType::utf8) {
      result.add(member_name(row->name), text(property.value));
    } else {
      result.add(member_name(row->name), number(property.number));
    }
  }
  if (!identifiers.items.empty()) result.add("subscription_identifiers", std::move(identifiers));
  if (!user_properties.items.empty()) result.add("user_properties", std::move(user_properties));
  return result;
}

// Whether every reader of JSON has it again as it was: numbers in their usual spelling, no name twice.
bool is_usual(const Value& value) {
  constexpr std::size_t safe_digits = 15;
  if (value.kind == Value::Kind::number) {
    const bool fraction = value.text.contains('.');
    return value.text.size() <= safe_digits && !value.text.contains('e') && !value.text.contains('E') &&
           value.text != "-0" && !(fraction && value.text.ends_with('0'));
  }
  if (value.kind == Value::Kind::object) {
    std::vector<std::string_view> names;
    for (const Value& item : value.items) names.push_back(item.name);
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end()) return false;
  }
  return std::ranges::all_of(value.items, is_usual);
}

bool is_its_own_text(const Reading& reading, Bytes payload) {
  if (reading.format != "json" || !is_usual(reading.value)) return false;
  Buffer compact;
  append_json(reading.value, compact);
  return compact == payload;
}

void add_payload(const Reading& reading, Bytes payload, Value& message) {
  const bool packed = reading.data.data() != payload.data();
  const bool only_bytes = reading.codec == nullptr || reading.format == "hex";
  if (!packed && is_its_own_text(reading, payload)) {
    message.add("encoding", text("json"));
    message.add("payload", reading.value);
  } else if (!packed && (only_bytes || reading.format == "text")) {
    const bool is_text = is_utf8(payload);
    message.add("encoding", text(is_text ? "utf8" : "base64"));
    message.add("payload", is_text ? text(payload) : Value::of_bytes(std::string(payload)));
  } else {
    message.add("encoding", text("base64"));
    message.add("payload", reading.value);
    message.add("raw", Value::of_bytes(std::string(payload)));
  }
}

void add_verdict(const Reading& reading, Value& message) {
  if (reading.undecoded) message.add("error", text(reading.undecoded->text));
  if (!reading.checked) return;
  message.add("valid", Value::boolean(reading.violations.empty()));
  if (reading.violations.empty()) return;
  Value list = Value::array();
  for (const Violation& violation : reading.violations) {
    Value& entry = list.add(Value::object());
    entry.add("pointer", text(violation.pointer));
    entry.add("rule", text(violation.rule));
    entry.add("expected", text(violation.expected));
    entry.add("found", text(violation.found));
  }
  message.add("violations", std::move(list));
}

}  // namespace

Received received_of(const Publish& publish) {
  return {.topic = publish.topic,
          .payload = publish.payload,
          .content_type = publish.properties.bytes(PropertyId::content_type).value_or(Bytes()),
          .is_utf8 = publish.properties.number(PropertyId::payload_format_indicator).value_or(0) == 1};
}

Value message_value(const Publish& publish, std::string_view timestamp, const Reading& reading) {
  Value message = Value::object();
  message.items.reserve(14);
  message.add("time", text(timestamp));
  message.add("topic", text(publish.topic));
  message.add("qos", number(static_cast<std::uint64_t>(publish.qos)));
  message.add("retain", Value::boolean(publish.retain));
  message.add("dup", Value::boolean(publish.dup));
  if (publish.packet_id != 0) message.add("packet_id", number(publish.packet_id));
  if (!publish.properties.empty()) message.add("properties", properties_value(publish.properties));
  message.add("format", text(reading.format));
  add_payload(reading, publish.payload, message);
  add_verdict(reading, message);
  return message;
}

}  // namespace mq
