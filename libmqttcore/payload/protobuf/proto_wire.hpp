// The wire format of Protocol Buffers: fields out of bytes, and bytes for fields. Lengths are checked against
// what there is; fields view the bytes that they were read from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace mq {

enum class WireType : std::uint8_t { varint, fixed64, bytes, group, group_end, fixed32 };

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::varint;
  std::uint64_t bits = 0;  // of a number
  Bytes bytes{};           // of bytes, and what is inside a group
};

enum class WireFault : std::uint8_t { cut, tag, varint, length, group, deep, many };

class WireReader {
 public:
  // `groups` is how deep groups may nest; all fields in groups, each times its depth, are bounded too.
  WireReader(Bytes data, std::size_t groups) : whole_(data), left_(data), groups_(groups) {}

  bool done() const { return left_.empty(); }
  std::expected<WireField, WireFault> next();
  // Where the latest field begins.
  std::size_t at() const { return at_; }

 private:
  std::expected<WireField, WireFault> take();
  std::expected<Bytes, WireFault> take_group(std::uint32_t number);

  Bytes whole_;
  Bytes left_;
  std::size_t groups_;
  std::size_t passed_ = 0;  // fields in groups, each as often as groups are around it
  std::size_t at_ = 0;
};

// A sentence fragment.
std::string describe(WireFault fault);

// What `data` begins with, taken off it; nullopt when it is cut short or no such number.
std::optional<std::uint64_t> take_varint(Bytes& data);
std::optional<std::uint64_t> take_fixed(Bytes& data, std::size_t size);  // little-endian

inline std::int64_t zigzag(std::uint64_t bits) {
  return static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1U));
}
inline std::uint64_t to_zigzag(std::int64_t number) {
  return (static_cast<std::uint64_t>(number) << 1U) ^ static_cast<std::uint64_t>(number >> 63U);
}

void put_varint(Buffer& out, std::uint64_t bits);
void put_fixed(Buffer& out, std::uint64_t bits, std::size_t size);
void put_tag(Buffer& out, std::uint32_t number, WireType type);
void put_field(Buffer& out, std::uint32_t number, std::uint64_t varint);
void put_field(Buffer& out, std::uint32_t number, Bytes bytes);

}  // namespace mq
