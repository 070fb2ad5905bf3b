// Short ways for the packets that come by the million; inline, because their callers' loops are short too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/packet.hpp"
#include "wire/strings.hpp"

namespace mq {

// The ordinary PUBLISH at the start of `input` in one pass and a fraction of the time: short, complete, with
// an ASCII topic, without properties and with nothing wrong. Returns its size with `packet` filled in, or 0
// for all else, which next_frame() and decode() tell apart.
[[gnu::always_inline]] inline std::size_t take_plain_publish(Bytes input, Version version, Publish& packet) {
  if (input.size() < 4) return 0;
  const std::uint8_t first = octet(input[0]);
  const unsigned qos = first >> 1U & 3U;
  const bool dup = (first & 8U) != 0;
  if (first >> 4U != static_cast<unsigned>(PacketType::publish) || qos > 2 || (dup && qos == 0)) return 0;
  std::size_t at = 2;
  std::size_t length = octet(input[1]);
  if (length >= 0x80) {
    if (octet(input[2]) >= 0x80 || input[2] == 0) return 0;
    length = (length & 0x7FU) | static_cast<std::size_t>(octet(input[2])) << 7U;
    at = 3;
  }
  const std::size_t end = at + length;
  if (end > input.size() || length < 2) return 0;
  const auto topic_size = static_cast<std::size_t>(octet(input[at]) << 8U | octet(input[at + 1]));
  const std::string_view topic(input.data() + at + 2, topic_size);
  at += 2 + topic_size;
  if (topic_size == 0 || at + (qos > 0 ? 2U : 0U) + (version == Version::v5 ? 1U : 0U) > end) return 0;
  if (!is_plain(topic) && marks_of(topic) != 0) return 0;
  unsigned id = 0;
  if (qos > 0) {
    id = static_cast<unsigned>(octet(input[at]) << 8U | octet(input[at + 1]));
    if (id == 0) return 0;
    at += 2;
  }
  if (version == Version::v5 && input[at++] != 0) return 0;
  packet.dup = dup;
  packet.qos = static_cast<QoS>(qos);
  packet.retain = (first & 1U) != 0;
  packet.topic = topic;
  packet.packet_id = static_cast<PacketId>(id);
  packet.properties = {};
  packet.payload = Bytes(input.data() + at, end - at);
  return end;
}

// The other way: appends the ordinary PUBLISH, of at most `most` bytes, in a third of the time that checking
// and encoding take by the tables. False for all else, and for what is wrong, which encode() tells apart.
[[gnu::always_inline]] inline bool append_plain_publish(const Publish& packet, Version version,
                                                        std::size_t most, Buffer& out) {
  const bool acknowledged = packet.qos != QoS::at_most_once;
  const std::size_t body = 2 + packet.topic.size() + (acknowledged ? 2U : 0U) +
                           (version == Version::v5 ? 1U : 0U) + packet.payload.size();
  constexpr std::size_t two_digits = 1U << 14U;
  if (body >= two_digits || body + 3 > most || !packet.properties.empty()) return false;
  if (packet.qos > QoS::exactly_once || packet.dup || acknowledged != (packet.packet_id != 0)) return false;
  if (packet.topic.empty() || (!is_plain(packet.topic) && marks_of(packet.topic) != 0)) return false;
  const std::size_t begin = out.size();
  const std::size_t end = begin + (body < 0x80 ? 2 : 3) + body;
  // libstdc++ 12 hands over the capacity that it made, not the size that was asked for.
  out.resize_and_overwrite(end, [&](char* data, std::size_t) {
    char* at = data + begin;
    const auto put = [&at](std::size_t byte) { *at++ = static_cast<char>(byte); };
    const auto put_all = [&at](Bytes bytes) {
      if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
      at += bytes.size();
    };
    put(static_cast<std::size_t>(PacketType::publish) << 4U | static_cast<std::size_t>(packet.qos) << 1U |
        (packet.retain ? 1U : 0U));
    if (body < 0x80) {
      put(body);
    } else {
      put((body & 0x7FU) | 0x80U);
      put(body >> 7U);
    }
    put(packet.topic.size() >> 8U);
    put(packet.topic.size());
    put_all(packet.topic);
    if (acknowledged) {
      put(packet.packet_id >> 8U);
      put(packet.packet_id);
    }
    if (version == Version::v5) put(0);
    put_all(packet.payload);
    return end;
  });
  return true;
}

// PUBACK, PUBREC, PUBREL or PUBCOMP that says success and no more, the other packets that come by the
// million.
struct PlainAck {
  PacketType type{};
  PacketId id = 0;
};

constexpr std::size_t plain_ack_size = 4;

// The one at the start of `input`; id 0 when there is none.
inline PlainAck plain_ack(Bytes input) {
  if (input.size() < plain_ack_size || octet(input[1]) != 2) return {};
  const auto first = octet(input[0]);
  const auto type = static_cast<PacketType>(first >> 4U);
  if (type < PacketType::puback || type > PacketType::pubcomp) return {};
  if ((first & 0xFU) != (type == PacketType::pubrel ? 2U : 0U)) return {};
  return {type, static_cast<PacketId>(octet(input[2]) << 8U | octet(input[3]))};
}

}  // namespace mq
