// Output of all connections, and the rule that keeps it bounded without losing anything: while more than a
// mark waits for one connection, what others publish is held. Only what a congested connection publishes goes
// on, because its acknowledgements may stand behind that in its stream, up to a second mark.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "sink/connection.hpp"
#include "sink/poller.hpp"

namespace mq::sink {

class Flow {
 public:
  static constexpr std::size_t high_mark = 1U << 20U;
  static constexpr std::size_t low_mark = high_mark / 2;
  static constexpr std::size_t last_mark = 16 * high_mark;
  static constexpr std::size_t overall_mark = 256 * high_mark;

  struct Handlers {
    std::function<void(Connection&)> has_room;  // one with a session, which has just been written to
    std::function<void()> before_write;         // that comes before a flush
  };
  Flow(Poller& poller, Handlers handlers) : poller_(poller), handlers_(std::move(handlers)) {}

  // To append to; then appended() must be called. What a peer that is gone can't take is thrown away: its end
  // shows when what it has sent is read.
  Output& output(Connection& connection) {
    if (connection.output == nullptr) connection.output = pool_.take();
    return *connection.output;
  }
  void appended(Connection& connection) {
    if (!connection.dirty) {
      connection.dirty = true;
      dirty_.push_back(&connection);
    }
    if (unsent(connection) >= early_write) relieve(connection);
  }
  static std::size_t unsent(const Connection& connection) {
    return connection.output == nullptr ? 0 : connection.output->unsent().size();
  }
  // For what waits in the sink itself, which alone congests nothing.
  static bool room(const Connection& connection) { return unsent(connection) < low_mark; }

  // What waits for a connection in its session has changed.
  void weigh(Connection& connection);

  // Whether what it publishes must wait.
  bool holds(const Connection& connection) const {
    return congested_ > 0 && (!connection.congested || choked_ > 0);
  }
  bool holding() const { return congested_ > 0; }
  // Whether holds() has changed for any connection since the last call.
  bool changed() { return std::exchange(changed_, false); }

  // Writes to all that have output, once each. What has_room adds then is left for the next time.
  void flush();
  bool has_output() const { return !dirty_.empty(); }
  void writable(Connection& connection);  // its socket takes bytes again
  void forget(Connection& connection);    // its output too

  void watch(Connection& connection, std::uint32_t events);  // its socket

  std::uint64_t bytes_sent() const { return bytes_sent_; }

 private:
  static constexpr std::size_t early_write = 256U << 10U;

  static bool blocked(const Connection& connection) { return (connection.events & EPOLLOUT) != 0; }
  void relieve(Connection& connection);
  void write(Connection& connection);
  void set_pressure(Connection& connection, std::size_t pressure);

  Poller& poller_;
  Handlers handlers_;
  OutputPool pool_;
  std::vector<Connection*> dirty_, writing_;
  std::size_t total_ = 0;                   // bytes that wait
  bool overall_ = false;                    // that is more than may be
  std::size_t congested_ = 0, choked_ = 0;  // connections, and one more each when overall_
  bool changed_ = false;
  std::uint64_t bytes_sent_ = 0;
};

}  // namespace mq::sink
