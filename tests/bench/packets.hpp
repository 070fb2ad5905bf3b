// The least of MQTT 3.1.1 and 5 that a counting peer needs: splitting a stream into packets, and the two
// sides of CONNECT and SUBSCRIBE. Properties are skipped unless the peer is bound by them.
// A Packet points into its PacketReader and lives until the next fill().
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "bench/socket.hpp"

namespace mq::bench {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::size_t batch_size = 64 * 1024;

enum Type : unsigned {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
};

struct Packet {
  std::uint8_t first = 0;
  const std::uint8_t* body = nullptr;
  std::size_t size = 0;

  unsigned type() const { return first >> 4; }
  unsigned qos() const { return (first >> 1) & 3U; }
  unsigned u16(std::size_t at) const { return static_cast<unsigned>(body[at] << 8 | body[at + 1]); }
};

struct VarInt {
  std::uint32_t value = 0;
  std::size_t size = 0;  // 0: not all of it is there
};

inline VarInt read_varint(const std::uint8_t* at, const std::uint8_t* end) {
  VarInt result;
  for (std::size_t i = 0; i < 4 && at + i < end; ++i) {
    result.value |= static_cast<std::uint32_t>(at[i] & 0x7fU) << (7 * i);
    if (at[i] < 0x80) {
      result.size = i + 1;
      return result;
    }
  }
  return result;
}

class PacketReader {
 public:
  // An eager reader does not sleep while packets come often.
  explicit PacketReader(Socket& socket, bool eager = false)
      : socket_(socket), eager_(eager), buffer_(4 * batch_size) {}

  // One read; false at the end of the stream.
  bool fill() {
    if (begin_ > 0) std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
    const std::span free = std::span(buffer_).subspan(end_);
    const std::size_t got = eager_ ? socket_.receive_eagerly(free) : socket_.receive(free);
    end_ += got;
    return got > 0;
  }

  // False when no whole packet is left of what fill() has read.
  bool next(Packet& packet) {
    const std::uint8_t* const at = buffer_.data() + begin_;
    const std::uint8_t* const end = buffer_.data() + end_;
    if (end - at < 2) return false;
    const VarInt length = at[1] < 0x80 ? VarInt{at[1], 1} : read_varint(at + 1, end);
    const std::size_t whole = 1 + length.size + length.value;
    if (length.size == 0 || static_cast<std::size_t>(end - at) < whole) return false;
    packet = Packet{at[0], at + 1 + length.size, length.value};
    begin_ += whole;
    return true;
  }

  // Reads until there is a packet; ends the program when the stream ends first.
  Packet wait();

 private:
  Socket& socket_;
  bool eager_;
  Bytes buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// The payload of a PUBLISH and its packet identifier (0 at QoS 0).
struct Publish {
  std::uint16_t id = 0;
  std::string_view payload;
};

inline Publish read_publish(const Packet& packet, bool v5) {
  Publish result;
  const std::uint8_t* const end = packet.body + packet.size;
  const std::uint8_t* at = packet.body + 2 + packet.u16(0);
  if (packet.qos() > 0) {
    result.id = static_cast<std::uint16_t>(at[0] << 8 | at[1]);
    at += 2;
  }
  if (v5) {
    const VarInt properties = *at < 0x80 ? VarInt{*at, 1} : read_varint(at, end);
    at += properties.size + properties.value;
  }
  if (at > end) die("a PUBLISH is shorter than it says");
  result.payload = {reinterpret_cast<const char*>(at), static_cast<std::size_t>(end - at)};
  return result;
}

// What a PUBLISH to the topic starts with: everything before the payload; the packet identifier, at id_offset
// bytes before the payload, is 0.
Bytes publish_head(std::string_view topic, unsigned qos, bool v5, std::size_t payload_size);
inline std::size_t id_offset(bool v5) { return v5 ? 3 : 2; }

// PUBACK, PUBREC, PUBREL or PUBCOMP with success; writes 4 bytes.
inline std::uint8_t* put_ack(std::uint8_t* at, Type type, unsigned id) {
  at[0] = static_cast<std::uint8_t>(type << 4 | (type == pubrel ? 2U : 0U));
  at[1] = 2;
  at[2] = static_cast<std::uint8_t>(id >> 8);
  at[3] = static_cast<std::uint8_t>(id);
  return at + 4;
}

// The client's side, MQTT 5.
void open_connection(Socket& socket, PacketReader& reader, unsigned receive_maximum);
void subscribe_to(Socket& socket, PacketReader& reader, std::string_view filter, unsigned qos);
void close_connection(Socket& socket);

// The server's side.
struct Client {
  bool v5 = false;
  unsigned receive_maximum = 65535;
};
Client welcome(Socket& socket, PacketReader& reader);
// Answers SUBSCRIBE, UNSUBSCRIBE and PINGREQ; true for those. A subscription sets the granted QoS, at most
// `highest`.
bool answer(Socket& socket, const Packet& packet, bool v5, unsigned highest, unsigned& granted);

}  // namespace mq::bench
