// A bounded walk over the fields that MQTT is made of (5.0: 1.5). The first thing that is wrong stays: from
// then on every read gives zero or nothing, so a decoder asks once, at the end. Internal to wire; what it
// gives out views the input.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace mq {

class Cursor {
 public:
  enum class State : std::uint8_t { good, too_short, overlong };

  explicit Cursor(Bytes input) : rest_(input) {}

  State state() const { return state_; }
  bool empty() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  std::uint8_t byte() {
    const Bytes one = take(1);
    return one.empty() ? std::uint8_t{0} : octet(one[0]);
  }

  std::uint16_t two_bytes() {
    const Bytes two = take(2);
    if (two.empty()) return 0;
    return static_cast<std::uint16_t>(octet(two[0]) << 8U | octet(two[1]));
  }

  std::uint32_t four_bytes() {
    const std::uint32_t high = two_bytes();
    return high << 16U | two_bytes();
  }

  // In its shortest form and of four bytes at most. [MQTT-1.5.5-1]
  std::uint32_t variable() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      if (rest_.empty()) {
        stop(State::too_short);
        return 0;
      }
      const std::uint8_t next = byte();
      value |= static_cast<std::uint32_t>(next & 0x7FU) << shift;
      if (next < 0x80) {
        if (next == 0 && shift > 0) break;
        return value;
      }
    }
    stop(State::overlong);
    return 0;
  }

  // Exactly `count` bytes, or none.
  Bytes take(std::size_t count) {
    if (count > rest_.size()) {
      stop(State::too_short);
      return {};
    }
    const Bytes taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  // A length of two bytes and as many bytes: a string, or binary data.
  Bytes prefixed() { return take(two_bytes()); }

  Bytes take_rest() { return take(rest_.size()); }

  void stop(State state) {
    if (state_ == State::good) state_ = state;
    rest_ = {};
  }

 private:
  Bytes rest_;
  State state_ = State::good;
};

}  // namespace mq
