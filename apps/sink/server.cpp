#include "sink/server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "sink/limits.hpp"
namespace mq::sink {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t buffer_size = 512U << 10U;
// Of a connection that may soon be held: what it has sent is better kept in the kernel.
constexpr std::size_t careful_read = 4096;
// An unfinished packet of more is not moved to the buffer and back for each piece.
constexpr std::size_t large_packet = 64U << 10U;

constexpr std::uint64_t max_connect = 1U << 20U;
constexpr std::size_t flush_after = 1U << 20U;
constexpr unsigned accepts_at_once = 256;
constexpr Duration leaving_patience = 2s;

}  // namespace

Server::Server(SinkFaults faults, std::size_t stored_limit)
    : faults_(std::move(faults)),
      stock_(stored_limit),
      flow_(poller_, {.has_room = [this](Connection& connection) { delivery_.pump(*connection.session); },
                      .before_write = [this] { show_counts(); }}),
      delivery_(flow_, poller_, stock_, sessions_, retained_, faults_, counts_),
      routing_(router_, delivery_),
      buffer_(std::make_unique_for_overwrite<char[]>(buffer_size)) {}

Server::~Server() {
  for (const auto& connection : connections_) ::close(connection->socket);
}

Result<void> Server::open(const std::string& address, std::uint16_t port) {
  if (auto opened = poller_.open(); !opened) return opened;
  if (auto opened = listener_.open(address, port); !opened) return opened;
  poller_.watch(listener_.number(), EPOLLIN, &listener_);
  return {};
}

void Server::turn() {
  const bool hurry = flow_.has_output() || (!held_.empty() && !flow_.holding());
  for (const epoll_event& event : poller_.wait(hurry)) {
    if (event.data.ptr == &listener_) {
      accept_all();
    } else {
      on_event(*static_cast<Connection*>(event.data.ptr), event.events);
    }
    if (unflushed_ >= flush_after) flush();
  }
  poller_.run_due();
  flush();
  if (!held_.empty() && (flow_.changed() || !flow_.holding())) {
    release_held();
    show_counts();
  }
  bury();
}

void Server::flush() {
  show_counts();
  flow_.flush();
  unflushed_ = 0;
}

void Server::show_counts() {
  SinkCounts counts = counts_;
  counts.sessions = sessions_.count();
  counts.subscriptions = router_.subscriptions();
  counts.retained = retained_.count();
  counts.stored_bytes = stock_.bytes();
  counts.bytes_sent = flow_.bytes_sent();
  board_.show(counts);
}

void Server::accept_all() {
  bool exhausted = false;
  for (unsigned count = 0; count < accepts_at_once; ++count) {
    const int socket = listener_.accept(exhausted);
    if (socket < 0) break;
    ++counts_.accepted;
    auto connection = std::make_unique<Connection>();
    connection->socket = socket;
    connection->index = static_cast<std::uint32_t>(connections_.size());
    flow_.watch(*connection, EPOLLIN);
    connections_.push_back(std::move(connection));
  }
  if (!exhausted) return;
  // No descriptor is left: asking again at once would only burn the processor.
  poller_.forget(listener_.number());
  poller_.at(poller_.now() + 20ms, [this] { poller_.watch(listener_.number(), EPOLLIN, &listener_); });
}

void Server::on_event(Connection& connection, std::uint32_t events) {
  if (connection.closed) return;
  if ((events & EPOLLOUT) != 0) flow_.writable(connection);
  if ((connection.events & EPOLLIN) == 0) {
    // It is held, and gone: what it has sent can still be read later. Until then nothing is to be seen.
    if ((events & (EPOLLHUP | EPOLLERR)) != 0 && connection.watched) {
      poller_.forget(connection.socket);
      connection.watched = false;
      connection.events = 0;
    }
  } else if ((events & ~std::uint32_t{EPOLLOUT}) != 0) {
    read(connection);
  }
}

void Server::read(Connection& connection) {
  const std::size_t before = connection.unfinished.size();
  const bool beside = before > large_packet;  // the rest comes behind it, not in front of it
  char* const begin = buffer_.get();
  std::size_t offset = 0;
  if (!beside && before > 0) {
    connection.unfinished.copy(begin, before);
    offset = before;
  }
  const bool careful = flow_.holding() && !connection.congested;
  const std::size_t most = careful ? careful_read : buffer_size - offset;
  const ssize_t got = ::recv(connection.socket, begin + offset, most, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    connection.ended = true;
    if (connection.held == nullptr) {
      close(connection);
    } else {
      flow_.watch(connection, connection.events & ~std::uint32_t{EPOLLIN});
    }
    return;
  }
  const auto size = static_cast<std::size_t>(got);
  counts_.bytes_received += size;
  unflushed_ += size;
  if (connection.leaving) return;
  if (!beside) return take_input(connection, {begin, offset + size});
  connection.unfinished.append(begin, size);
  if (const auto frame = next_frame(connection.unfinished, max_packet); frame && !*frame) return;
  const Buffer input = std::move(connection.unfinished);
  connection.unfinished = {};
  take_input(connection, input);
}

void Server::take_input(Connection& connection, Bytes input) {
  const std::size_t taken = take(connection, input);
  if (connection.closed || connection.leaving || taken == input.size()) {
    if (connection.unfinished.capacity() > 0) connection.unfinished = Buffer();
  } else {
    connection.unfinished = input.substr(taken);
  }
  if (connection.held != nullptr) read_on(connection);
}

// Whole packets from the beginning of the input, and how many bytes they were.
std::size_t Server::take(Connection& connection, Bytes input) {
  std::size_t at = 0;
  Publish publish;
  while (at < input.size() && !connection.closed && !connection.leaving) {
    const Bytes rest = input.substr(at);
    ++counts_.packets_received;
    --connection.packets_left;
    if (connection.welcome && connection.held == nullptr && !flow_.holds(connection)) {
      if (const std::size_t size = take_plain_publish(rest, connection.version, publish); size > 0) {
        take_publish(connection, publish);
        at += size;
        if (connection.packets_left == 0) close(connection);
        continue;
      }
    }
    if (const PlainAck ack = plain_ack(rest); ack.id != 0 && connection.welcome) {
      on_ack(connection, ack);
      at += plain_ack_size;
    } else {
      const bool first = !connection.welcome;
      if (first && octet(rest[0]) >> 4U != static_cast<unsigned>(PacketType::connect)) {
        ++counts_.malformed;
        close(connection);
        break;
      }
      const auto frame = next_frame(rest, first ? max_connect : max_packet);
      if (!frame) {
        refuse(connection, frame.error());
        break;
      }
      if (!*frame) {
        --counts_.packets_received;
        ++connection.packets_left;
        break;
      }
      on_frame(connection, **frame, rest.substr(0, (*frame)->size));
      at += (*frame)->size;
    }
    if (connection.packets_left == 0) close(connection);
  }
  return at;
}

// Everything was said. What the peer still sends is read and thrown away, because closing before it has ended
// would take our last words from it.
void Server::leave(Connection& connection) {
  if (connection.leaving || connection.closed) return;
  connection.leaving = true;
  if (connection.held != nullptr) {
    connection.held.reset();
    std::erase(held_, &connection);
  }
  if (connection.ended) return close(connection);
  show_counts();
  flow_.writable(connection);
  ::shutdown(connection.socket, SHUT_WR);
  flow_.watch(connection, connection.events | EPOLLIN);
  if (!std::exchange(sweeping_, true)) poller_.at(poller_.now() + leaving_patience, [this] { sweep(); });
}

// Takes those who have not left for a whole round.
void Server::sweep() {
  sweeping_ = false;
  for (const auto& connection : connections_) {
    if (!connection->leaving || connection->closed) continue;
    if (connection->patience_over) close(*connection);
    connection->patience_over = true;
    sweeping_ = true;
  }
  if (sweeping_) poller_.at(poller_.now() + leaving_patience, [this] { sweep(); });
}

void Server::close(Connection& connection) {
  if (connection.closed) return;
  detach(connection, true);
  connection.closed = true;
  closed_.push_back(&connection);
}

void Server::bury() {
  for (Connection* const connection : closed_) {
    flow_.forget(*connection);
    if (connection->held != nullptr) std::erase(held_, connection);
    ::close(connection->socket);
    const std::uint32_t index = connection->index;
    connections_.back()->index = index;
    std::swap(connections_[index], connections_.back());
    connections_.pop_back();
  }
  closed_.clear();
}

}  // namespace mq::sink
