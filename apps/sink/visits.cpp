// How clients come and go, and what is left of them.
#include <utility>

#include "sink/limits.hpp"
#include "sink/server.hpp"

namespace mq::sink {
namespace {

PropertyList announced(bool assigned, std::string_view client_id) {
  PropertyList properties;
  (void)properties.add(PropertyId::topic_alias_maximum, std::uint32_t{topic_alias_maximum});
  (void)properties.add(PropertyId::maximum_packet_size, max_packet);
  if (assigned) (void)properties.add(PropertyId::assigned_client_identifier, client_id);
  return properties;
}

}  // namespace

void Server::on_connect(Connection& connection, const Connect& packet) {
  ReasonCode reason = ReasonCode::success;
  if (packet.properties.contains(PropertyId::authentication_method))
    reason = ReasonCode::bad_authentication_method;
  if (sessions_.count() >= most_sessions) reason = ReasonCode::server_busy;
  if (faults_.refuse_connect && !is_failure(reason)) reason = faults_.refuse_connect(packet);
  if (is_failure(reason)) return refuse_connect(connection, packet.version, reason);
  connection.version = packet.version;
  if (faults_.close_after) {
    const std::uint64_t packets = faults_.close_after(packet);
    if (packets == 1) return close(connection);
    if (packets > 1) connection.packets_left = packets - 1;
  }
  welcome(connection, packet, std::string(packet.client_id));
}

void Server::refuse_connect(Connection& connection, Version version, ReasonCode reason) {
  connection.version = version;
  if (version != Version::v5 && reason == ReasonCode::unsupported_protocol_version) {
    flow_.output(connection).append(Bytes("\x20\x02\x00\x01", 4));
    flow_.appended(connection);
  } else {
    send(connection, Connack{.reason = reason, .properties = {}});
  }
  leave(connection);
}

void Server::welcome(Connection& connection, const Connect& packet, std::string client_id) {
  const bool assigned = client_id.empty();
  if (assigned) client_id = sessions_.new_client_id();
  Session* session = sessions_.find(client_id);
  if (session != nullptr && session->connection != nullptr) {
    take_over(*session->connection);
    session = sessions_.find(client_id);
  }
  if (session != nullptr && (packet.clean_start || session->ends <= poller_.now())) {
    end_session(*session);
    session = nullptr;
  }
  const bool present = session != nullptr;
  if (!present) session = &sessions_.add(std::move(client_id));
  session->connection = &connection;
  stay(*session);
  if (packet.version == Version::v5) {
    session->expiry = packet.properties.number(PropertyId::session_expiry_interval).value_or(0);
    session->window =
        static_cast<std::uint16_t>(packet.properties.number(PropertyId::receive_maximum).value_or(65'535));
    connection.max_packet =
        packet.properties.number(PropertyId::maximum_packet_size).value_or(connection.max_packet);
  } else {
    session->expiry = packet.clean_start ? 0 : Session::never_expires;
    session->window = 65'535;
  }
  if (session->extra != nullptr) session->extra->will = {};
  if (packet.will) keep_will(*session, packet);
  connection.session = session;
  connection.welcome = true;
  ++counts_.connections;
  const PropertyList properties = announced(assigned, session->client_id);
  send(connection, Connack{.session_present = present,
                           .reason = ReasonCode::success,
                           .properties = connection.modern() ? properties.view() : Properties{}});
  if (present) delivery_.resume(*session);
}

void Server::on_disconnect(Connection& connection, const Disconnect& packet) {
  Session& session = *connection.session;
  if (const auto expiry = packet.properties.number(PropertyId::session_expiry_interval)) {
    // [MQTT-3.1.2-23]
    if (session.expiry == 0 && *expiry != 0) {
      return refuse(connection, {.kind = ErrorKind::protocol,
                                 .text = "session expiry interval in DISCONNECT after 0 in CONNECT",
                                 .reason = value_of(ReasonCode::protocol_error)});
    }
    session.expiry = *expiry;
  }
  detach(connection, packet.reason != ReasonCode::success);  // [MQTT-3.14.4-3]
  leave(connection);
}

// [MQTT-3.1.4-3]
void Server::take_over(Connection& old) {
  if (old.modern()) send(old, Disconnect{ReasonCode::session_taken_over, {}});
  detach(old, true);
  leave(old);
}

void Server::detach(Connection& connection, bool with_will) {
  Session* const session = std::exchange(connection.session, nullptr);
  if (session == nullptr) return;
  --counts_.connections;
  session->connection = nullptr;
  flow_.weigh(connection);
  if (session->extra != nullptr && !with_will) session->extra->will = {};
  if (!session->persistent()) return end_session(*session);
  if (session->expiry != Session::never_expires)
    session->ends = poller_.now() + std::chrono::seconds(session->expiry);
  end_later(*session);
}

// The session, and before that its will.
void Server::end_later(Session& session) {
  if (session.extra != nullptr && session.extra->will.message) {
    WillMessage& will = session.extra->will;
    if (will.delay <= Duration::zero()) {
      publish_will(session);
    } else {
      will.due = poller_.at(poller_.now() + will.delay, [this, &session] {
        session.extra->will.due.reset();
        publish_will(session);
      });
    }
  }
  if (session.ends == Time::max()) return;
  session.extras().end = poller_.at(session.ends, [this, &session] {
    session.extra->end.reset();
    end_session(session);
  });
}

// What would come to pass if its client stayed away.
void Server::stay(Session& session) {
  session.ends = Time::max();
  if (session.extra == nullptr) return;
  for (auto* due : {&session.extra->will.due, &session.extra->end}) {
    if (*due) poller_.cancel(**due);
    due->reset();
  }
}

void Server::end_session(Session& session) {
  stay(session);
  publish_will(session);  // whatever its delay
  router_.unsubscribe_all(session);
  sessions_.erase(session);
}

void Server::keep_will(Session& session, const Connect& packet) {
  const Will& will = *packet.will;
  WillMessage& kept = session.extras().will;
  PropertyList properties(will.properties);
  properties.remove(PropertyId::will_delay_interval);
  const Publish publish{
      .qos = will.qos, .topic = will.topic, .properties = properties.view(), .payload = will.payload};
  kept.message = stock_.make(publish, Time::max());
  kept.retain = will.retain;
  kept.delay = std::chrono::seconds(will.properties.number(PropertyId::will_delay_interval).value_or(0));
}

void Server::publish_will(Session& session) {
  if (session.extra == nullptr) return;
  const WillMessage will = std::exchange(session.extra->will, {});
  if (!will.message) return;
  accept(Publish{.qos = will.message->qos(),
                 .retain = will.retain,
                 .topic = will.message->topic(),
                 .properties = will.message->properties(),
                 .payload = will.message->payload()},
         &session);
}

}  // namespace mq::sink
