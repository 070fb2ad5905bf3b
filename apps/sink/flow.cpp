#include "sink/flow.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace mq::sink {

void Flow::weigh(Connection& connection) {
  const std::size_t waiting = connection.session == nullptr ? 0 : connection.session->waiting.bytes();
  set_pressure(connection, unsent(connection) + waiting);
}

void Flow::set_pressure(Connection& connection, std::size_t pressure) {
  total_ += pressure - connection.pressure;
  connection.pressure = pressure;
  // Each flag goes up above one mark and down below another.
  const auto turn = [this](bool& flag, std::size_t value, std::size_t up, std::size_t& count) {
    if (flag ? value >= up / 2 : value <= up) return;
    flag = !flag;
    flag ? ++count : --count;
    changed_ = true;
  };
  turn(connection.congested, pressure, high_mark, congested_);
  turn(connection.choked, pressure, last_mark, choked_);
  const bool before = overall_;
  std::size_t overall = before ? 1 : 0;
  turn(overall_, total_, overall_mark, overall);
  if (overall_ != before) {
    congested_ += overall_ ? 1 : std::size_t(-1);
    choked_ += overall_ ? 1 : std::size_t(-1);
  }
}

void Flow::relieve(Connection& connection) {
  if (blocked(connection)) return weigh(connection);
  handlers_.before_write();
  write(connection);
}

void Flow::flush() {
  writing_.swap(dirty_);
  for (Connection* const connection : writing_) {
    connection->dirty = false;
    if (blocked(*connection)) {
      weigh(*connection);
    } else {
      writable(*connection);
    }
  }
  writing_.clear();
}

void Flow::writable(Connection& connection) {
  write(connection);
  if (room(connection) && connection.session != nullptr) handlers_.has_room(connection);
}

void Flow::write(Connection& connection) {
  if (connection.output == nullptr) return;
  Output& output = *connection.output;
  while (!output.unsent().empty()) {
    const ssize_t sent = ::send(connection.socket, output.unsent().data(), output.unsent().size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      output.sent(static_cast<std::size_t>(sent));
      bytes_sent_ += static_cast<std::uint64_t>(sent);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      output.sent(output.unsent().size());
    }
  }
  const bool empty = output.unsent().empty();
  if (empty && !connection.dirty) pool_.give(std::move(connection.output));
  weigh(connection);
  const std::uint32_t events = (connection.events & ~std::uint32_t{EPOLLOUT}) | (empty ? 0U : EPOLLOUT);
  if (events != connection.events && connection.watched) watch(connection, events);
}

void Flow::forget(Connection& connection) {
  set_pressure(connection, 0);
  if (connection.dirty) std::erase(dirty_, &connection);
  connection.dirty = false;
  connection.output.reset();
  if (connection.watched) poller_.forget(connection.socket);
  connection.watched = false;
}

void Flow::watch(Connection& connection, std::uint32_t events) {
  if (connection.watched) {
    poller_.change(connection.socket, events, &connection);
  } else {
    poller_.watch(connection.socket, events, &connection);
  }
  connection.watched = true;
  connection.events = events;
}

}  // namespace mq::sink
