// A connection that carries bytes in order, both ways, whatever is below it: TCP, a Unix socket, and what
// stacks on them. It has never heard of MQTT. One read and one write may be under way at a time. Handlers are
// called from the loop, never from within the call itself, and never after close() or destruction.
#pragma once

#include <functional>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

class Transport {
 public:
  // Bytes that live in the loop's buffer until the handler returns; empty at the end of the stream. An error
  // is of kind lost.
  using ReadHandler = std::move_only_function<void(Result<Bytes>)>;
  using WriteHandler = std::move_only_function<void(Result<void>)>;

  virtual ~Transport() = default;

  virtual void read_some(ReadHandler handler) = 0;
  // Writes all of `bytes`, which the caller keeps as they are until the handler is called. After an error
  // there may still be something to read: what the peer said before it left.
  virtual void write(Bytes bytes, WriteHandler handler) = 0;
  // How many bytes of all writes, the one under way included, the peer's system has not got yet, as far as
  // can be told: never fewer, and some more while bytes are wrapped up on the way.
  virtual std::size_t undelivered() const = 0;
  // Ends our direction: the peer reads the end of the stream after what was written, a write under way
  // included. Reading goes on.
  virtual void shut_down() = 0;
  // At once. Bytes that have arrived and were not read cost the peer what it has not read yet (TCP answers
  // them with a reset): to leave in peace, shut_down() and read to the end first.
  virtual void close() = 0;

  // Whom we are connected to, for messages: "127.0.0.1:1883", "[::1]:1883", "/run/broker.sock".
  virtual std::string peer() const = 0;
};

}  // namespace mq
