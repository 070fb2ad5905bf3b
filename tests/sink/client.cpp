#include "sink/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace mq::testing {

Client::Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{.tv_sec = std::chrono::duration_cast<std::chrono::seconds>(patience).count(),
                      .tv_usec = 0};
  const int on = 1;
  ::setsockopt(socket(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::setsockopt(socket(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::connect(socket(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw PeerFailure(std::string("cannot connect: ") + std::strerror(errno));
}

Client::Client(std::uint16_t port, Hello hello) : Client(port) {
  if (is_failure(connect(std::move(hello)).reason)) throw PeerFailure("CONNECT was refused");
}

Connack Client::connect(Hello hello) {
  version_ = hello.version;
  send(Connect{.version = hello.version,
               .clean_start = hello.clean_start,
               .client_id = hello.id,
               .will = hello.will,
               .user_name = {},
               .password = {},
               .properties = hello.properties.view()});
  return expect<Connack>();
}

void Client::send(const Packet& packet) {
  Buffer bytes;
  if (const auto encoded = encode(packet, version_, Sender::client, bytes); !encoded)
    throw PeerFailure(encoded.error().text);
  send_bytes(bytes);
}

void Client::send_bytes(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) throw PeerFailure(std::string("cannot send: ") + std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Client::publish(std::string_view topic, Bytes payload, QoS qos, PacketId id) {
  send(Publish{.qos = qos, .topic = topic, .packet_id = id, .properties = {}, .payload = payload});
}

std::string Client::subscribe(std::initializer_list<Subscription> subscriptions, PropertyList properties) {
  send(Subscribe{++last_id_, properties.view(), subscriptions});
  return std::string(expect<Suback>().codes);
}

std::string Client::subscribe(std::string_view filter, QoS qos) {
  return subscribe({Subscription{.filter = filter, .qos = qos}});
}

void Client::unsubscribe(std::string_view filter) {
  send(Unsubscribe{++last_id_, {}, {filter}});
  expect<Unsuback>();
}

bool Client::receive() {
  std::array<char, 64 << 10> bytes;
  const ssize_t got = ::recv(socket(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw PeerFailure("nothing came in time");
  if (got <= 0) return false;
  input_.erase(0, std::exchange(taken_, 0));
  input_.append(bytes.data(), static_cast<std::size_t>(got));
  return true;
}

const Packet& Client::next() {
  if (!put_off_.empty()) {
    const Packet& packet = *put_off_.front();
    put_off_.pop_front();
    return packet;
  }
  return arrival();
}

const Packet& Client::arrival() {
  while (true) {
    const auto frame = next_frame(Bytes(input_).substr(taken_));
    if (!frame) throw PeerFailure(frame.error().text);
    if (*frame) {
      Kept& kept = kept_.emplace_back(Buffer(Bytes(input_).substr(taken_, (*frame)->size)), Pingreq{});
      taken_ += (*frame)->size;
      auto packet = decode(**next_frame(kept.raw), version_, Sender::server);
      if (!packet) throw PeerFailure(packet.error().text);
      kept.packet = std::move(*packet);
      return kept.packet;
    }
    if (!receive()) throw PeerFailure("the sink has closed the connection");
  }
}

void Client::acknowledge(const Publish& packet) {
  if (packet.qos == QoS::at_least_once) send(Puback{{packet.packet_id, ReasonCode::success, {}}});
  if (packet.qos != QoS::exactly_once) return;
  send(Pubrec{{packet.packet_id, ReasonCode::success, {}}});
  while (true) {
    const Packet& answer = arrival();
    if (const auto* const pubrel = std::get_if<Pubrel>(&answer); pubrel != nullptr)
      return send(Pubcomp{{pubrel->packet_id, ReasonCode::success, {}}});
    put_off_.push_back(&answer);
  }
}

std::string Client::message() {
  const Publish& packet = expect<Publish>();
  acknowledge(packet);
  return std::string(packet.topic) + ' ' + std::to_string(static_cast<int>(packet.qos)) +
         (packet.retain ? " 1 " : " 0 ") + std::string(packet.payload);
}

std::string Client::payloads(std::size_t count) {
  std::string all;
  for (std::size_t at = 0; at < count; ++at) {
    const Publish& packet = expect<Publish>();
    acknowledge(packet);
    all.append(packet.payload).append(1, ' ');
  }
  return all;
}

bool Client::silent() {
  send(Pingreq{});
  return std::holds_alternative<Pingresp>(next());
}

bool Client::ended() {
  while (receive()) {
  }
  return true;
}

void Client::disconnect(ReasonCode reason) {
  send(Disconnect{reason, {}});
  ended();
}

}  // namespace mq::testing
