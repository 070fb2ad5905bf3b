// Whole packets in one call, and the law that joins decode and encode: whatever decodes can be encoded, and
// decodes again to the same. Header-only, so that fuzz targets can use it as well.
#pragma once

#include <fmt/core.h>

#include <string>

#include "wire/decode.hpp"
#include "wire/describe.hpp"
#include "wire/encode.hpp"
#include "wire/plain.hpp"

namespace mq::testing {

// The one packet that `bytes` are; an unfinished one is an error of kind io, which decoding never gives.
inline Result<Packet> decode_whole(Bytes bytes, Version version, Sender sender) {
  auto frame = next_frame(bytes);
  if (!frame) return std::unexpected(frame.error());
  if (!*frame) return fail(ErrorKind::io, "unfinished");
  if ((*frame)->size != bytes.size()) return fail(ErrorKind::io, "more than one packet");
  return decode(**frame, version, sender);
}

// Empty when `packet`, which was decoded, is the same after encoding and decoding; else what went wrong.
inline std::string round_trip_fault(const Packet& packet, Version version, Sender sender) {
  if (const auto* connect = std::get_if<Connect>(&packet)) version = connect->version;
  Buffer bytes;
  if (auto encoded = encode(packet, version, sender, bytes); !encoded) {
    return fmt::format("can't be encoded: {}", encoded.error().text);
  }
  const auto again = decode_whole(bytes, version, sender);
  if (!again) return fmt::format("can't be decoded again: {}", again.error().text);
  if (packet != *again) return "is another packet when decoded again";
  const std::string before = describe(packet, version);
  const std::string after = describe(*again, version);
  if (before != after) return fmt::format("reads '{}' when decoded again", after);
  const auto* publish = std::get_if<Publish>(&packet);
  if (publish == nullptr) return {};
  if (encoded_size(*publish, version) != bytes.size()) return "has another encoded_size";
  Buffer plain = "before";
  const bool ordinary = append_plain_publish(*publish, version, bytes.size() + 1, plain);
  if (plain != (ordinary ? "before" + bytes : "before"))
    return "is another PUBLISH when encoded the short way";
  return {};
}

// Empty when what the short ways take from the start of `bytes` is what decode() makes of it.
inline std::string plain_fault(Bytes bytes, Version version) {
  const auto frame = next_frame(bytes);
  const bool whole = frame && *frame;
  const auto packet =
      whole ? decode(**frame, version, Sender::server) : Result<Packet>(fail(ErrorKind::io, ""));
  Publish publish;
  if (const std::size_t size = take_plain_publish(bytes, version, publish); size > 0) {
    if (!packet || *packet != Packet(publish)) return "is another PUBLISH the short way";
    if (size != (*frame)->size) return "has another size the short way";
  }
  if (const PlainAck ack = plain_ack(bytes); ack.id != 0) {
    const Ack said{ack.id, ReasonCode::success, {}};
    const bool same = packet && (*packet == Packet(Puback{said}) || *packet == Packet(Pubrec{said}) ||
                                 *packet == Packet(Pubrel{said}) || *packet == Packet(Pubcomp{said}));
    if (!same || type_of(*packet) != ack.type || (*frame)->size != plain_ack_size)
      return "is another acknowledgement the short way";
  }
  return {};
}

}  // namespace mq::testing
