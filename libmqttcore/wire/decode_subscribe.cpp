#include <algorithm>

#include "wire/decode_family.hpp"
#include "wire/topic.hpp"

namespace mq {
namespace {

void read_options(Reader& in, Subscription& subscription) {
  const std::uint8_t options = in.byte();
  const bool modern = in.version() == Version::v5;
  // [MQTT-3.8.3-5] [MQTT311-3.8.3-4]
  if ((options & (modern ? 0xC0U : 0xFCU)) != 0)
    in.malformed("reserved bits of the subscription options are set");
  const unsigned handling = options >> 4U & 3U;
  if ((options & 3U) == 3) in.breach("requested QoS is 3");
  if (handling == 3) in.breach("retain handling is 3");
  subscription.qos = static_cast<QoS>(options & 3U);
  subscription.no_local = (options & 4U) != 0;
  subscription.retain_as_published = (options & 8U) != 0;
  subscription.retain_handling = static_cast<RetainHandling>(handling);
  // [MQTT-3.8.3-4]
  if (subscription.no_local && is_shared(subscription.filter)) in.breach("no local on a shared subscription");
}

// [MQTT311-3.9.3-2]
bool is_suback_code_3x(char code) {
  return octet(code) <= 2 || octet(code) == value_of(ReasonCode::unspecified_error);
}

}  // namespace

Subscribe read_subscribe(Reader& in) {
  Subscribe packet;
  packet.packet_id = in.packet_id();
  packet.properties = in.properties();
  if (in.empty()) in.breach("it holds no topic filter");  // [MQTT-3.8.3-2]
  while (!in.empty()) {
    Subscription& subscription = packet.subscriptions.emplace_back();
    subscription.filter = in.topic_filter();
    read_options(in, subscription);
  }
  return packet;
}

Suback read_suback(Reader& in) {
  Suback packet;
  packet.packet_id = in.packet_id();
  packet.properties = in.properties();
  packet.codes = in.rest();
  if (packet.codes.empty()) in.breach("it holds no reason code");
  if (in.version() == Version::v5) {
    for (const char code : packet.codes) in.reason(octet(code));  // [MQTT-3.9.3-2] [MQTT-3.8.4-7]
  } else if (!std::ranges::all_of(packet.codes, is_suback_code_3x)) {
    in.malformed("return code is unknown");
  }
  return packet;
}

Unsubscribe read_unsubscribe(Reader& in) {
  Unsubscribe packet;
  packet.packet_id = in.packet_id();
  packet.properties = in.properties();
  if (in.empty()) in.breach("it holds no topic filter");  // [MQTT-3.10.3-2]
  while (!in.empty()) packet.filters.push_back(in.topic_filter());
  return packet;
}

Unsuback read_unsuback(Reader& in) {
  Unsuback packet;
  packet.packet_id = in.packet_id();
  if (in.version() != Version::v5) return packet;
  packet.properties = in.properties();
  packet.codes = in.rest();
  if (packet.codes.empty()) in.breach("it holds no reason code");
  for (const char code : packet.codes) in.reason(octet(code));  // [MQTT-3.11.3-2]
  return packet;
}

}  // namespace mq
