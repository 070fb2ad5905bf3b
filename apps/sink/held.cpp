// What clients have published while a subscriber was behind. Acknowledgements and pings don't wait for it:
// the subscriber's progress may depend on them.
#include <utility>

#include "sink/server.hpp"

namespace mq::sink {
namespace {

// Of a connection that is read on for its acknowledgements: what it may send before one of those, its own
// window at least.
constexpr std::size_t most_held = Flow::last_mark;

}  // namespace

bool Server::must_hold(const Connection& connection, PacketType type) const {
  switch (type) {
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp:
    case PacketType::pingreq:
      return false;
    case PacketType::publish:
      return connection.held != nullptr || flow_.holds(connection);
    default:
      return connection.held != nullptr;  // they must not overtake
  }
}

void Server::hold(Connection& connection, Bytes packet) {
  if (connection.held == nullptr) {
    connection.held = std::make_unique<Buffer>();
    held_.push_back(&connection);
  }
  connection.held->append(packet);
  ++counts_.held;
  // It is counted again when its time has come.
  --counts_.packets_received;
  ++connection.packets_left;
}

// Reads a connection, or not, as it befits one that has held packets or none.
void Server::read_on(Connection& connection) {
  const std::size_t most = connection.congested ? most_held : 0;
  const bool wanted = !connection.ended && (connection.held == nullptr || connection.held->size() < most);
  const std::uint32_t events =
      (connection.events & ~std::uint32_t{EPOLLIN}) | (wanted ? std::uint32_t{EPOLLIN} : 0U);
  if (events != connection.events) flow_.watch(connection, events);
}

void Server::release_held() {
  std::vector<Connection*> all;
  all.swap(held_);
  for (Connection* const connection : all) {
    if (connection->closed) continue;
    if (flow_.holds(*connection)) {
      held_.push_back(connection);
    } else {
      const auto input = std::move(connection->held);
      take(*connection, *input);
      if (connection->closed || connection->leaving) continue;
      if (connection->held == nullptr && connection->ended) {
        close(*connection);
        continue;
      }
    }
    read_on(*connection);
  }
}

}  // namespace mq::sink
