// Two joined ends of a Transport without a socket, for tests: what one end writes the other reads, in pieces,
// late, or cut off, as the test commands. Like a socket it takes the bytes of a write that is not held at
// once.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <utility>

#include "net/loop.hpp"
#include "net/transport.hpp"

namespace mq {

struct MemoryFaults {
  static constexpr std::size_t never = std::numeric_limits<std::size_t>::max();

  std::size_t read_at_most = never;  // bytes that one read hands over
  std::size_t cut_after = never;     // bytes written, over all writes, after which the connection is lost
  bool hold_writes = false;          // writes stay under way until release()
};

class MemoryTransport : public Transport {
 public:
  // Both ends live on `loop`; faults act on what the first end writes and reads.
  static std::pair<std::unique_ptr<MemoryTransport>, std::unique_ptr<MemoryTransport>> pair(
      Loop& loop, MemoryFaults faults = {});

  ~MemoryTransport() override;
  void read_some(ReadHandler handler) override;
  void write(Bytes bytes, WriteHandler handler) override;
  std::size_t undelivered() const override;  // what is held
  void shut_down() override;
  void close()
      override;  // with bytes unread the other end sees a lost connection, else the end of the stream
  std::string peer() const override;

  void release();  // ends hold_writes: what is held goes out
  void cut();      // both ends see a lost connection, after what has arrived

 private:
  struct End;
  explicit MemoryTransport(std::shared_ptr<End> end);
  std::shared_ptr<End> end_;
};

}  // namespace mq
