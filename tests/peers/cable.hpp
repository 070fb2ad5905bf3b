// The network between a client and a broker, in the hands of a test: a TCP relay on 127.0.0.1 that can be
// cut, at once or at a byte, stalled and made slow to deliver; and that remembers what went through. It runs
// in a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace mq {

class Cable {
 public:
  // What went through one connection, each way, in the order of the connections.
  struct Record {
    Buffer to_broker;
    Buffer to_client;
  };

  explicit Cable(std::uint16_t broker_port);
  ~Cable();
  Cable(const Cable&) = delete;
  Cable& operator=(const Cable&) = delete;

  std::uint16_t port() const;

  void cut();  // resets all connections
  void cut_at(
      std::uint64_t bytes);  // resets all once so many more bytes have gone through, both ways together
  void stall(bool on);       // nothing moves, and nobody is told
  // Every piece that comes from now on is under way for up to so long, each for another time that the seed
  // decides; none overtakes another.
  void delay(std::uint32_t seed, Duration most);
  int connections() const;  // so far
  std::vector<Record> records() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mq
