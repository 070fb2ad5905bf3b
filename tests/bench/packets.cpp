#include "bench/packets.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

namespace mq::bench {

namespace {

[[noreturn]] void unexpected(const char* wanted, const Packet& packet) {
  std::fprintf(stderr, "expected %s, got packet type %u\n", wanted, packet.type());
  std::exit(1);
}

void append(Bytes& out, std::initializer_list<unsigned> bytes) {
  for (const unsigned byte : bytes) out.push_back(static_cast<std::uint8_t>(byte));
}

void append_text(Bytes& out, std::string_view text) {
  append(out, {static_cast<unsigned>(text.size() >> 8), static_cast<unsigned>(text.size() & 0xffU)});
  out.insert(out.end(), text.begin(), text.end());
}

void append_varint(Bytes& out, std::size_t value) {
  for (; value > 0x7f; value >>= 7) out.push_back(static_cast<std::uint8_t>(value | 0x80U));
  out.push_back(static_cast<std::uint8_t>(value));
}

Bytes whole(unsigned first, const Bytes& body) {
  Bytes out{static_cast<std::uint8_t>(first)};
  append_varint(out, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

constexpr unsigned id_receive_maximum = 0x21;
constexpr unsigned id_assigned_client = 0x12;

// Bytes of the value of a CONNECT property.
std::size_t value_size(unsigned id, const Packet& packet, std::size_t at) {
  switch (id) {
    case 0x11:
    case 0x27:
      return 4;
    case id_receive_maximum:
    case 0x22:
      return 2;
    case 0x17:
    case 0x19:
      return 1;
    case 0x15:
    case 0x16:
      return 2 + packet.u16(at);
    case 0x26: {
      const std::size_t name = 2 + packet.u16(at);
      return name + 2 + packet.u16(at + name);
    }
    default:
      die("CONNECT has an unknown property");
  }
}

}  // namespace

Packet PacketReader::wait() {
  Packet packet;
  while (!next(packet)) {
    if (!fill()) {
      std::fputs("the peer closed the connection too early\n", stderr);
      std::exit(1);
    }
  }
  return packet;
}

Bytes publish_head(std::string_view topic, unsigned qos, bool v5, std::size_t payload_size) {
  Bytes out{static_cast<std::uint8_t>(publish << 4 | qos << 1)};
  append_varint(out, 2 + topic.size() + (qos > 0 ? 2 : 0) + (v5 ? 1 : 0) + payload_size);
  append_text(out, topic);
  if (qos > 0) append(out, {0, 0});
  if (v5) append(out, {0});
  return out;
}

void open_connection(Socket& socket, PacketReader& reader, unsigned receive_maximum) {
  Bytes body;
  append_text(body, "MQTT");
  append(body, {5, 0x02, 0, 60});
  append(body, {3, id_receive_maximum, receive_maximum >> 8, receive_maximum & 0xffU});
  append_text(body, "");
  socket.send_all(whole(connect << 4, body));
  const Packet packet = reader.wait();
  if (packet.type() != connack || packet.size < 2 || packet.body[1] != 0) unexpected("CONNACK 0", packet);
}

void subscribe_to(Socket& socket, PacketReader& reader, std::string_view filter, unsigned qos) {
  Bytes body;
  append(body, {0, 1, 0});
  append_text(body, filter);
  append(body, {qos});
  socket.send_all(whole(subscribe << 4 | 2, body));
  const Packet packet = reader.wait();
  if (packet.type() != suback || packet.size < 4 || packet.body[3] != qos) unexpected("SUBACK", packet);
}

void close_connection(Socket& socket) {
  socket.send_all(std::array<std::uint8_t, 2>{disconnect << 4, 0});
  socket.finish();
}

Client welcome(Socket& socket, PacketReader& reader) {
  const Packet packet = reader.wait();
  if (packet.type() != connect || packet.size < 12) unexpected("CONNECT", packet);
  const std::size_t level = 2 + packet.u16(0);
  Client client{.v5 = packet.body[level] == 5};
  std::size_t at = level + 4;
  if (client.v5) {
    const VarInt length = read_varint(packet.body + at, packet.body + packet.size);
    at += length.size;
    for (const std::size_t end = at + length.value; at < end;) {
      const unsigned id = packet.body[at++];
      if (id == id_receive_maximum) client.receive_maximum = packet.u16(at);
      at += value_size(id, packet, at);
    }
  }
  Bytes body{0, 0};
  if (client.v5) {
    Bytes properties;
    if (packet.u16(at) == 0) {
      append(properties, {id_assigned_client});
      append_text(properties, "bench-client");
    }
    append_varint(body, properties.size());
    body.insert(body.end(), properties.begin(), properties.end());
  }
  socket.send_all(whole(connack << 4, body));
  return client;
}

bool answer(Socket& socket, const Packet& packet, bool v5, unsigned highest, unsigned& granted) {
  if (packet.type() == pingreq) {
    socket.send_all(std::array<std::uint8_t, 2>{pingresp << 4, 0});
    return true;
  }
  if (packet.type() != subscribe && packet.type() != unsubscribe) return false;
  Bytes body{packet.body[0], packet.body[1]};
  std::size_t at = 2;
  if (v5) {
    const VarInt length = read_varint(packet.body + at, packet.body + packet.size);
    at += length.size + length.value;
    append(body, {0});
  }
  while (at < packet.size) {
    at += 2 + packet.u16(at);
    if (packet.type() == subscribe) {
      granted = std::min(highest, packet.body[at++] & 3U);
      append(body, {granted});
    } else if (v5) {
      append(body, {0});
    }
  }
  socket.send_all(whole((packet.type() == subscribe ? suback : unsuback) << 4, body));
  return true;
}

}  // namespace mq::bench
