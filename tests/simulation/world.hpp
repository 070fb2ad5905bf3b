// One run of the simulation: a session and a model broker, joined by links that split, delay and cut, and
// driven by a scheduler. Everything follows from the seed.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker.hpp"
#include "link.hpp"
#include "session/session.hpp"

namespace mq {

struct Outcome {
  std::string violation;    // empty: none
  std::uint64_t trace = 0;  // of all that the session did
  std::size_t published = 0;
  std::size_t arrived = 0;
  std::size_t connections = 0;
  std::size_t doubles = 0;
};

// `copies`: at random moments the session is replaced by its copy, which must change nothing.
Outcome simulate(std::uint64_t seed, Mutation mutation = Mutation::none, bool copies = false);

class World {
 public:
  World(std::uint64_t seed, Mutation mutation, bool copies);
  // Throws Violation.
  void run();
  Outcome outcome() const;

 private:
  struct Published {
    std::string topic;
    QoS qos = QoS::at_most_once;
    Ticket ticket = 0;
    PacketId id = 0;     // under which it is open
    bool ended = false;  // the session has said so
    bool refused = false;
  };

  // What may happen.
  void act();
  void publish();
  void connect();
  void cut();
  void subscribe();
  void acknowledge();
  void fall_silent();
  void restart();
  void use_up_identifiers();

  // Lets time pass, with everything that falls due on the way.
  void pass(Duration time);
  void pump();
  void tick();
  void write();
  void read();
  void take(const Event& event);
  void arrived(const Message& message);
  void ended(Ticket ticket, bool refused);
  void observe(Bytes output);
  void observe(const Publish& packet);
  void close(Published& published);
  void come_to_rest();
  void check_end() const;
  static void expect(bool right, const std::string& what);
  void note(std::uint64_t value) { trace_ = (trace_ ^ value) * 0x100000001B3U; }

  Random random_;
  Random copying_;
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
  bool welcomed_ = false;  // CONNACK has come on this connection
  bool known_ = false;     // or on any
  bool silent_ = false;    // the broker answers nothing: the session may give it up
  Time impaired_{};        // when last it, or the reader, stood still
  std::size_t link_capacity_ = 0;
  Buffer unobserved_;
  std::optional<Time> last_sent_;

  std::vector<Published> published_;  // by number
  std::map<Ticket, std::uint64_t> by_ticket_;
  std::map<PacketId, std::uint64_t> open_ids_;                    // of publishes
  std::set<std::uint64_t> under_way_;                             // sent on this connection
  std::set<PacketId> releases_;                                   // PUBRELs of this connection
  std::vector<std::pair<Ticket, std::uint64_t>> unacknowledged_;  // tickets, deliveries
  std::map<std::uint64_t, int> arrived_;                          // by delivery
  std::vector<std::uint64_t> arrival_order_;                      // first times
  std::size_t doubles_ = 0;
  std::size_t connections_ = 0;
  std::uint64_t trace_ = 0xCBF29CE484222325U;
};

}  // namespace mq
