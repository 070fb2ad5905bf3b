#include <fmt/core.h>
#include <google/protobuf/descriptor.h>

#include <bit>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/text.hpp"
#include "payload/protobuf/encode.hpp"
#include "payload/protobuf/field_names.hpp"
#include "payload/protobuf/proto_wire.hpp"
#include "payload/protobuf/rfc3339.hpp"
#include "payload/protobuf/scalars.hpp"
#include "payload/protobuf/well_known.hpp"
#include "payload/violation.hpp"

namespace mq {
namespace {

using pb::Descriptor;
using pb::FieldDescriptor;
using Kind = Value::Kind;

std::string_view kind_name(const Value& value) {
  switch (value.kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "true or false";
    case Kind::number:
      return "a number";
    case Kind::text:
      return "a text";
    case Kind::bytes:
      return "bytes";
    case Kind::array:
      return "an array";
    case Kind::object:
      return "an object";
  }
  return {};
}

class Encoder {
 public:
  explicit Encoder(ProtoSchema& schema) : schema_(schema) {}

  Result<void> message(const Descriptor& type, const Value& value, const std::string& at, Buffer& out);

 private:
  Result<void> members(const Descriptor& type, const Value& value, const std::string& at, Buffer& out,
                       std::string_view passed_over);
  Result<void> member(const FieldDescriptor& field, const Value& value, const std::string& at, Buffer& out);
  Result<void> map(const FieldDescriptor& field, const Value& value, const std::string& at, Buffer& out);
  Result<void> repeated(const FieldDescriptor& field, const Value& value, const std::string& at, Buffer& out);
  Result<void> single(const FieldDescriptor& field, const Value& value, const std::string& at, Buffer& out);
  Result<void> number(const FieldDescriptor& field, const Value& value, const std::string& at, Buffer& out);
  Result<void> real(const FieldDescriptor& field, const Value& value, const std::string& at, Buffer& out);
  Result<void> enumeration(const FieldDescriptor& field, const Value& value, const std::string& at,
                           Buffer& out);
  // nullopt when `type` isn't a well-known type, or the value is its plain form.
  std::optional<Result<void>> well_known(const Descriptor& type, const Value& value, const std::string& at,
                                         Buffer& out);
  Result<void> json_value(const Descriptor& type, const Value& value, const std::string& at, Buffer& out);
  Result<void> any(const Value& value, const std::string& at, Buffer& out);
  Result<const FieldDescriptor*> find(const Descriptor& type, const std::string& name, const std::string& at);

  ProtoSchema& schema_;
};

std::unexpected<Error> wrong(const std::string& at, std::string_view text, std::string hint = {}) {
  return fail(ErrorKind::payload, fmt::format("at {}: {}", at.empty() ? "the top" : quoted(at), text), 0,
              std::move(hint));
}

std::unexpected<Error> not_a(const std::string& at, const Value& value, std::string_view expected) {
  const bool short_text = value.kind == Kind::number || value.kind == Kind::text;
  return wrong(
      at, fmt::format("{} is not {}", short_text ? quoted(value.text, 40) : std::string(kind_name(value)),
                      expected));
}

Result<const FieldDescriptor*> Encoder::find(const Descriptor& type, const std::string& name,
                                             const std::string& at) {
  const FieldDescriptor* found = nullptr;
  if (name.starts_with('[') && name.ends_with(']')) {
    found = schema_.pool().FindExtensionByName(name.substr(1, name.size() - 2));
    if (found != nullptr && found->containing_type() != &type) found = nullptr;
  } else {
    found = type.FindFieldByName(name);
    for (int i = 0; found == nullptr && i < type.field_count(); ++i)
      if (type.field(i)->json_name() == name) found = type.field(i);
  }
  if (found != nullptr) return found;
  if (name.starts_with('#'))
    return wrong(at, fmt::format("what the field {} is on the wire isn't known", quoted(name)),
                 "leave unknown fields out");
  return wrong(at, fmt::format("{} has no field {}", type.full_name(), quoted(name)));
}

Result<void> Encoder::real(const FieldDescriptor& field, const Value& value, const std::string& at,
                           Buffer& out) {
  const bool wide = field.type() == FieldDescriptor::TYPE_DOUBLE;
  const auto number = real_number(value);
  const auto narrow = real_float(value);
  if (!number || (!wide && !narrow))
    return not_a(at, value, fmt::format("a number in the range of {}", field.type_name()));
  if (wide) {
    put_fixed(out, std::bit_cast<std::uint64_t>(*number), 8);
  } else {
    put_fixed(out, std::bit_cast<std::uint32_t>(*narrow), 4);
  }
  return {};
}

Result<void> Encoder::enumeration(const FieldDescriptor& field, const Value& value, const std::string& at,
                                  Buffer& out) {
  const pb::EnumDescriptor& type = *field.enum_type();
  const auto number = whole_number(value);
  if (value.kind == Kind::null && type.full_name() == "google.protobuf.NullValue") {
    put_varint(out, 0);
  } else if (const auto* named = value.kind == Kind::text ? type.FindValueByName(value.text) : nullptr) {
    put_varint(out, static_cast<std::uint64_t>(std::int64_t{named->number()}));
  } else if (number && value.kind == Kind::number && std::in_range<std::int32_t>(*number)) {
    put_varint(out, static_cast<std::uint64_t>(*number));
  } else {
    return not_a(at, value, "a value of " + type.full_name());
  }
  return {};
}

// All whole numbers.
Result<void> Encoder::number(const FieldDescriptor& field, const Value& value, const std::string& at,
                             Buffer& out) {
  const std::string range = std::string("a number in the range of ") + field.type_name();
  const auto cpp = field.cpp_type();
  std::uint64_t bits = 0;
  if (cpp == FieldDescriptor::CPPTYPE_INT32 || cpp == FieldDescriptor::CPPTYPE_INT64) {
    const auto number = whole_number(value);
    if (!number || (cpp == FieldDescriptor::CPPTYPE_INT32 && !std::in_range<std::int32_t>(*number)))
      return not_a(at, value, range);
    const bool zigzags =
        field.type() == FieldDescriptor::TYPE_SINT32 || field.type() == FieldDescriptor::TYPE_SINT64;
    bits = zigzags ? to_zigzag(*number) : static_cast<std::uint64_t>(*number);
  } else {
    const auto number = whole_unsigned(value);
    if (!number || (cpp == FieldDescriptor::CPPTYPE_UINT32 && !std::in_range<std::uint32_t>(*number)))
      return not_a(at, value, range);
    bits = *number;
  }
  switch (field.type()) {
    case FieldDescriptor::TYPE_FIXED64:
    case FieldDescriptor::TYPE_SFIXED64:
      put_fixed(out, bits, 8);
      break;
    case FieldDescriptor::TYPE_FIXED32:
    case FieldDescriptor::TYPE_SFIXED32:
      put_fixed(out, bits, 4);
      break;
    default:
      put_varint(out, bits);
  }
  return {};
}

// The value without its tag; with its length where it has one.
Result<void> Encoder::single(const FieldDescriptor& field, const Value& value, const std::string& at,
                             Buffer& out) {
  Buffer inside;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return real(field, value, at, out);
    case FieldDescriptor::CPPTYPE_ENUM:
      return enumeration(field, value, at, out);
    case FieldDescriptor::CPPTYPE_BOOL:
      if (value.kind != Kind::boolean) return not_a(at, value, "true or false");
      put_varint(out, value.truth ? 1 : 0);
      return {};
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        auto bytes = bytes_of(value);
        if (!bytes) return not_a(at, value, "base64");
        inside = std::move(*bytes);
      } else {
        if (value.kind != Kind::text) return not_a(at, value, "a text");
        inside = value.text;
      }
      break;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (auto written = message(*field.message_type(), value, at, inside); !written) return written;
      if (field.type() == FieldDescriptor::TYPE_GROUP) {
        out += inside;
        put_tag(out, static_cast<std::uint32_t>(field.number()), WireType::group_end);
        return {};
      }
      break;
    default:
      return number(field, value, at, out);
  }
  put_varint(out, inside.size());
  out += inside;
  return {};
}

std::uint32_t number_of(const FieldDescriptor& field) { return static_cast<std::uint32_t>(field.number()); }

Result<void> Encoder::repeated(const FieldDescriptor& field, const Value& value, const std::string& at,
                               Buffer& out) {
  if (value.kind != Kind::array) return not_a(at, value, "an array");
  Buffer packed;
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (!field.is_packed()) put_tag(out, number_of(field), wire_type(field));
    Buffer& into = field.is_packed() ? packed : out;
    if (auto written = single(field, value.items[i], pointer_to(at, i), into); !written) return written;
  }
  if (!packed.empty()) put_field(out, number_of(field), packed);
  return {};
}

// A member's name as the key that it stands for.
Value key_of(const FieldDescriptor& key, const std::string& name) {
  if (key.cpp_type() == FieldDescriptor::CPPTYPE_BOOL && (name == "true" || name == "false"))
    return Value::boolean(name == "true");
  return Value::of_text(name);
}

Result<void> Encoder::map(const FieldDescriptor& field, const Value& value, const std::string& at,
                          Buffer& out) {
  if (value.kind != Kind::object) return not_a(at, value, "an object");
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& mapped = *field.message_type()->map_value();
  for (const Value& item : value.items) {
    const std::string here = pointer_to(at, item.name);
    Buffer entry;
    put_tag(entry, 1, wire_type(key));
    if (auto written = single(key, key_of(key, item.name), here, entry); !written) return written;
    put_tag(entry, 2, wire_type(mapped));
    if (auto written = single(mapped, item, here, entry); !written) return written;
    put_field(out, number_of(field), entry);
  }
  return {};
}

// null is a value of two types alone; of all others it means that the field isn't set.
bool takes_null(const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM)
    return field.enum_type()->full_name() == "google.protobuf.NullValue";
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         well_known_type(*field.message_type()) == Descriptor::WELLKNOWNTYPE_VALUE;
}

Result<void> Encoder::member(const FieldDescriptor& field, const Value& value, const std::string& at,
                             Buffer& out) {
  if (field.is_map()) return map(field, value, at, out);
  if (field.is_repeated()) return repeated(field, value, at, out);
  put_tag(out, number_of(field), wire_type(field));
  return single(field, value, at, out);
}

Result<void> Encoder::members(const Descriptor& type, const Value& value, const std::string& at, Buffer& out,
                              std::string_view passed_over) {
  if (value.kind != Kind::object) return not_a(at, value, type.full_name() + ", which is an object");
  std::unordered_set<const void*> given;
  for (const Value& item : value.items) {
    if (!passed_over.empty() && item.name == passed_over) continue;
    const std::string here = pointer_to(at, item.name);
    const auto field = find(type, item.name, here);
    if (!field) return std::unexpected(field.error());
    if (item.kind == Kind::null && (!takes_null(**field) || (*field)->is_repeated())) continue;
    if (!given.insert(*field).second) return wrong(here, "the field is given twice");
    const pb::OneofDescriptor* oneof = (*field)->real_containing_oneof();
    if (oneof != nullptr && !given.insert(oneof).second)
      return wrong(here, fmt::format("another one of {} is given already", oneof->name()));
    if (auto written = member(**field, item, here, out); !written) return written;
  }
  for (int i = 0; i < type.field_count(); ++i)
    if (type.field(i)->is_required() && !given.contains(type.field(i)))
      return wrong(at, fmt::format("{} needs the field {}", type.full_name(), quoted(type.field(i)->name())));
  return {};
}

Result<void> Encoder::json_value(const Descriptor& type, const Value& value, const std::string& at,
                                 Buffer& out) {
  int number = 0;
  switch (value.kind) {
    case Kind::null:
      number = 1;
      break;
    case Kind::number:
      number = 2;
      break;
    case Kind::text:
    case Kind::bytes:
      number = 3;
      break;
    case Kind::boolean:
      number = 4;
      break;
    case Kind::object:
      number = 5;
      break;
    case Kind::array:
      number = 6;
      break;
  }
  return member(*type.FindFieldByNumber(number), value, at, out);
}

Result<void> Encoder::any(const Value& value, const std::string& at, Buffer& out) {
  const Value* url = value.member("@type");
  if (url->kind != Kind::text) return not_a(pointer_to(at, "@type"), *url, "the name of a type");
  const Descriptor* type = schema_.of_type_url(url->text);
  if (type == nullptr) return not_a(pointer_to(at, "@type"), *url, "a known type");
  Buffer inside;
  std::optional<Result<void>> written;
  const Value* only = value.member("value");
  const int known = well_known_type(*type);
  if (only != nullptr && known != Descriptor::WELLKNOWNTYPE_UNSPECIFIED)
    written = known == Descriptor::WELLKNOWNTYPE_ANY
                  ? message(*type, *only, pointer_to(at, "value"), inside)
                  : well_known(*type, *only, pointer_to(at, "value"), inside);
  if (!written) written = members(*type, value, at, inside, "@type");
  if (!*written) return *written;
  put_field(out, 1, url->text);
  put_field(out, 2, inside);
  return {};
}

void put_seconds(std::int64_t seconds, std::int32_t nanos, Buffer& out) {
  if (seconds != 0) put_field(out, 1, static_cast<std::uint64_t>(seconds));
  if (nanos != 0) put_field(out, 2, static_cast<std::uint64_t>(std::int64_t{nanos}));
}

// "-1.5s"
bool put_duration(std::string_view text, Buffer& out) {
  if (!text.ends_with('s')) return false;
  text.remove_suffix(1);
  const bool minus = text.starts_with('-');
  if (minus) text.remove_prefix(1);
  const std::size_t dot = std::min(text.find('.'), text.size());
  const auto seconds = parse_number<std::uint64_t>(text.substr(0, dot));
  const auto nanos = dot < text.size() ? parse_fraction(text.substr(dot)) : 0;
  constexpr std::uint64_t most_seconds = 315'576'000'000;
  if (!seconds || *seconds > most_seconds || !nanos) return false;
  const auto whole = static_cast<std::int64_t>(*seconds);
  put_seconds(minus ? -whole : whole, minus ? -*nanos : *nanos, out);
  return true;
}

std::optional<Result<void>> Encoder::well_known(const Descriptor& type, const Value& value,
                                                const std::string& at, Buffer& out) {
  const bool text = value.kind == Kind::text;
  switch (well_known_type(type)) {
    case Descriptor::WELLKNOWNTYPE_TIMESTAMP: {
      if (!text) return std::nullopt;
      const auto instant = parse_rfc3339(value.text);
      if (!instant) return not_a(at, value, "a time such as 2024-05-01T12:00:00Z");
      put_seconds(instant->seconds, instant->nanos, out);
      return Result<void>{};
    }
    case Descriptor::WELLKNOWNTYPE_DURATION:
      if (!text) return std::nullopt;
      if (!put_duration(value.text, out)) return not_a(at, value, "a time span such as 1.5s");
      return Result<void>{};
    case Descriptor::WELLKNOWNTYPE_STRUCT:
      return map(*type.field(0), value, at, out);
    case Descriptor::WELLKNOWNTYPE_LISTVALUE:
      return repeated(*type.field(0), value, at, out);
    case Descriptor::WELLKNOWNTYPE_VALUE:
      return json_value(type, value, at, out);
    case Descriptor::WELLKNOWNTYPE_DOUBLEVALUE:
    case Descriptor::WELLKNOWNTYPE_FLOATVALUE:
    case Descriptor::WELLKNOWNTYPE_INT64VALUE:
    case Descriptor::WELLKNOWNTYPE_UINT64VALUE:
    case Descriptor::WELLKNOWNTYPE_INT32VALUE:
    case Descriptor::WELLKNOWNTYPE_UINT32VALUE:
    case Descriptor::WELLKNOWNTYPE_STRINGVALUE:
    case Descriptor::WELLKNOWNTYPE_BYTESVALUE:
    case Descriptor::WELLKNOWNTYPE_BOOLVALUE:
      if (value.kind == Kind::object) return std::nullopt;
      return member(*type.field(0), value, at, out);
    case Descriptor::WELLKNOWNTYPE_ANY:
      if (value.member("@type") == nullptr) return std::nullopt;
      return any(value, at, out);
    default:
      return std::nullopt;
  }
}

Result<void> Encoder::message(const Descriptor& type, const Value& value, const std::string& at,
                              Buffer& out) {
  if (auto written = well_known(type, value, at, out)) return *written;
  return members(type, value, at, out, {});
}

}  // namespace

Result<void> encode_json_message(ProtoSchema& schema, const Descriptor& type, const Value& value,
                                 const std::string& at, Buffer& out) {
  Buffer bytes;
  if (auto written = Encoder(schema).message(type, value, at, bytes); !written) return written;
  out += bytes;
  return {};
}

Result<void> encode_json_view(ProtoSchema& schema, const Value& value, Buffer& out) {
  return encode_json_message(schema, schema.message(), value, {}, out);
}

}  // namespace mq
