// An MQTT server (3.1, 3.1.1 and 5.0) of our own, in a thread of its own: fast enough to show what the load
// generator can do, exact, so that every deviation it sees is its own or one that a test has ordered. It
// loses nothing and bounds what it keeps: while a subscriber is behind, it does not read from those who
// publish. It checks no password and no keep alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/time.hpp"
#include "sink/counts.hpp"
#include "sink/faults.hpp"

namespace mq {

struct SinkOptions {
  std::string address = "127.0.0.1";  // numeric
  std::uint16_t port = 0;             // 0: a free one
  SinkFaults faults{};
  // Of messages that are retained, queued or not acknowledged; beyond it messages that would have to be kept
  // are refused, below 5.0 by closing the connection.
  std::size_t stored_bytes = std::size_t{2} << 30U;
};

class Sink {
 public:
  // An error is of kind usage (the address) or io.
  static Result<std::unique_ptr<Sink>> start(SinkOptions options);
  // Without its thread yet, so that the process can still fork: clients wait until begin().
  static Result<std::unique_ptr<Sink>> listen(SinkOptions options);
  void begin();
  ~Sink();  // closes all connections at once
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  std::uint16_t port() const;
  // All below from any thread.
  SinkCounts counts() const;
  double cpu_seconds() const;  // of its thread, so far
  // It does nothing at all for so long, from about now on. Returns at once.
  void pause(Duration length);

 private:
  struct State;
  explicit Sink(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mq
