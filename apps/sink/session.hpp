// What the sink knows of a client identifier, connected or not: subscriptions, messages under way, messages
// that wait. Plain data, small while nothing is under way: there are many of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/time.hpp"
#include "sink/id_slots.hpp"
#include "sink/message.hpp"
#include "sink/poller.hpp"
#include "wire/packet.hpp"

namespace mq::sink {

struct Connection;
struct Filter;
struct Group;

// A PUBLISH of QoS 1 or 2 that a subscriber has not acknowledged.
struct Outbound {
  MessagePtr message;       // only in sessions that outlive their connection
  std::uint32_t order = 0;  // in which they were sent first
  QoS qos = QoS::at_least_once;
  bool retain = false;
  bool released = false;  // PUBREC has come: it waits for PUBCOMP
  bool counted = true;    // against the window of this connection
};

struct Waiting {
  MessagePtr message;
  QoS qos = QoS::at_most_once;
  bool retain = false;
};

// First in, first out; hardly any memory while it is empty.
class WaitingLine {
 public:
  bool empty() const { return first_ == messages_.size(); }
  std::size_t count() const { return messages_.size() - first_; }
  std::size_t bytes() const { return bytes_; }
  void push(Waiting waiting);
  Waiting pop();
  void clear();

 private:
  std::vector<Waiting> messages_;
  std::size_t first_ = 0;
  std::size_t bytes_ = 0;
};

struct Membership {
  Filter* filter = nullptr;
  Group* group = nullptr;   // of a shared subscription
  std::uint32_t index = 0;  // among the subscribers of either
};

// Retained messages that a new subscription is still to get.
struct Replay {
  std::string filter;  // without "$share/..."
  std::string last;    // the topic that was last; empty before the first
  QoS qos = QoS::at_most_once;
  std::uint32_t identifier = 0;
};

// A fault: goes when `left` messages more have gone to the subscriber.
struct HeldBack {
  Waiting message;
  std::uint32_t left = 0;
};

struct WillMessage {
  MessagePtr message;
  bool retain = false;
  Duration delay{};
  std::optional<Poller::Due> due{};  // while the delay passes
};

// What few sessions have.
struct Extra {
  std::vector<PacketId> resend;  // after a reconnect, the last one first
  std::vector<Replay> replays;
  std::vector<HeldBack> held_back;
  WillMessage will;
  std::optional<Poller::Due> end;  // when an absent session ends
};

struct Session {
  std::string client_id;
  Connection* connection = nullptr;  // null while it is absent
  std::unique_ptr<Extra> extra;
  std::vector<Membership> memberships;
  IdSlots<Outbound> outbound;
  struct Received {};
  IdSlots<Received> inbound;  // of QoS 2, not released yet
  WaitingLine waiting;
  Time ends = Time::max();        // while absent
  std::uint64_t route = 0;        // the routing that has it in its list
  std::uint32_t route_index = 0;  // where
  std::uint32_t serial = 0;       // no other session that ever was has it
  std::uint32_t expiry = 0;       // seconds; never_expires
  std::uint32_t next_order = 0;
  std::uint16_t window = 65535;  // the client's receive maximum
  std::uint16_t under_way = 0;   // how much of it is used
  PacketId last_id = 0;

  static constexpr std::uint32_t never_expires = 0xFFFFFFFF;

  bool persistent() const { return expiry != 0; }
  Extra& extras() {
    if (extra == nullptr) extra = std::make_unique<Extra>();
    return *extra;
  }
  bool resending() const { return extra != nullptr && !extra->resend.empty(); }
  PacketId free_id();
};

class Sessions {
 public:
  std::size_t count() const { return sessions_.size(); }
  Session* find(std::string_view client_id) const;
  Session& add(std::string client_id);
  void erase(Session& session);
  // For a client that has none.
  std::string new_client_id();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view id) const { return std::hash<std::string_view>{}(id); }
    std::size_t operator()(const std::unique_ptr<Session>& session) const {
      return (*this)(session->client_id);
    }
  };
  struct Equal {
    using is_transparent = void;
    static std::string_view id(std::string_view text) { return text; }
    static std::string_view id(const std::unique_ptr<Session>& session) { return session->client_id; }
    bool operator()(const auto& left, const auto& right) const { return id(left) == id(right); }
  };

  std::unordered_set<std::unique_ptr<Session>, Hash, Equal> sessions_;
  std::uint32_t last_serial_ = 0;
  std::uint64_t last_name_ = 0;
};

}  // namespace mq::sink
