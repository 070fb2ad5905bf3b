#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "base/text.hpp"
#include "peers/fake_broker.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/frame.hpp"

namespace mq {
namespace {

constexpr Duration for_ever = std::chrono::hours(1);

std::string seconds(Duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

Peer::Peer(FakeBroker& broker, FileHandle socket, int number)
    : broker_(&broker), socket_(std::move(socket)), number_(number) {}

bool Peer::wait_for(short events, Duration limit) { return broker_->wait_for(socket_.get(), events, limit); }

RecordPtr Peer::next(Duration limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  while (true) {
    const Bytes unread = Bytes(input_).substr(taken_);
    const auto frame = next_frame(unread);
    if (!frame) throw PeerFailure("the client sent no packet: " + to_hex(unread.substr(0, 40)));
    if (*frame) {
      auto record = std::make_shared<Record>();
      record->connection = number_;
      record->when = Clock::now();
      record->raw = unread.substr(0, (*frame)->size);
      taken_ += (*frame)->size;
      const auto own_frame = next_frame(record->raw);
      const auto packet = decode(**own_frame, version_, Sender::client);
      if (!packet)
        throw PeerFailure("the client sent a wrong packet: " + packet.error().text + ": " +
                          to_hex(record->raw.substr(0, 40)));
      record->packet = *packet;
      if (const Connect* connect = std::get_if<Connect>(&record->packet)) version_ = connect->version;
      record->version = version_;
      broker_->keep(record);
      return record;
    }
    if (!socket_) return nullptr;
    if (!wait_for(POLLIN, deadline - Clock::now()))
      throw PeerFailure("the client sent nothing for " + seconds(limit));
    char chunk[65536];
    const ssize_t got = ::recv(socket_.get(), chunk, sizeof chunk, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      if (!unread.empty())
        throw PeerFailure("the client closed within a packet: " + to_hex(unread.substr(0, 40)));
      return nullptr;
    }
    input_.erase(0, std::exchange(taken_, 0));
    input_.append(chunk, static_cast<std::size_t>(got));
  }
}

RecordPtr Peer::expect(PacketType type, Duration limit) {
  RecordPtr record = next(limit);
  if (!record) throw PeerFailure("expected " + std::string(name_of(type)) + ", but the client closed");
  if (record->type() != type)
    throw PeerFailure("expected " + std::string(name_of(type)) + ", but the client sent " +
                      std::string(name_of(record->type())));
  return record;
}

bool Peer::readable(Duration limit) { return taken_ < input_.size() || wait_for(POLLIN, limit); }

void Peer::expect_end(Duration limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  while (next(deadline - Clock::now())) {
  }
}

RecordPtr Peer::welcome() {
  RecordPtr record = expect(PacketType::connect);
  answer(record->packet);
  return record;
}

void Peer::send(const Packet& packet) {
  Buffer bytes;
  if (const auto encoded = encode(packet, version_, Sender::server, bytes); !encoded)
    throw PeerFailure("the fake broker cannot send that: " + encoded.error().text);
  send_bytes(bytes);
}

void Peer::send_bytes(Bytes bytes) {
  while (!bytes.empty() && socket_) {
    if (!wait_for(POLLOUT, patience)) throw PeerFailure("the client takes no more bytes");
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Peer::send_hex(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes) throw PeerFailure("no hexadecimal digits: " + std::string(hex));
  send_bytes(*bytes);
}

std::size_t Peer::send_some(Bytes bytes) {
  const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

void Peer::answer(const Packet& packet) {
  if (const auto* connect = std::get_if<Connect>(&packet)) {
    Connack connack;
    PropertyList properties;
    if (connect->version == Version::v5 && connect->client_id.empty())
      (void)properties.add(PropertyId::assigned_client_identifier, "assigned-" + std::to_string(number_));
    connack.properties = properties.view();
    send(connack);
  } else if (const auto* publish = std::get_if<Publish>(&packet)) {
    if (publish->qos == QoS::at_least_once) send(Puback{{publish->packet_id, ReasonCode::success, {}}});
    if (publish->qos == QoS::exactly_once) send(Pubrec{{publish->packet_id, ReasonCode::success, {}}});
  } else if (const auto* pubrec = std::get_if<Pubrec>(&packet)) {
    if (!is_failure(pubrec->reason)) send(Pubrel{{pubrec->packet_id, ReasonCode::success, {}}});
  } else if (const auto* pubrel = std::get_if<Pubrel>(&packet)) {
    send(Pubcomp{{pubrel->packet_id, ReasonCode::success, {}}});
  } else if (const auto* subscribe = std::get_if<Subscribe>(&packet)) {
    Buffer codes;
    for (const Subscription& subscription : subscribe->subscriptions)
      codes.push_back(static_cast<char>(subscription.qos));
    send(Suback{subscribe->packet_id, {}, codes});
  } else if (const auto* unsubscribe = std::get_if<Unsubscribe>(&packet)) {
    const Buffer codes(unsubscribe->filters.size(), '\0');
    send(Unsuback{unsubscribe->packet_id, {}, version_ == Version::v5 ? Bytes(codes) : Bytes()});
  } else if (std::holds_alternative<Pingreq>(packet)) {
    send(Pingresp{});
  }
}

void Peer::react(const Record& record, const Reactions& reactions) {
  const auto replaced = [&](const auto& reaction, const auto* packet) {
    if (!reaction || packet == nullptr) return false;
    reaction(*this, *packet);
    return true;
  };
  const Packet& packet = record.packet;
  if (replaced(reactions.connect, std::get_if<Connect>(&packet)) ||
      replaced(reactions.publish, std::get_if<Publish>(&packet)) ||
      replaced(reactions.pubrel, std::get_if<Pubrel>(&packet)) ||
      replaced(reactions.subscribe, std::get_if<Subscribe>(&packet)) ||
      replaced(reactions.unsubscribe, std::get_if<Unsubscribe>(&packet)) ||
      replaced(reactions.pingreq, std::get_if<Pingreq>(&packet)))
    return;
  answer(packet);
}

void Peer::serve(const Reactions& reactions) {
  while (const RecordPtr record = next(for_ever)) react(*record, reactions);
}

void Peer::finish() {
  ::shutdown(socket_.get(), SHUT_WR);
  expect_end();
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket_.close();
}

void Peer::hold() { (void)wait_for(POLLRDHUP, for_ever); }

void Peer::pause(Duration time) { (void)wait_for(0, time); }

}  // namespace mq
