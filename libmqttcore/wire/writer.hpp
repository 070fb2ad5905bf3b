// Two takers of fields with the same functions: one counts bytes, one writes them. A packet's layout is thus
// stated once and walked twice, first for its size. Internal to wire.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"
#include "wire/frame.hpp"

namespace mq {

class Counter {
 public:
  std::uint64_t size() const { return size_; }

  void byte(std::uint8_t) { size_ += 1; }
  void two_bytes(std::uint16_t) { size_ += 2; }
  void variable(std::size_t value) { size_ += variable_integer_size(static_cast<std::uint32_t>(value)); }
  void raw(Bytes bytes) { size_ += bytes.size(); }
  void prefixed(Bytes bytes) { size_ += 2 + bytes.size(); }

 private:
  std::uint64_t size_ = 0;
};

// Writes to memory that a Counter has measured; nothing is checked.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}

  void byte(std::uint8_t value) { *at_++ = static_cast<char>(value); }
  void two_bytes(std::uint16_t value) {
    byte(static_cast<std::uint8_t>(value >> 8U));
    byte(static_cast<std::uint8_t>(value & 0xFFU));
  }
  void variable(std::size_t value) {
    while (value >= 0x80) {
      byte(static_cast<std::uint8_t>(value | 0x80U));
      value >>= 7U;
    }
    byte(static_cast<std::uint8_t>(value));
  }
  void raw(Bytes bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  void prefixed(Bytes bytes) {
    two_bytes(static_cast<std::uint16_t>(bytes.size()));
    raw(bytes);
  }

 private:
  char* at_;
};

}  // namespace mq
