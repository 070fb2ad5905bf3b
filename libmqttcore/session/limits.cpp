#include "session/limits.hpp"

#include <fmt/core.h>

#include "base/text.hpp"
#include "wire/topic.hpp"

namespace mq {

Limits Limits::of(const Connack& connack) {
  Limits limits;
  for (const Property& property : connack.properties) {
    switch (property.id) {
      case PropertyId::receive_maximum:
        limits.receive_maximum = static_cast<std::uint16_t>(property.number);
        break;
      case PropertyId::maximum_packet_size:
        limits.maximum_packet_size = property.number;
        break;
      case PropertyId::topic_alias_maximum:
        limits.topic_alias_maximum = static_cast<std::uint16_t>(property.number);
        break;
      case PropertyId::maximum_qos:
        limits.maximum_qos = static_cast<QoS>(property.number);
        break;
      case PropertyId::retain_available:
        limits.retain = property.number != 0;
        break;
      case PropertyId::wildcard_subscription_available:
        limits.wildcards = property.number != 0;
        break;
      case PropertyId::shared_subscription_available:
        limits.shared = property.number != 0;
        break;
      case PropertyId::subscription_identifier_available:
        limits.subscription_identifiers = property.number != 0;
        break;
      default:
        break;
    }
  }
  return limits;
}

Result<void> Limits::check_publish(QoS qos, bool retained, std::uint64_t packet_size) const {
  if (qos > maximum_qos)  // [MQTT-3.2.2-11]
    return fail(ErrorKind::denied,
                fmt::format("the server takes no message above QoS {}", static_cast<unsigned>(maximum_qos)),
                value_of(ReasonCode::qos_not_supported));
  if (retained && !retain)  // [MQTT-3.2.2-14]
    return fail(ErrorKind::denied, "the server takes no retained messages",
                value_of(ReasonCode::retain_not_supported));
  if (packet_size > maximum_packet_size)  // [MQTT-3.2.2-15]
    return fail(ErrorKind::denied,
                fmt::format("the message makes a packet of {} bytes, the server takes at most {}",
                            packet_size, maximum_packet_size),
                value_of(ReasonCode::packet_too_large));
  return {};
}

Result<void> Limits::check_subscription(const Subscription& subscription) const {
  if (!shared && is_shared(subscription.filter))
    return fail(ErrorKind::denied,
                fmt::format("the server has no shared subscriptions: {}", quoted(subscription.filter)),
                value_of(ReasonCode::shared_subscriptions_not_supported));
  if (!wildcards && has_wildcard(subscription.filter))
    return fail(ErrorKind::denied,
                fmt::format("the server has no wildcard subscriptions: {}", quoted(subscription.filter)),
                value_of(ReasonCode::wildcard_subscriptions_not_supported));
  return {};
}

}  // namespace mq
