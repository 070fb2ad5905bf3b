// A client of a sink that does as a test tells it, packet by packet, with a blocking socket. Packets that it
// gives out live as long as it does, or until forget().
#pragma once

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "peers/failure.hpp"
#include "peers/file_handle.hpp"
#include "wire/packet.hpp"

namespace mq::testing {

struct Hello {
  std::string id{};
  Version version = Version::v5;
  bool clean_start = true;
  PropertyList properties{};
  std::optional<Will> will{};
};

class Client {
 public:
  explicit Client(std::uint16_t port);
  // Connected, and welcome.
  Client(std::uint16_t port, Hello hello);

  Connack connect(Hello hello);
  void send(const Packet& packet);
  void send_bytes(Bytes bytes);
  void publish(std::string_view topic, Bytes payload, QoS qos = QoS::at_most_once, PacketId id = 0);
  // Waits for SUBACK; its codes.
  std::string subscribe(std::initializer_list<Subscription> subscriptions, PropertyList properties = {});
  std::string subscribe(std::string_view filter, QoS qos = QoS::at_most_once);
  void unsubscribe(std::string_view filter);

  const Packet& next();
  template <class T>
  const T& expect() {
    const Packet& packet = next();
    if (const T* typed = std::get_if<T>(&packet)) return *typed;
    throw PeerFailure("got " + std::string(name_of(type_of(packet))));
  }
  // The next PUBLISH as "TOPIC QOS RETAIN PAYLOAD", acknowledged.
  std::string message();
  // The next so many payloads, acknowledged, each with a space behind it.
  std::string payloads(std::size_t count);
  void acknowledge(const Publish& packet);
  void forget() {
    if (put_off_.empty()) kept_.clear();
  }
  // Whether nothing more has come up to the answer to a PINGREQ.
  bool silent();
  bool ended();  // waits for the end of the connection; packets before that are thrown away
  void disconnect(ReasonCode reason = ReasonCode::success);

  int socket() const { return socket_.get(); }
  FileHandle take_socket() { return std::move(socket_); }

 private:
  struct Kept {
    Buffer raw;
    Packet packet;
  };

  const Packet& arrival();
  bool receive();  // false at the end

  FileHandle socket_;
  Version version_ = Version::v5;
  Buffer input_;
  std::size_t taken_ = 0;
  std::deque<Kept> kept_;
  std::deque<const Packet*> put_off_;  // that came while an acknowledgement was waited for
  PacketId last_id_ = 60'000;
};

}  // namespace mq::testing
