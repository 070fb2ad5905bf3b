// A sink's MQTT: connections, what their packets mean, and when they end. Runs in one thread, which calls
// turn() again and again; owns everything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sink/board.hpp"
#include "sink/connection.hpp"
#include "sink/counts.hpp"
#include "sink/delivery.hpp"
#include "sink/faults.hpp"
#include "sink/flow.hpp"
#include "sink/listener.hpp"
#include "sink/message.hpp"
#include "sink/poller.hpp"
#include "sink/retained.hpp"
#include "sink/router.hpp"
#include "sink/routing.hpp"
#include "sink/session.hpp"
#include "wire/frame.hpp"
#include "wire/packet.hpp"
#include "wire/plain.hpp"

namespace mq::sink {

class Server {
 public:
  Server(SinkFaults faults, std::size_t stored_limit);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  Result<void> open(const std::string& address, std::uint16_t port);
  std::uint16_t port() const { return listener_.port(); }
  Poller& poller() { return poller_; }

  // Waits for events, deals with them and sends what that made.
  void turn();
  SinkCounts counts() const { return board_.read(); }  // from any thread

 private:
  // server.cpp: connections, bytes, the end
  void flush();
  void show_counts();
  void accept_all();
  void on_event(Connection& connection, std::uint32_t events);
  void read(Connection& connection);
  void take_input(Connection& connection, Bytes input);
  std::size_t take(Connection& connection, Bytes input);
  void leave(Connection& connection);
  void sweep();
  void close(Connection& connection);
  void bury();

  // held.cpp: what waits until subscribers have caught up
  bool must_hold(const Connection& connection, PacketType type) const;
  void hold(Connection& connection, Bytes packet);
  void read_on(Connection& connection);
  void release_held();

  // packets.cpp: what packets mean
  void on_frame(Connection& connection, const Frame& frame, Bytes packet);
  void on_ack(Connection& connection, const PlainAck& ack);
  void refuse(Connection& connection, const Error& error);
  void on_subscribe(Connection& connection, const Subscribe& packet);
  void on_unsubscribe(Connection& connection, const Unsubscribe& packet);
  void on_pubrel(Connection& connection, const Pubrel& packet);
  void send(Connection& connection, const Packet& packet);

  // publish.cpp
  void on_publish(Connection& connection, Publish packet);
  void take_publish(Connection& connection, const Publish& packet);
  std::string* topic_of_alias(Connection& connection, std::uint32_t alias);
  ReasonCode verdict(const Connection& connection, const Publish& packet) const;
  void refuse_publish(Connection& connection, const Publish& packet, ReasonCode reason);
  void accept(const Publish& packet, const Session* from);

  // visits.cpp: how a client comes and goes
  void on_connect(Connection& connection, const Connect& packet);
  void welcome(Connection& connection, const Connect& packet, std::string client_id);
  void refuse_connect(Connection& connection, Version version, ReasonCode reason);
  void on_disconnect(Connection& connection, const Disconnect& packet);
  void take_over(Connection& old);
  void detach(Connection& connection, bool with_will);
  void end_later(Session& session);
  void stay(Session& session);
  void end_session(Session& session);
  void keep_will(Session& session, const Connect& packet);
  void publish_will(Session& session);

  SinkFaults faults_;
  Poller poller_;
  Listener listener_;
  MessageStock stock_;
  Sessions sessions_;
  Router router_;
  Retained retained_;
  SinkCounts counts_;
  Board board_;
  Flow flow_;
  Delivery delivery_;
  Routing routing_;
  std::unique_ptr<char[]> buffer_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> held_;
  std::vector<Connection*> closed_;
  bool sweeping_ = false;
  std::size_t unflushed_ = 0;  // bytes of input since the last flush
  Buffer scratch_;
};

}  // namespace mq::sink
