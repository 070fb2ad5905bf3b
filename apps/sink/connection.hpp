// One TCP connection of a sink. Plain data, small while nothing is under way: there are many of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "sink/output.hpp"
#include "sink/session.hpp"
#include "wire/packet.hpp"

namespace mq::sink {

struct Connection {
  int socket = -1;
  std::uint32_t events = 0;    // that the poller watches
  Session* session = nullptr;  // from CONNECT to DISCONNECT
  std::unique_ptr<Output> output;
  Buffer unfinished;             // the beginning of a packet
  std::unique_ptr<Buffer> held;  // whole packets that wait until subscribers have caught up
  std::unique_ptr<std::vector<std::string>> aliases;  // of topics, by number
  std::size_t pressure = 0;                           // bytes that wait for it, as the flow has counted them
  std::uint64_t packets_left = std::numeric_limits<std::uint64_t>::max();  // until a fault closes it
  std::uint32_t max_packet = std::numeric_limits<std::uint32_t>::max();    // that the client takes
  std::uint32_t index = 0;                                                 // among all
  Version version = Version::v311;
  bool welcome = false;        // CONNECT was accepted
  bool dirty = false;          // has output that no write was tried for
  bool congested = false;      // more waits for it than should
  bool choked = false;         // more waits for it than may
  bool leaving = false;        // all was said: it only waits for the end of the peer's direction
  bool patience_over = false;  // and should not wait much longer
  bool closed = false;         // the next cleaning up takes it
  bool ended = false;          // the peer's direction has ended
  bool watched = false;

  bool modern() const { return version == Version::v5; }
};

}  // namespace mq::sink
