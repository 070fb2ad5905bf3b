#include "engine/connection.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <utility>

#include "client/ended.hpp"

namespace mq {

Connection::Connection(Poller& poller, ConnectionOwner& owner, SessionConfig config)
    : poller_(poller), owner_(owner), session_(std::move(config)) {}

void Connection::open(const Target& target, WayIn& way, Duration limit) {
  phase_ = Phase::opening;
  write_failed_ = read_pending_ = write_pending_ = false;
  limit_ = poller_.now() + limit;
  retired_.reset();
  ports_ = way.ports.empty() ? nullptr : &way.ports[target.number];
  connecting_ = std::make_unique<Connecting>(
      poller_, target, way,
      [this](Result<std::unique_ptr<Transport>> transport) { opened(std::move(transport)); });
}

void Connection::opened(Result<std::unique_ptr<Transport>> transport) {
  tls_time_ = connecting_->tls_time();
  socket_ = connecting_->socket();
  if (transport) lease_ = connecting_->take_lease();
  connecting_.reset();
  if (!transport) return end(std::move(transport.error()));
  transport_ = std::move(*transport);
  session_.transport_up(poller_.now());
  phase_ = Phase::open;
  pump();
}

void Connection::read() {
  if (!transport_ || read_pending_) return;
  if (phase_ == Phase::open && session_.output_size() > session_.config().max_output) return;
  read_pending_ = true;
  transport_->read_some([this](Result<Bytes> bytes) { took(std::move(bytes)); });
}

void Connection::took(Result<Bytes> bytes) {
  read_pending_ = false;
  if (!bytes) return end(std::move(bytes.error()));
  if (bytes->empty()) {
    if (phase_ == Phase::leaving) return end({});
    const bool answered = session_.connected() || session_.over();
    return end(Error{ErrorKind::lost,
                     answered ? "the server closed the connection"
                              : "the server closed the connection without answering CONNECT",
                     0,
                     {}});
  }
  bytes_received_ += bytes->size();
  if (phase_ == Phase::open) {
    session_.received(*bytes, poller_.now());
    pump();
  } else {
    read();
  }
}

void Connection::pump() {
  const Time now = poller_.now();
  pumping_ = true;
  std::optional<Error> ended;
  while (phase_ == Phase::open && !ended) {
    const Event* event = session_.next_event(now);
    if (event == nullptr) break;
    if (const auto* refused = std::get_if<Refused>(event))
      ended = error_of(refused->connack, session_.config().version);
    else if (const auto* gone = std::get_if<ServerDisconnected>(event))
      ended = error_of(gone->disconnect);
    else if (const auto* broken = std::get_if<Broken>(event))
      ended = broken->error;
    else
      owner_.on_event(*this, *event);
  }
  if (phase_ == Phase::open && !ended) owner_.on_room(*this);
  pumping_ = false;
  if (ended) return end(std::move(ended));
  flush();
  read();
}

void Connection::flush() {
  if (pumping_ || !transport_ || write_pending_ || write_failed_) return;
  const Bytes bytes = session_.pending_output();
  if (bytes.empty()) return;
  write_pending_ = true;
  transport_->write(bytes, [this, size = bytes.size()](const Result<void>& result) { wrote(size, result); });
}

void Connection::wrote(std::size_t size, const Result<void>& result) {
  write_pending_ = false;
  if (!result) {
    // Reading may still bring the server's reason; its end ends the connection.
    write_failed_ = true;
    return read();
  }
  bytes_sent_ += size;
  session_.written(size);
  if (phase_ == Phase::open) return pump();
  flush();
}

void Connection::add_socket_times(SocketTimes& times) const {
  if (!transport_) return;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return;
  times.add({.busy = info.tcpi_busy_time,
             .peer_full = info.tcpi_rwnd_limited,
             .retransmitted = info.tcpi_total_retrans});
}

void Connection::leave(Duration patience) {
  if (phase_ == Phase::idle) return;
  if (phase_ == Phase::opening || !session_.connected()) {
    drop();
    return owner_.on_end(*this, {});
  }
  (void)session_.disconnect(ReasonCode::success, {}, poller_.now());
  phase_ = Phase::leaving;
  limit_ = poller_.now() + patience;
  flush();
  read();
}

void Connection::drop() {
  phase_ = Phase::idle;
  connecting_.reset();
  if (transport_) {
    transport_->close();
    if (ports_ != nullptr) ports_->give_back(std::exchange(lease_, {}));
    retired_ = std::move(transport_);
  }
  read_pending_ = write_pending_ = false;
  session_.transport_down();
}

void Connection::end(std::optional<Error> why) {
  const bool asked = phase_ == Phase::leaving;
  drop();
  owner_.on_end(*this, asked ? std::nullopt : std::move(why));
}

std::optional<Time> Connection::deadline() const {
  switch (phase_) {
    case Phase::idle:
      return std::nullopt;
    case Phase::opening:
    case Phase::leaving:
      return limit_;
    case Phase::open:
      return session_.connected() ? session_.deadline() : std::optional(limit_);
  }
  return std::nullopt;
}

void Connection::tick() {
  const Time now = poller_.now();
  switch (phase_) {
    case Phase::idle:
      return;
    case Phase::opening:
      if (now >= limit_) end(Error{ErrorKind::timeout, "no connection within the time limit", 0, {}});
      return;
    case Phase::leaving:
      if (now < limit_) return;
      // The server doesn't close: so we do.
      return end({});
    case Phase::open:
      if (!session_.connected() && now >= limit_)
        return end(Error{ErrorKind::timeout, "no answer to CONNECT within the time limit", 0, {}});
      session_.backlog(session_.output_size() + transport_->undelivered(), now);
      session_.tick(now);
      pump();
  }
}

}  // namespace mq
