// Clients that send a sink anything in any order. The first byte chooses the sink's faults and how much it
// may store, each further one an act of one of three clients: bytes, packets, comings and goings. Whatever
// they do, what the sink says is made of packets that a server may send, what it counts fits together, and
// nothing is left of a client without a session when all have gone.
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>

#include "base/text.hpp"
#include "fuzz/target.hpp"
#include "sink/server.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

namespace {

using namespace mq;

class Client {
 public:
  bool open() const { return socket_.open(); }
  void connect(std::uint16_t port) { socket_.connect(port); }
  void close() {
    socket_.close();
    input_.clear();
    version_ = Version::v5;
  }
  void end() const { socket_.end(); }

  void send(Bytes bytes) const { socket_.send(bytes); }
  void send(const Packet& packet) const {
    Buffer bytes;
    if (encode(packet, version_, Sender::client, bytes)) send(bytes);
  }
  void speak(Version version) { version_ = version; }

  // What the sink says is understood at the version that it was greeted with.
  void read() {
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket_.descriptor(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
      input_.append(buffer, static_cast<std::size_t>(got));
    Bytes rest = input_;
    while (true) {
      const auto frame = next_frame(rest);
      require(frame.has_value(), "the sink sends what is no packet");
      if (!*frame) break;
      bool decodes = false;
      for (const Version version : {Version::v5, Version::v311, Version::v31})
        decodes = decodes || decode(**frame, version, Sender::server).has_value();
      require(decodes, "the sink sends a packet that no server may send");
      rest.remove_prefix((*frame)->size);
    }
    input_.erase(0, input_.size() - rest.size());
  }

 private:
  ClientSocket socket_;
  Version version_ = Version::v5;
  Buffer input_;
};

SinkFaults faults_of(std::uint8_t choice) {
  SinkFaults faults;
  if ((choice & 1U) != 0) {
    faults.fate = [count = 0](std::string_view, const Publish&) mutable {
      return Fate{.kind = static_cast<Fate::Kind>(++count % 6), .after = 1, .time = Duration(1), .at = 3};
    };
  }
  if ((choice & 2U) != 0) {
    faults.refuse_publish = [count = 0](std::string_view, const Publish&) mutable {
      return ++count % 3 == 0 ? ReasonCode::not_authorized : ReasonCode::success;
    };
  }
  if ((choice & 4U) != 0) faults.close_after = [](const Connect&) { return std::uint64_t{5}; };
  return faults;
}

class Play {
 public:
  explicit Play(Input in) : Play(in.byte(), in) {}

  void run() {
    for (unsigned acts = 0; !in_.empty() && acts < 200; ++acts) {
      const std::uint8_t choice = in_.byte();
      Client& client = clients_[choice % clients_.size()];
      if (!client.open()) client.connect(server_.port());
      act(client, choice / 3U);
      turn();
    }
    for (Client& client : clients_) client.close();
    // Who comes last has yet to be accepted, read and found gone; what is delayed, by a nanosecond, is held
    // until its time even if nobody is left to have it.
    for (unsigned rounds = 0; rounds < 4 || (rounds < 100 && server_.counts().connections > 0); ++rounds)
      turn();
    const SinkCounts counts = server_.counts();
    require(counts.connections == 0, "a connection is left when all have gone");
    require(counts.retained > 0 || counts.sessions > 0 || counts.stored_bytes == 0,
            "memory is held for nobody");
    require(counts.sessions > 0 || counts.subscriptions == 0, "a subscription is left of nobody");
  }

 private:
  Play(std::uint8_t first, const Input& in)
      : in_(in), server_(faults_of(first), (first & 8U) != 0 ? 300 : 1 << 20) {
    if (!server_.open("127.0.0.1", 0)) expect(false, "listen");
  }

  void turn() {
    server_.poller().wake();
    server_.turn();
    for (Client& client : clients_)
      if (client.open()) client.read();
  }

  void act(Client& client, unsigned what) {
    const PacketId id = 1 + (what & 3U);
    switch (what % 12) {
      case 0:
        return client.send(in_.bytes(in_.byte()));
      case 1:
        return connect(client);
      case 2:
      case 3:
        return publish(client, id);
      case 4:
        return subscribe(client, id);
      case 5:
        return client.send(Puback{{id, ReasonCode::success, {}}});
      case 6:
        return client.send(
            Pubrec{{id, in_.byte() < 200 ? ReasonCode::success : ReasonCode::quota_exceeded, {}}});
      case 7:
        return client.send(Pubcomp{{id, ReasonCode::success, {}}});
      case 8:
        return client.send(Pubrel{{id, ReasonCode::success, {}}});
      case 9: {
        const std::string filter(topic());
        return client.send(Unsubscribe{id, {}, {filter}});
      }
      case 10:
        return (what & 4U) != 0 ? client.close() : client.end();
      default:
        return client.send(
            Disconnect{(what & 4U) != 0 ? ReasonCode::success : ReasonCode::disconnect_with_will, {}});
    }
  }

  std::string_view topic() {
    constexpr std::string_view topics[] = {"a",  "a/b", "a/+", "#",         "+/b",        "$share/g/a/#",
                                           "$x", "",    "/",   "a/b/c/d/e", "$share/g/+", "+/+/#"};
    const std::uint8_t choice = in_.byte();
    return choice < 240 ? topics[choice % std::size(topics)] : in_.bytes(choice - 239U);
  }

  void connect(Client& client) {
    const std::uint8_t choice = in_.byte(), more = in_.byte();
    constexpr Version versions[] = {Version::v31, Version::v311, Version::v5, Version::v5};
    constexpr std::string_view names[] = {"x", "y", "z", ""};
    PropertyList list, wills;
    Connect packet;
    packet.version = versions[choice & 3U];
    packet.clean_start = (choice & 4U) != 0;
    packet.client_id = names[choice >> 3U & 3U];
    if (packet.client_id.empty() && packet.version != Version::v5) packet.client_id = "w";
    if (packet.version == Version::v5) {
      if ((more & 1U) != 0)
        (void)list.add(PropertyId::session_expiry_interval, more & 2U ? 0xFFFFFFFF : 100U);
      if ((more & 4U) != 0) (void)list.add(PropertyId::receive_maximum, 1U);
      if ((more & 8U) != 0) (void)list.add(PropertyId::maximum_packet_size, 20U);
      if ((more & 16U) != 0) (void)wills.add(PropertyId::will_delay_interval, more & 32U ? 0U : 50U);
      packet.properties = list.view();
    }
    if ((choice & 32U) != 0) {
      packet.will = Will{.topic = "a/b",
                         .payload = "gone",
                         .qos = static_cast<QoS>((more >> 6U) % 3),
                         .retain = (choice & 64U) != 0,
                         .properties = wills.view()};
    }
    client.speak(packet.version);
    client.send(packet);
  }

  void publish(Client& client, PacketId id) {
    const std::uint8_t choice = in_.byte();
    const QoS qos = static_cast<QoS>((choice & 3U) % 3);
    PropertyList list;
    if ((choice & 16U) != 0) (void)list.add(PropertyId::topic_alias, 1U + (choice >> 6U));
    if ((choice & 32U) != 0) (void)list.add(PropertyId::message_expiry_interval, choice >> 7U);
    const std::string name(topic());
    const Bytes payload = in_.bytes((choice & 8U) != 0 ? 0 : in_.byte() % 64);
    client.send(Publish{.dup = qos != QoS::at_most_once && (choice & 64U) != 0,
                        .qos = qos,
                        .retain = (choice & 4U) != 0,
                        .topic = name,
                        .packet_id = qos == QoS::at_most_once ? PacketId{0} : id,
                        .properties = list.view(),
                        .payload = payload});
  }

  void subscribe(Client& client, PacketId id) {
    const std::uint8_t choice = in_.byte();
    PropertyList list;
    if ((choice & 4U) != 0) (void)list.add(PropertyId::subscription_identifier, 1U + (choice >> 5U));
    const std::string first(topic()), second(topic());
    const Subscription one{.filter = first,
                           .qos = static_cast<QoS>((choice & 3U) % 3),
                           .no_local = (choice & 8U) != 0,
                           .retain_as_published = (choice & 16U) != 0,
                           .retain_handling = static_cast<RetainHandling>((choice >> 5U) % 3)};
    Subscription other = one;
    other.filter = second;
    client.send(Subscribe{id, list.view(), {one, other}});
  }

  Input in_;
  sink::Server server_;
  std::array<Client, 3> clients_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Play(Input(data, size)).run();
  return 0;
}
