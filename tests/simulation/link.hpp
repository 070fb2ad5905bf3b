// One direction of a simulated connection: takes bytes, cuts them into pieces, and gives them out later, in
// order.
#pragma once

#include <deque>
#include <optional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "random.hpp"

namespace mq {

class Link {
 public:
  explicit Link(std::uint64_t seed) : random_(seed) {}

  void push(Bytes bytes, Time now);
  // What has arrived by `now`.
  Buffer take(Time now);
  // The connection is cut: any number of the bytes on their way still arrive, the rest does not.
  Buffer cut();

  std::size_t size() const { return size_; }
  std::optional<Time> next() const {
    return pieces_.empty() ? std::nullopt : std::optional(pieces_.front().arrives);
  }

 private:
  struct Piece {
    Time arrives;
    Buffer bytes;
  };

  Random random_;
  std::deque<Piece> pieces_;
  std::size_t size_ = 0;
};

}  // namespace mq
