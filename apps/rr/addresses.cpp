#include "rr/addresses.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "payload/json.hpp"
#include "rr/correlation_field.hpp"
#include "rr/random_id.hpp"
#include "shared/store.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

constexpr std::size_t id_size = 16;
// What both sides know without having agreed on anything but the request's topic.
constexpr std::string_view agreed = "{topic}/{client}/{id}/answer";

// What the server gives is the basis of a topic that this client may use (5.0: 4.10.1).
Result<std::string> own_topic(const Connack& connack) {
  std::string basis(connack.properties.bytes(PropertyId::response_information).value_or(Bytes()));
  if (basis.empty()) basis = "mqttkit/answers";
  if (!basis.ends_with('/')) basis += '/';
  std::string topic = basis + to_hex(random_id(id_size));
  if (auto checked = check_topic_name(topic); !checked)
    return fail(ErrorKind::protocol,
                fmt::format("the server's response information {} makes no topic", quoted(basis)), 0,
                "name a topic with -e");
  return topic;
}

}  // namespace

Result<void> check_id(Bytes id) {
  if (!id.empty() && check_mqtt_text(id)) return {};
  return fail(ErrorKind::payload, fmt::format("the correlation data {} is no text", quoted(id)), 0,
              "it stands in a topic or a JSON text here");
}

bool tells_answers_apart(const RrSettings& settings) {
  if (settings.any_answer) return false;
  return settings.connection.client.session.version == Version::v5 || settings.response_topic.empty() ||
         settings.response_topic.contains("{id}") || !settings.correlation_field.empty();
}

bool ids_are_texts(const RrSettings& settings) {
  return !settings.any_answer &&
         (settings.connection.client.session.version != Version::v5 ||
          settings.response_topic.contains("{id}") || !settings.correlation_field.empty());
}

Result<Addresses> Addresses::make(const RrSettings& settings, const SessionConfig& session,
                                  const Connack& connack) {
  const bool v5 = session.version == Version::v5;
  Result<TopicPattern> pattern;
  if (settings.any_answer) {
    pattern = TopicPattern::literal(settings.response_topic);
  } else if (!settings.response_topic.empty() || !v5) {
    pattern = TopicPattern::compile(settings.response_topic.empty() ? agreed : settings.response_topic);
  } else {
    auto own = own_topic(connack);
    if (!own) return std::unexpected(std::move(own.error()));
    pattern = TopicPattern::literal(std::move(*own));
  }
  if (!pattern) return std::unexpected(std::move(pattern.error()));
  Way way = Way::any;
  if (!settings.correlation_field.empty())
    way = Way::field;
  else if (v5 && !settings.any_answer)
    way = Way::correlation;
  else if (pattern->has_id() && !settings.any_answer)
    way = Way::topic;
  Addresses addresses(settings, session.version, way, std::move(*pattern),
                      session.client_id.empty() ? to_hex(random_id(id_size / 2)) : session.client_id);
  addresses.in_request_ = !v5 && !settings.any_answer && addresses.pattern_.has_id();
  const std::string topic = settings.input.topics.empty() ? std::string() : settings.input.topics.front();
  addresses.filter_ = addresses.pattern_.filter(topic, addresses.client_);
  return addresses;
}

Buffer Addresses::new_id() const {
  if (way_ == Way::any) return {};
  Buffer id = random_id(id_size);
  const bool text = way_ != Way::correlation || pattern_.has_id();
  return text ? Buffer(to_hex(id)) : id;
}

Result<void> Addresses::name(Request& request) const {
  if (request.own_id && ids_are_texts(*settings_))
    if (auto checked = check_id(request.id); !checked) return checked;
  request.response_topic = pattern_.fill(request.topic, client_, request.id);
  switch (way_) {
    case Way::any:
      request.key.clear();
      break;
    case Way::topic:
      request.key = request.response_topic;
      break;
    case Way::correlation:
    case Way::field:
      request.key = request.id;
      break;
  }
  if (auto checked = check_topic_name(request.response_topic); !checked) return checked;
  if (!settings_->any_answer && topic_of(request) == request.response_topic)
    return fail(ErrorKind::payload,
                fmt::format("the answer would come to {}, where the request goes", quoted(request.topic)));
  return {};
}

std::string Addresses::topic_of(const Request& request) const {
  return in_request_ ? with_asker(request.topic, client_, request.id) : request.topic;
}

Result<Addresses::Addressed> Addresses::address(const Request& request) const {
  Addressed addressed{.topic = topic_of(request), .properties = {}};
  if (auto checked = check_topic_name(addressed.topic); !checked)
    return std::unexpected(std::move(checked.error()));
  if (way_ == Way::field) {
    if (auto added = add_field(request, addressed.payload.emplace()); !added)
      return std::unexpected(std::move(added.error()));
  }
  if (!v5_) return addressed;
  addressed.properties = request.properties;
  if (way_ != Way::any) {
    auto added = addressed.properties.add(PropertyId::correlation_data, request.id);
    if (!added) return std::unexpected(std::move(added.error()));
  }
  auto added = addressed.properties.add(PropertyId::response_topic, request.response_topic);
  if (!added) return std::unexpected(std::move(added.error()));
  return addressed;
}

Result<void> Addresses::add_field(const Request& request, Buffer& payload) const {
  Value id = Value::of_text(request.id);
  id.name = settings_->correlation_field;
  if (append_with_member(request.payload, id, payload)) return {};
  return fail(ErrorKind::payload,
              fmt::format("the request is no JSON object, so it can't have a member {}", quoted(id.name)));
}

std::optional<Bytes> Addresses::key_of(const Publish& publish) {
  switch (way_) {
    case Way::any:
      return Bytes();
    case Way::correlation:
      return publish.properties.bytes(PropertyId::correlation_data);
    case Way::topic:
      return publish.topic;
    case Way::field:
      break;
  }
  const auto value = parse_json(publish.payload);
  if (!value) return std::nullopt;
  const Value* const id = value->member(settings_->correlation_field);
  if (id == nullptr || id->kind != Value::Kind::text) return std::nullopt;
  key_ = id->text;
  return key_;
}

}  // namespace mq
