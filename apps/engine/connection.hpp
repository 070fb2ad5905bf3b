// A session of a load on the network: what client/client.hpp is to a program, without all that a hundred
// thousand of them can do without (lists of servers, tracing, timers of their own): 4 KiB each, everything
// included. Its owner opens it again when it was lost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/connecting.hpp"
#include "engine/poller.hpp"
#include "session/session.hpp"

namespace mq {

class Connection;

// What the kernel says of sockets that had something to send: for how long, and how much of that the peer's
// window was full. Microseconds; retransmissions in segments.
struct SocketTimes {
  std::uint64_t busy = 0, peer_full = 0, retransmitted = 0;

  void add(const SocketTimes& other) {
    busy += other.busy;
    peer_full += other.peer_full;
    retransmitted += other.retransmitted;
  }
};

// Called from a turn, never from within a call of the owner's. It may not destroy the connection.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  // Events but for the ends of connections; views live until the call returns.
  virtual void on_event(Connection& connection, const Event& event) = 0;
  // What had come is delivered, or output has been written: there may be room for more.
  virtual void on_room(Connection& connection) = 0;
  // The connection is over: left as asked (no error), refused, lost, or never made.
  virtual void on_end(Connection& connection, const std::optional<Error>& why) = 0;
};

class Connection {
 public:
  Connection(Poller& poller, ConnectionOwner& owner, SessionConfig config);

  // Not while one is open. `limit`: for all up to CONNACK.
  void open(const Target& target, WayIn& way, Duration limit);
  // DISCONNECT; then the server has `patience` to close, for whoever closes first keeps the port for a
  // minute.
  void leave(Duration patience);
  // Closes without a word: on_end is not called.
  void drop();
  // The owner has asked the session for something: it leaves now.
  void flush();
  // Also while nothing happens; to be called when deadline() has come.
  void tick();
  std::optional<Time> deadline() const;

  Session& session() { return session_; }
  const Session& session() const { return session_; }
  bool open() const { return phase_ == Phase::open; }
  bool idle() const { return phase_ == Phase::idle; }
  std::optional<Duration> tls_time() const { return tls_time_; }
  // Of the connection that is open.
  void add_socket_times(SocketTimes& times) const;
  // Bytes of MQTT of all connections so far.
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  enum class Phase : std::uint8_t { idle, opening, open, leaving };

  void opened(Result<std::unique_ptr<Transport>> transport);
  void read();
  void took(Result<Bytes> bytes);
  void pump();
  void wrote(std::size_t size, const Result<void>& result);
  void end(std::optional<Error> why);

  Poller& poller_;
  ConnectionOwner& owner_;
  Session session_;
  std::unique_ptr<Connecting> connecting_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Transport> retired_;  // closed, but maybe still in the middle of calling us
  Ports* ports_ = nullptr;              // where the lease is from
  Ports::Lease lease_;
  Time limit_{};  // of opening and leaving
  std::optional<Duration> tls_time_;
  std::uint64_t bytes_sent_ = 0, bytes_received_ = 0;
  int socket_ = -1;  // only to be asked about: it is the transport's
  Phase phase_ = Phase::idle;
  bool read_pending_ = false;
  bool write_pending_ = false;
  bool write_failed_ = false;
  bool pumping_ = false;
};

}  // namespace mq
