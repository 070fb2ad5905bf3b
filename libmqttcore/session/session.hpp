// MQTT's rules for a client, without I/O and without a clock: it is told of bytes, time and losses, and is
// asked for bytes to write, events and its next deadline. One object for all versions and for the whole life
// of an MQTT session, over any number of network connections. Plain data: copyable, nothing shared.
//
// The driver's duties: write pending_output(); hand over what it reads; pull next_event() until it is empty,
// also after written() (a session whose output is full takes no more input); call tick() when deadline() has
// come. Not pulling events is back-pressure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "session/aliases.hpp"
#include "session/config.hpp"
#include "session/event.hpp"
#include "session/inbox.hpp"
#include "session/keep_alive.hpp"
#include "session/limits.hpp"
#include "session/outbox.hpp"
#include "wire/frame.hpp"

namespace mq {

// What of the session's state has changed, for an owner that keeps it elsewhere. The end of a publish comes
// as an event, and so does the loss of all that the server knew (Connected without session present).
struct SessionChange {
  enum class Kind : std::uint8_t {
    identified,  // the publish `ticket` has the identifier `id`, its first one or a new one
    received,    // PUBREC has come for it: from here on PUBREL is sent [MQTT-4.3.3-6]
    released     // PUBREL has come: `id` is no longer held [MQTT-4.3.3-11]
  };
  Kind kind = Kind::identified;
  PacketId id = 0;
  Ticket ticket = 0;  // 0 for released
};

class Session {
 public:
  // `config` has passed check().
  explicit Session(SessionConfig config);

  // The network connection.
  void transport_up(Time now);  // queues CONNECT [MQTT-3.1.0-1]
  void transport_down();        // what was unacknowledged is kept for the next one
  void received(Bytes bytes, Time now);
  bool tick(Time now);  // whether a PINGREQ is due; it is put out behind all else
  // So many bytes of this connection's output have not got to the peer. To be told before tick().
  void backlog(std::size_t bytes, Time now);
  // Whether the driver takes messages: while it doesn't, silence from the server proves nothing.
  void reading(bool on, Time now);

  // The view stays as it is, whatever else is called, until written() has taken all of it.
  Bytes pending_output();
  void written(std::size_t size);
  std::size_t output_size() const { return writing_.size() - written_ + output_.size(); }

  // The next event, or nullptr; it lives until the next call of next_event() or received().
  const Event* next_event(Time now);
  std::optional<Time> deadline() const;

  // Requests. An error leaves everything as it was: kind usage for what MQTT forbids, denied for what this
  // server doesn't take, lost where a connection is needed and there is none.
  // What must stay is copied. The rules: 5.0, 3.3 for publishes, 3.8 and 3.10 for filters (4.7, 4.8.2).
  // QoS 0 needs a connection. QoS 1 and 2 may be published without one; they end with a Published or Dropped.
  // The packet identifier and DUP in `message` are not looked at. A topic alias property is obeyed; without
  // one automatic_topic_aliases may add it.
  Result<Ticket> publish(const Publish& message, Time now) { return publish(Publish(message), now); }
  Result<Ticket> publish(Publish&& message, Time now);  // spares the copy
  // False while the window of unacknowledged messages, or the output, is full: publish() then fails.
  bool can_publish(QoS qos) const;
  Result<Ticket> subscribe(const std::vector<Subscription>& subscriptions, Properties properties, Time now);
  Result<Ticket> unsubscribe(const std::vector<std::string_view>& filters, Properties properties, Time now);
  // For manual_acknowledgement: the answer leaves as soon as all that came before it are acknowledged.
  // Tickets of messages that will come again are passed over. Reason strings and user properties that make
  // the packet too large for the server are left out.
  Result<void> acknowledge(Ticket ticket, Time now, ReasonCode reason = ReasonCode::success,
                           Properties properties = {});
  // The last packet of this connection [MQTT-3.14.4-1]. The driver then writes, shuts down and reads to the
  // end.
  Result<void> disconnect(ReasonCode reason, Properties properties, Time now);
  // Answer to Challenged [MQTT-4.12.0-3], and the start of a new exchange [MQTT-4.12.1-1]; `data` may be
  // empty.
  Result<void> authenticate(Bytes data, Time now);
  Result<void> reauthenticate(Bytes data, Time now);
  // The authentication data of the CONNECTs to come: each begins an exchange of its own.
  Result<void> set_authentication_data(Bytes data);

  bool connected() const { return phase_ == Phase::up; }
  // Connection over: nothing more will be said on it; what is pending is to be written and the transport
  // closed.
  bool over() const { return phase_ == Phase::over; }
  const std::string& client_id() const { return config_.client_id; }  // also the one that the server assigned
  // The next connection is to a server that does not know the session: what was received is forgotten.
  void other_server() { inbox_.session_lost(); }
  // While there is no connection, for the next one. What the session holds and its client identifier stay;
  // where the version becomes one below 5.0, messages lose their properties.
  void change(SessionConfig config);
  const SessionConfig& config() const { return config_; }
  const Limits& limits() const { return limits_; }
  // Publishes at QoS 1 and 2 that the server's receive maximum holds back: one at QoS 0 would overtake them.
  bool holds_back() const { return queue_head_ < queue_.size(); }
  std::size_t unacknowledged() const { return outbox_.publishes(); }
  // Messages at QoS 0 that were accepted and had not been handed to a transport when it was lost.
  std::uint64_t unsent() const { return unsent_; }

  // With config.keeps_changes: what has changed since clear_changes(), in its order. To be looked at after
  // each call, or at least before what it has put out is written.
  const std::vector<SessionChange>& changes() const { return changes_; }
  void clear_changes() { changes_.clear(); }

  // How much has been put out on this connection, and how much of that is written.
  std::uint64_t output_end() const { return written_in_all_ + output_size(); }
  std::uint64_t written_in_all() const { return written_in_all_; }

  // The session's state as bytes, for another run of the program: identifiers held at QoS 2 and
  // unacknowledged publishes. `wall` is seconds since 1970, so that expiry goes on counting meanwhile.
  Buffer save(Time now, std::int64_t wall) const;
  // Takes such bytes, which may be anything: kind malformed. Before the first transport_up(). The publishes
  // get the tickets 1, 2, 3 and so on, in their order.
  Result<void> restore(Bytes saved, Time now, std::int64_t wall);

 private:
  enum class Phase : std::uint8_t { down, connecting, up, over };

  const Event* next_other_event(Time now);

  // session_receive.cpp: one packet each, which may set event_; an error ends the connection.
  Bytes rest() const { return Bytes(input_).substr(consumed_); }
  void report(Event event) {
    event_ = std::move(event);
    has_event_ = true;
  }
  // The end of a publish comes by the million: made in its place.
  void report_published(Ticket ticket, ReasonCode reason, Properties properties) {
    event_.emplace<Published>(ticket, reason, properties);
    has_event_ = true;
  }
  Result<std::optional<Frame>> answer_to_connect() const;
  Result<void> handle(const Frame& frame, Time now);
  // The ways of all that is ordinary, to be short; false leaves the next packet to handle().
  bool take_plain_message(Time now);
  bool take_plain_ack(Time now);
  // Messages are decoded where they are going to stay.
  Message& message_in_place() {
    auto* message = std::get_if<Message>(&event_);
    return message ? *message : event_.emplace<Message>();
  }
  void note_plain_arrival(Message& message, Time now);
  Result<void> handle_publish(const Frame& frame);
  Result<void> resolve_alias(Publish& publish);
  Result<void> note_arrival(Message& message);
  Result<void> on(const Connack& packet, Time now);
  Result<void> on(const Puback& packet);
  Result<void> on(const Pubrec& packet);
  Result<void> on(const Pubrel& packet);
  Result<void> on(const Pubcomp& packet);
  Result<void> on(const Suback& packet);
  Result<void> on(const Unsuback& packet);
  Result<void> on(const Disconnect& packet);
  Result<void> on(const Auth& packet);
  Result<void> check_problem_information(Properties properties) const;
  Result<void> check_authentication_method(Properties properties) const;
  void acknowledge_arrival(const Arrival& arrival);
  void changed(SessionChange change) {
    if (config_.keeps_changes) changes_.push_back(change);
  }
  void flush_acknowledgements();
  Event break_off(Error error, Time now);

  // session_publish.cpp, session_request.cpp
  Result<void> write_connect();
  Result<void> check_request(std::string_view what) const;
  Result<Ticket> publish_now(Publish& message, Time now);
  Result<Ticket> publish_kept(Publish& message, Time now);
  Result<void> check_alias(std::uint32_t alias) const;
  Result<void> append_publish(const Publish& message);
  void mark_sent(Outgoing& entry, Time now);
  void lower(Outgoing& entry);
  bool send_queued(Outgoing& entry, Time now);
  void drain_queue(Time now);
  void keep_for(Version version);
  void resume(bool session_present, Time now, std::uint32_t& possible_doubles);
  Result<Ticket> request(Packet packet, OutStage stage, std::size_t filters, Time now);
  Result<void> append_with_room(Packet packet);
  Result<void> send_auth(ReasonCode reason, Bytes data, Time now);

  SessionConfig config_;
  Phase phase_ = Phase::down;
  bool has_state_ = false;        // of a session that the server may hold too
  std::uint32_t largest_packet_;  // that the server may send
  bool clean_start_ = false;      // what the last CONNECT said

  // Of the connection.
  Limits limits_;
  KeepAlive keep_alive_;
  std::optional<Time> connack_deadline_;
  InboundAliases inbound_aliases_;
  OutboundAliases outbound_aliases_;

  // Of the session.
  Outbox outbox_;
  Inbox inbox_;
  // What inbox_ holds may be from restore(), and of a session that the server has lost since.
  bool holds_of_before_ = false;
  // While up: publishes to be sent when the window allows, oldest first, from queue_head_.
  std::vector<PacketId> queue_;
  std::size_t queue_head_ = 0;
  // Publishes sent on this connection and not ended: they use up the server's receive maximum.
  std::size_t in_flight_ = 0;
  Ticket last_ticket_ = 0;
  std::vector<SessionChange> changes_;
  std::vector<Event> waiting_;  // events without views that no packet brings, newest first

  Event event_;  // what next_event() gives out; a Message stays in place for the next one
  bool has_event_ = false;
  Buffer input_;
  std::size_t consumed_ = 0;
  Buffer writing_;  // handed out by pending_output()
  std::size_t written_ = 0;
  std::uint64_t written_in_all_ = 0;  // on this connection
  std::uint64_t pingreq_end_ = 0;     // of the last one, in the output
  std::uint64_t unsent_ = 0;
  Buffer output_;  // behind it
};

}  // namespace mq
