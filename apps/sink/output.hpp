// Bytes on their way to one connection, and how packets get there without a copy in between. A connection has
// an Output only as long as something is unsent; the pool keeps a few for the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "wire/packet.hpp"

namespace mq::sink {

class Output {
 public:
  // Memory for `size` more bytes; what is written there counts after commit().
  char* room(std::size_t size) {
    if (capacity_ - end_ < size) grow(size);
    return bytes_.get() + end_;
  }
  void commit(std::size_t size) { end_ += size; }
  void append(Bytes bytes);
  // PUBACK, PUBREC, PUBREL or PUBCOMP that says success.
  void append_ack(PacketType type, PacketId id) {
    char* const at = room(4);
    at[0] = static_cast<char>(static_cast<unsigned>(type) << 4U | (type == PacketType::pubrel ? 2U : 0U));
    at[1] = 2;
    at[2] = static_cast<char>(id >> 8U);
    at[3] = static_cast<char>(id & 0xFFU);
    commit(4);
  }

  Bytes unsent() const { return {bytes_.get() + begin_, end_ - begin_}; }
  void sent(std::size_t size) {
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  std::size_t capacity() const { return capacity_; }

 private:
  void grow(std::size_t size);

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

class OutputPool {
 public:
  std::unique_ptr<Output> take();
  void give(std::unique_ptr<Output> output);  // which is empty

 private:
  std::vector<std::unique_ptr<Output>> spare_;
};

// A PUBLISH as it leaves; below 5.0 its properties are left out.
struct Departure {
  bool dup = false;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  bool modern = false;  // 5.0
  std::string_view topic{};
  PacketId id = 0;
  Bytes properties{}, more_properties{};
  Bytes payload{};
};

std::size_t size_of(const Departure& packet);
void append(const Departure& packet, Output& output);

}  // namespace mq::sink
