#include "shared/message_record.hpp"

#include <fmt/core.h>

#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "shared/timestamp.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

using Kind = Value::Kind;

std::unexpected<Error> unfit(std::string text) { return fail(ErrorKind::payload, std::move(text)); }

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a boolean";
    case Kind::number:
      return "a number";
    case Kind::text:
    case Kind::bytes:
      return "a text";
    case Kind::array:
      return "a list";
    case Kind::object:
      return "an object";
  }
  return {};
}

std::unexpected<Error> wrong_type(std::string_view member, std::string_view wanted, const Value& found) {
  return unfit(fmt::format("{} is {}, not {}", member, name_of(found.kind), wanted));
}

// What a number or a text is, for a message.
std::string shown(const Value& value) {
  if (value.kind == Kind::number) return value.text.size() > 40 ? "a long number" : value.text;
  return value.kind == Kind::text ? quoted(value.text) : std::string(name_of(value.kind));
}

Result<void> take_topic(const Value& value, MessageRecord& record) {
  if (value.kind != Kind::text) return wrong_type("topic", "a text", value);
  if (auto checked = check_topic_name(value.text); !checked) return unfit(std::move(checked.error().text));
  record.topic = value.text;
  return {};
}

Result<void> take_qos(const Value& value, MessageRecord& record) {
  const auto number = value.kind == Kind::number ? parse_number<unsigned>(value.text) : std::nullopt;
  if (!number || *number > 2) return unfit(fmt::format("qos is {}, not 0, 1 or 2", shown(value)));
  record.qos = static_cast<QoS>(*number);
  return {};
}

Result<void> take_retain(const Value& value, MessageRecord& record) {
  if (value.kind == Kind::boolean)
    record.retain = value.truth;
  else if (value.kind == Kind::number && (value.text == "0" || value.text == "1"))
    record.retain = value.text == "1";
  else
    return unfit(fmt::format("retain is {}, neither true nor false", shown(value)));
  return {};
}

Result<void> take_time(const Value& value, MessageRecord& record) {
  if (value.kind == Kind::text) record.time = parse_timestamp(value.text);
  if (!record.time)
    return unfit(fmt::format("time is {}, no time with a zone as RFC 3339 has it", shown(value)));
  return {};
}

Result<Buffer> base64_of(std::string_view member, const Value& value) {
  if (value.kind != Kind::text) return wrong_type(member, "a text of base64", value);
  auto bytes = from_base64(value.text);
  if (!bytes) return unfit(fmt::format("{} is not base64", member));
  return *std::move(bytes);
}

Result<void> take_payload(const Value& object, MessageRecord& record) {
  const Value* payload = object.member("payload");
  const Value* raw = object.member("raw");
  const Value* encoding = object.member("encoding");
  std::string_view how;
  if (encoding != nullptr) {
    if (encoding->kind != Kind::text) return wrong_type("encoding", "a text", *encoding);
    how = encoding->text;
    if (how != "json" && how != "utf8" && how != "base64")
      return unfit(fmt::format("encoding is {}, none of json, utf8, base64", quoted(how)));
  } else if (raw != nullptr) {
    how = "base64";
  }
  if (how == "base64" && raw != nullptr) {
    auto bytes = base64_of("raw", *raw);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    record.payload = *std::move(bytes);
    return {};
  }
  if (payload == nullptr) {
    if (encoding != nullptr) return unfit("there is an encoding, but no payload");
    return {};
  }
  if (how == "base64") {
    auto bytes = base64_of("payload", *payload);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    record.payload = *std::move(bytes);
  } else if (how == "utf8" && payload->kind != Kind::text) {
    return wrong_type("payload", "a text", *payload);
  } else if (payload->kind == Kind::text && how != "json") {
    record.payload = payload->text;
  } else {
    append_json(*payload, record.payload);
  }
  return {};
}

Result<void> add_pair(std::string_view name, const Value& value, PropertyList& list) {
  if (value.kind != Kind::text) return wrong_type("properties.user_properties: a value", "a text", value);
  auto added = list.add_user(name, value.text);
  if (!added) return unfit(std::string("properties.user_properties: ").append(added.error().text));
  return {};
}

// Pairs in their order; people also write an object.
Result<void> take_user_properties(const Value& value, PropertyList& list) {
  if (value.kind != Kind::array && value.kind != Kind::object)
    return wrong_type("properties.user_properties", "a list of pairs", value);
  for (const Value& item : value.items) {
    Result<void> added;
    if (value.kind == Kind::object)
      added = add_pair(item.name, item, list);
    else if (item.kind == Kind::array && item.items.size() == 2 && item.items[0].kind == Kind::text)
      added = add_pair(item.items[0].text, item.items[1], list);
    else
      return unfit("properties.user_properties: not each is a list of a name and a value");
    if (!added) return added;
  }
  return {};
}

Result<void> add_property(const PropertyRow& row, std::string_view member, const Value& value,
                          PropertyList& list) {
  list.remove(row.id);  // of two members of a name the last counts
  if (row.type == PropertyType::utf8 || row.type == PropertyType::binary) {
    if (row.type == PropertyType::binary) {
      const auto bytes = base64_of(member, value);
      if (!bytes) return std::unexpected(bytes.error());
      return list.add(row.id, *bytes);
    }
    if (value.kind != Kind::text) return wrong_type(member, "a text", value);
    return list.add(row.id, value.text);
  }
  const auto number = value.kind == Kind::number ? parse_number<std::uint32_t>(value.text) : std::nullopt;
  if (!number || *number < row.least || *number > row.most)
    return unfit(
        fmt::format("{} is {}, no whole number from {} to {}", member, shown(value), row.least, row.most));
  return list.add(row.id, *number);
}

Result<void> take_property(const Value& value, PropertyList& list) {
  std::string name = value.name;
  for (char& c : name)
    if (c == '_') c = '-';
  if (name == "topic-alias" || name == "subscription-identifiers") return {};
  if (name == "user-properties") {
    list.remove(PropertyId::user_property);
    return take_user_properties(value, list);
  }
  const PropertyRow* row = find_property(name);
  if (row == nullptr || (row->by_client & bit_of(PacketType::publish)) == 0 ||
      row->id == PropertyId::user_property)
    return unfit(fmt::format("properties has {}, which no message can", quoted(value.name)));
  auto added = add_property(*row, std::string("properties.").append(value.name), value, list);
  if (added || added.error().kind == ErrorKind::payload) return added;
  return unfit(fmt::format("properties.{}: {}", value.name, added.error().text));
}

Result<void> take_properties(const Value& value, MessageRecord& record) {
  if (value.kind != Kind::object) return wrong_type("properties", "an object", value);
  for (const Value& property : value.items)
    if (auto taken = take_property(property, record.properties); !taken) return taken;
  // What only shows in the whole.
  auto right =
      check_properties(record.properties.view().block(), bit_of(PacketType::publish), Sender::client);
  if (!right) return unfit(std::string("properties: ").append(right.error().text));
  return {};
}

}  // namespace

Result<void> read_record(Bytes line, RecordTime time, MessageRecord& record) {
  record.topic.clear();
  record.qos.reset();
  record.retain.reset();
  record.properties.clear();
  record.payload.clear();
  record.time.reset();

  auto object = parse_json(line);
  if (!object) {
    // There is but one line, and who reads a file counts others.
    constexpr std::string_view of_one = "line 1, ";
    std::string& text = object.error().text;
    if (const std::size_t at = text.find(of_one); at != text.npos) text.erase(at, of_one.size());
    return std::unexpected(std::move(object.error()));
  }
  if (object->kind != Kind::object) return unfit("it is JSON, but no object");
  if (object->member("tst") != nullptr && object->member("payloadlen") != nullptr)
    return fail(ErrorKind::payload, "it was written by -F %j, which can't say all that a message holds", 0,
                "record with mqtt-sub --output json");
  using Take = Result<void> (*)(const Value&, MessageRecord&);
  constexpr std::pair<std::string_view, Take> members[] = {
      {"topic", take_topic}, {"qos", take_qos}, {"retain", take_retain}, {"properties", take_properties}};
  for (const auto& [name, take] : members) {
    const Value* member = object->member(name);
    if (member == nullptr) continue;
    if (auto taken = take(*member, record); !taken) return taken;
  }
  if (const Value* said = object->member("time"); said != nullptr && time == RecordTime::read)
    if (auto taken = take_time(*said, record); !taken) return taken;
  return take_payload(*object, record);
}

}  // namespace mq
