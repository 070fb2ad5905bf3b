// One run of the simulation: a session and a model broker, joined by links that split, delay and cut, and
// driven through a schedule. Everything follows from the seed and the acts that are left of its schedule.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker.hpp"
#include "link.hpp"
#include "schedule.hpp"
#include "session/session.hpp"

namespace mq {

struct Outcome {
  std::string violation;    // empty: none
  std::uint64_t trace = 0;  // of all that the session did
  std::size_t published = 0;
  std::size_t arrived = 0;
  std::size_t connections = 0;
  std::size_t doubles = 0;
  std::size_t expired = 0;  // publishes that were given up
  std::size_t denied = 0;   // publishes that the server's limits forbade, at once or later
  std::size_t wrapped = 0;  // identifiers gone around, 1 or 0
};

struct Run {
  std::uint64_t seed = 0;
  Mutation mutation = Mutation::none;
  bool copies = false;  // at random moments the session is replaced by its copy, which must change nothing
};

Outcome simulate(const Run& run, const Schedule& schedule);
inline Outcome simulate(const Run& run) { return simulate(run, schedule_of(run.seed)); }

class World {
 public:
  explicit World(const Run& run);
  // Throws Violation.
  void run(const Schedule& schedule);
  Outcome outcome() const;

 private:
  struct Published {
    std::string topic;
    QoS qos = QoS::at_most_once;
    Ticket ticket = 0;
    std::optional<std::uint32_t> expiry;  // seconds
    Time since{};                         // when it was published
    std::uint64_t size = 0;               // of its packet
    bool retain = false;
    PacketId id = 0;     // under which it is open
    bool sent = false;   // on any connection
    bool ended = false;  // the session has said so
    bool refused = false;
    bool dropped = false;
    bool lowered = false;  // went out at a lower QoS, as was asked for
  };

  // world_acts.cpp: what may happen.
  void act(const Act& act);
  void publish(QoS qos);
  void flood();
  void deliver();
  void connect();
  void cut();
  void subscribe();
  void acknowledge();
  void fall_silent();
  void restart_server();
  void restart_client();
  void use_up_identifiers();
  bool denies(const Published& published) const;

  // world.cpp: lets time pass, with everything that falls due on the way.
  void pass(Duration time);
  void pump();
  std::optional<Time> deadline_told() const;
  void tick();
  void write();
  void read();
  void come_to_rest();

  // world_watch.cpp: what the session reports; world_output.cpp: what it sends.
  void take(const Event& event);
  void arrived(const Message& message);
  void ended(Ticket ticket, bool refused);
  void dropped(const Dropped& dropped);
  void close(Published& published);
  void check_end() const;
  void check_published(std::uint64_t number, std::size_t& more, std::size_t& missing) const;
  void check_order() const;
  void observe(Bytes output);
  Buffer observe(const Packet& packet, Bytes bytes);
  Buffer collide(const Publish& packet, Bytes bytes) const;
  bool overtaken(const Packet& packet, Bytes bytes);
  void observe(const Publish& packet);
  void observe_expiry(const Publish& packet, const Published& published) const;
  static void expect(bool right, const std::string& what);
  void note(std::uint64_t value) { trace_ = (trace_ ^ value) * 0x100000001B3U; }

  Random random_;
  Random copying_;
  Random chance_;  // of the present act
  bool copies_;
  Mutation mutation_;
  SessionConfig config_;
  BrokerTraits traits_;
  Session session_;
  Broker broker_;
  Link up_;
  Link down_;
  Time start_{std::chrono::hours(1)};
  Time now_ = start_;

  bool link_ = false;
  bool reading_ = true;
  bool broker_works_ = true;
  bool restarts_ = false;
  bool loses_session_ = false;
  bool refuses_ = false;
  bool limits_ = false;    // the server's change from one connection to the next
  bool expires_ = false;   // publishes may
  bool welcomed_ = false;  // CONNACK has come on this connection
  Time welcomed_at_{};
  bool known_ = false;   // CONNACK has come on any
  bool silent_ = false;  // the broker answers nothing: the session may give it up
  Time impaired_{};      // when last it, or the reader, stood still
  std::size_t link_capacity_ = 0;
  Buffer unobserved_;
  Buffer overtaken_;  // a packet that the next one goes before, as a mutation has it
  std::optional<Time> last_sent_;

  std::vector<Published> published_;  // by number
  std::map<Ticket, std::uint64_t> by_ticket_;
  std::map<PacketId, std::uint64_t> open_ids_;                    // of publishes
  std::set<std::uint64_t> under_way_;                             // sent on this connection
  std::vector<std::pair<Ticket, std::uint64_t>> unacknowledged_;  // tickets, deliveries
  std::map<std::uint64_t, int> arrived_;                          // by delivery
  std::vector<std::uint64_t> arrival_order_;                      // first times
  std::size_t doubles_ = 0;
  std::size_t connections_ = 0;
  std::size_t restarts_made_ = 0;
  std::size_t dropped_unknown_ = 0;  // of an earlier run of the program, whose tickets are not known
  std::size_t expired_ = 0;
  std::size_t denied_ = 0;
  bool near_the_wrap_ = false;
  std::uint64_t trace_ = 0xCBF29CE484222325U;
};

}  // namespace mq
