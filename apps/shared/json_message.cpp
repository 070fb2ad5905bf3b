#include "shared/json_message.hpp"

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "payload/json_text.hpp"
#include "shared/local_time.hpp"

namespace mq {
namespace {

void append_name(std::string_view name, Buffer& out) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += name;
  out += "\":";
}

void append_number(std::string_view name, std::uint64_t number, Buffer& out) {
  append_name(name, out);
  append_digits(number, 1, out);
}

void append_encoding(std::string_view name, std::string_view encoding, Buffer& out) {
  out.append(",\"").append(name).append("-encoding\":\"").append(encoding).append("\"");
}

// Text as it is, other bytes as base64, which is said. True for text.
bool append_bytes(std::string_view name, Bytes bytes, Buffer& out) {
  append_name(name, out);
  if (is_utf8(bytes)) {
    append_json_string(bytes, out);
    return true;
  }
  out.append("\"").append(to_base64(bytes)).append("\"");
  append_encoding(name, "base64", out);
  return false;
}

// Each name may come several times and their order counts: a list of objects with one member each.
void append_user_properties(const Properties& properties, Buffer& out) {
  append_name("user-properties", out);
  char before = '[';
  for (const Property& property : properties) {
    if (property.id != PropertyId::user_property) continue;
    out += before;
    out += '{';
    append_json_string(property.name, out);
    out += ':';
    append_json_string(property.value, out);
    out += '}';
    before = ',';
  }
  out += ']';
}

// A number, or a list of them when the message answers several subscriptions.
void append_subscription_identifiers(const Properties& properties, Buffer& out) {
  append_name("subscription-identifier", out);
  const std::size_t start = out.size();
  std::size_t count = 0;
  for (const Property& property : properties) {
    if (property.id != PropertyId::subscription_identifier) continue;
    if (count++ > 0) out += ',';
    append_digits(property.number, 1, out);
  }
  if (count == 1) return;
  out.insert(start, 1, '[');
  out += ']';
}

void append_properties(const Properties& properties, Buffer& out) {
  append_name("properties", out);
  out += '{';
  bool user_properties_done = false;
  bool identifiers_done = false;
  for (const Property& property : properties) {
    const PropertyRow* row = find_property(static_cast<std::uint8_t>(property.id));
    if (row == nullptr) continue;
    if (property.id == PropertyId::user_property) {
      if (!user_properties_done) append_user_properties(properties, out);
      user_properties_done = true;
    } else if (property.id == PropertyId::subscription_identifier) {
      if (!identifiers_done) append_subscription_identifiers(properties, out);
      identifiers_done = true;
    } else if (row->type == PropertyType::utf8 || row->type == PropertyType::binary) {
      append_bytes(row->name, property.value, out);
    } else {
      append_number(row->name, property.number, out);
    }
  }
  out += '}';
}

void append_payload(Bytes bytes, JsonPayload payload, Buffer& out) {
  constexpr std::string_view name = "payload";
  if (bytes.empty()) {
    append_name(name, out);
    out += "null";
  } else if (payload != JsonPayload::text && is_json(bytes)) {
    append_name(name, out);
    if (payload == JsonPayload::value && bytes.find_first_of("\n\r") == Bytes::npos) {
      out += bytes;
    } else {
      append_compact(bytes, out);
    }
  } else if (append_bytes(name, bytes, out) && payload != JsonPayload::text) {
    append_encoding(name, "utf8", out);
  }
}

}  // namespace

void append_json(const Publish& publish, std::string_view timestamp, JsonPayload payload, Buffer& out) {
  out.append("{\"tst\":\"").append(timestamp).append("\"");
  append_name("topic", out);
  append_json_string(publish.topic, out);
  append_number("qos", static_cast<std::uint64_t>(publish.qos), out);
  append_name("retain", out);
  out += publish.retain ? "true" : "false";
  append_number("payloadlen", publish.payload.size(), out);
  if (publish.qos != QoS::at_most_once) append_number("mid", publish.packet_id, out);
  if (!publish.properties.empty()) append_properties(publish.properties, out);
  append_payload(publish.payload, payload, out);
  out += '}';
}

}  // namespace mq
