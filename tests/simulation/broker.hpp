// A model of a server for one client: its own simple state, made with nothing but packets <-> bytes. It does
// what MQTT lets a server do (answers late, refuses, loses the session, sends what it owes again) and throws
// a Violation at what MQTT does not let a client do.
//
// Every publish of the client's begins with "u" and its number, every message for it with "d" and the number
// of the delivery, so that both sides can be counted.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "mutation.hpp"
#include "random.hpp"
#include "wire/packet.hpp"

namespace mq {

struct Violation {
  std::string text;
};

struct BrokerTraits {
  bool accepts_at_release = false;  // takes a QoS 2 message over at PUBREL, not at PUBLISH
  bool answers_late = false;        // in order, unless it shuffles
  bool shuffles_answers = false;    // to publishes
  bool repeats = false;             // a PUBLISH of its own on the same connection, as 3.x lets it
  bool high_identifiers = false;    // its own begin just below the wrap
  std::size_t refuses_one_in = 0;   // of the client's publishes, 5.0 alone
};

// What its CONNACK says.
struct BrokerLimits {
  std::uint16_t receive_maximum = 65535;
  std::uint16_t topic_alias_maximum = 0;
  std::uint32_t maximum_packet_size = 0xFFFFFFFF;
  QoS maximum_qos = QoS::exactly_once;
  bool retain = true;
};

struct Delivery {
  std::uint64_t number = 0;
  std::string topic;
  QoS qos = QoS::at_most_once;
  std::size_t padding = 0;
  bool owed = true;  // false: lost with the session or too large for the client, as is a server's right
};

class Broker {
 public:
  Broker(Version version, BrokerTraits traits, std::uint64_t seed, Mutation mutation);

  void connected();
  void disconnected();
  // Bytes from the client; answers go to output.
  void received(Bytes bytes);
  // Sends what is due: held answers, messages that wait.
  void work();
  // A message from somebody else.
  void publish(std::string_view topic, QoS qos, std::size_t padding);
  void lose_session();
  void leave();  // DISCONNECT
  bool idle() const {
    return held_.empty() && session_.open.empty() && session_.queue.empty() && output.empty();
  }

  Buffer output;
  bool closed = false;  // by DISCONNECT, whoever sent it
  BrokerLimits limits;  // of the next connection
  bool fresh = false;   // this connection has begun the session
  bool hurry = false;   // holds nothing back any more

  // How often each publish of the client's was taken over, and in which order for the first time.
  std::map<std::uint64_t, int> accepted;
  std::vector<std::uint64_t> acceptance_order;
  std::vector<Delivery> deliveries;  // by number

 private:
  struct Stored {
    std::uint64_t number = 0;
    std::string topic;
    QoS qos = QoS::exactly_once;
    std::size_t size = 0;
  };
  struct Outbound {
    std::uint64_t delivery = 0;
    PacketId id = 0;
    bool released = false;  // PUBREL is out
    bool here = false;      // sent on this connection
  };
  struct SessionState {
    bool exists = false;
    std::map<PacketId, Stored> incoming;  // QoS 2, not released
    std::vector<Outbound> open;           // in order of sending
    std::deque<std::uint64_t> queue;
    std::map<std::string, QoS> subscriptions;
  };
  struct Answer {
    Buffer bytes;
    PacketId asks_for_release = 0;  // PUBREC of success
  };

  // broker_receive.cpp
  void on(const Connect& packet);
  void on(const Publish& packet);
  void on(const Puback& packet);
  void on(const Pubrec& packet);
  void on(const Pubrel& packet);
  void on(const Pubcomp& packet);
  void on(const Subscribe& packet);
  void on(const Unsubscribe& packet);
  void on(const Pingreq& packet);
  void on(const Disconnect& packet);
  void on(const auto&) { throw Violation{"the client sent a packet that it never should"}; }
  void check_limits(const Publish& packet) const;
  std::string topic_of(const Publish& packet);
  void expect(std::deque<PacketId>& order, PacketId id, std::string_view what) const;

  void send(const Packet& packet);
  void send(const Answer& answer);
  void answer(const Packet& packet, bool to_publish = false);  // perhaps later
  PropertyList connack_properties();
  void accept(const Stored& message);
  void route(std::string_view topic, QoS qos, std::size_t padding);
  void send_queued();
  void send_open(Outbound& outbound, bool dup);
  bool too_large(const Delivery& delivery) const;
  Outbound* find(PacketId id);
  void close(PacketId id);
  PacketId free_id();

  Version version_;
  BrokerTraits traits_;
  Random random_;
  Mutation mutation_;
  SessionState session_;
  BrokerLimits limits_before_;
  std::string client_id_;
  std::uint32_t assigned_ = 0;
  PacketId last_id_ = 0;

  // Of the connection.
  bool open_ = false;
  bool greeted_ = false;  // CONNECT has come
  Buffer input_;
  std::vector<Answer> held_;
  std::size_t held_publish_answers_ = 0;
  std::size_t client_receive_maximum_ = 65535;
  std::uint32_t client_packet_size_ = 0xFFFFFFFF;
  std::uint32_t client_alias_maximum_ = 0;
  std::map<std::uint32_t, std::string> client_aliases_;  // theirs
  std::map<std::string, std::uint32_t> aliases_;         // ours
  std::deque<PacketId> puback_order_;
  std::deque<PacketId> pubrec_order_;
  std::deque<PacketId> pubrel_order_;  // as our PUBRECs asked for them
};

}  // namespace mq
