// A session on a virtual clock, told what to do and asked what came of it, line by line:
//
//   Script s(config);
//   s.up();
//   s.sent("10 ...");
//   s.feed("20 03 00 00 00");
//   s.event<Connected>();
//   s.advance(60s);
//   s.sent(Pingreq{});
//
// Bytes stand as hexadecimal or as packets. What is not as it says fails the test at the caller's line. Views
// in what it returns live until its next call.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "session/session.hpp"

namespace mq {

using namespace std::chrono_literals;

inline constexpr std::array versions_3x = {Version::v31, Version::v311};
inline constexpr std::array all_versions = {Version::v31, Version::v311, Version::v5};

// Client "c", whose session outlives the connection, without keep alive.
SessionConfig config_of(Version version);

// Properties under construction: Props().set(PropertyId::receive_maximum, 2).
class Props {
 public:
  Props& set(PropertyId id, std::uint32_t number);
  Props& set(PropertyId id, std::string_view value);
  Props& user(std::string_view name, std::string_view value);
  // NOLINTBEGIN(google-explicit-constructor): reads like a literal
  operator Properties() const { return list_.view(); }
  operator PropertyList() const { return list_; }
  // NOLINTEND(google-explicit-constructor)

 private:
  PropertyList list_;
};

// Packets of both sides with what a test cares about first.
Publish message(QoS qos, std::string_view topic = "t", Bytes payload = "x", Properties properties = {});
Publish numbered(Publish publish, PacketId id, bool dup = false);
Puback puback(PacketId id, ReasonCode reason = ReasonCode::success, Properties properties = {});
Pubrec pubrec(PacketId id, ReasonCode reason = ReasonCode::success, Properties properties = {});
Pubrel pubrel(PacketId id, ReasonCode reason = ReasonCode::success, Properties properties = {});
Pubcomp pubcomp(PacketId id, ReasonCode reason = ReasonCode::success, Properties properties = {});
Connack accepted(bool session_present = false, Properties properties = {});

class Script {
 public:
  using Where = std::source_location;

  explicit Script(SessionConfig config) : session(std::move(config)) {}

  Session session;
  Time now{std::chrono::hours(24)};

  void up();
  void down();
  // up(), a CONNECT that it looks away from, the CONNACK, Connected.
  Connected connect(const Connack& connack = {}, Where where = Where::current());
  // The same after down().
  Connected reconnect(bool session_present, Properties properties = {}, Where where = Where::current());

  // From the server. Nothing is decoded until an event is asked for.
  void feed(std::string_view hex, Where where = Where::current());
  void feed(const Packet& packet, Where where = Where::current());

  // Exactly this has been sent since the last question.
  void sent(std::string_view hex, Where where = Where::current());
  // This is the next packet that has been sent.
  void sent(const Packet& packet, Where where = Where::current());
  void sent_nothing(Where where = Where::current());
  // The next packet that has been sent, which is of that type.
  template <class P>
  P take(Where where = Where::current()) {
    const Packet packet = take_packet(where);
    const P* taken = std::get_if<P>(&packet);
    if (taken == nullptr)
      ADD_FAIL_AT(where.file_name(), static_cast<int>(where.line()), "sent: " << shown(packet));
    return *taken;
  }
  // How many packets have been sent and not been asked for.
  std::size_t unasked();

  template <class E>
  E event(Where where = Where::current()) {
    const Event* next = session.next_event(now);
    if (!next || !std::holds_alternative<E>(*next))
      ADD_FAIL_AT(where.file_name(), static_cast<int>(where.line()), "event: " << shown(next));
    return std::get<E>(*next);
  }
  void no_event(Where where = Where::current());

  // Ticks at every deadline on the way.
  void advance(Duration time, Where where = Where::current());

  Ticket publish(const Publish& publish, Where where = Where::current());
  Ticket publish(QoS qos, std::string_view topic = "t", Where where = Where::current()) {
    return publish(message(qos, topic), where);
  }
  Ticket subscribe(std::string_view filter, QoS qos = QoS::exactly_once, Where where = Where::current());
  // The identifiers of the next `count` PUBLISH packets.
  std::vector<PacketId> take_publishes(std::size_t count, Where where = Where::current());

 private:
  void collect();
  Packet take_packet(Where where);
  std::string shown(const Packet& packet) const;
  static std::string shown(const Event* event);

  Buffer sent_;
  std::size_t taken_ = 0;
};

}  // namespace mq
