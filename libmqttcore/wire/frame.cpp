#include "wire/frame.hpp"

#include <fmt/core.h>

#include "wire/cursor.hpp"
#include "wire/reason_code.hpp"

namespace mq {

void append_variable_integer(std::uint32_t value, Buffer& out) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  out += static_cast<char>(value);
}

Result<std::optional<Frame>> next_frame(Bytes input, std::uint64_t max_size) {
  constexpr std::uint8_t malformed = value_of(ReasonCode::malformed_packet);
  if (input.empty()) return std::nullopt;
  const std::uint8_t first = octet(input[0]);
  if (first < 0x10) return fail(ErrorKind::malformed, "packet type 0 is reserved", malformed);

  Cursor cursor(input.substr(1));
  const std::uint32_t length = cursor.variable();
  if (cursor.state() == Cursor::State::too_short) return std::nullopt;
  if (cursor.state() == Cursor::State::overlong) {
    return fail(ErrorKind::malformed, "the remaining length is an overlong variable byte integer", malformed);
  }
  const std::uint64_t size = input.size() - cursor.left() + std::uint64_t{length};
  if (size > max_size) {
    return fail(ErrorKind::protocol,
                fmt::format("packet of {} bytes is above the limit of {}", size, max_size),
                value_of(ReasonCode::packet_too_large));
  }
  if (length > cursor.left()) return std::nullopt;
  return Frame{.type = static_cast<PacketType>(first >> 4U),
               .flags = static_cast<std::uint8_t>(first & 0xFU),
               .body = cursor.take(length),
               .size = static_cast<std::size_t>(size)};
}

}  // namespace mq
