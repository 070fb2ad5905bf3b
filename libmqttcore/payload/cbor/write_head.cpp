#include "payload/cbor/write_head.hpp"

#include <cbor.h>

#include <array>
#include <cmath>
#include <cstddef>

#include "payload/cbor/number.hpp"

namespace mq::cbor {
namespace {

using Room = std::array<unsigned char, 9>;  // the longest head

void append(const Room& room, std::size_t size, Buffer& out) {
  out.append(reinterpret_cast<const char*>(room.data()), size);
}

std::size_t shortest_head(Major major, std::uint64_t argument, Room& room) {
  switch (major) {
    case Major::positive:
      return cbor_encode_uint(argument, room.data(), room.size());
    case Major::negative:
      return cbor_encode_negint(argument, room.data(), room.size());
    case Major::bytes:
      return cbor_encode_bytestring_start(argument, room.data(), room.size());
    case Major::text:
      return cbor_encode_string_start(argument, room.data(), room.size());
    case Major::array:
      return cbor_encode_array_start(argument, room.data(), room.size());
    case Major::map:
      return cbor_encode_map_start(argument, room.data(), room.size());
    case Major::tag:
      return cbor_encode_tag(argument, room.data(), room.size());
    case Major::simple:
      return cbor_encode_ctrl(static_cast<std::uint8_t>(argument), room.data(), room.size());
  }
  return 0;
}

// The library has no function for a head that is longer than it needs be, nor for a half float below 2^-14
// that keeps its bits.
void put_wide(Major major, std::uint64_t argument, std::uint8_t indicator, Buffer& out) {
  out += static_cast<char>((static_cast<unsigned>(major) << 5) | (24U + indicator));
  for (unsigned shift = 8U << indicator; shift > 0;) out += static_cast<char>(argument >> (shift -= 8));
}

bool is_single(double number) { return std::isnan(number) || static_cast<float>(number) == number; }

}  // namespace

bool put_head(Major major, std::uint64_t argument, Indicator indicator, Buffer& out) {
  constexpr std::uint8_t widest = 3;
  if (indicator) {
    if (*indicator < widest && argument >> (8U << *indicator) != 0) return false;
    put_wide(major, argument, *indicator, out);
    return true;
  }
  Room room{};
  append(room, shortest_head(major, argument, room), out);
  return true;
}

void put_indefinite(Major major, Buffer& out) {
  Room room{};
  std::size_t size = 0;
  if (major == Major::bytes) size = cbor_encode_indef_bytestring_start(room.data(), room.size());
  if (major == Major::text) size = cbor_encode_indef_string_start(room.data(), room.size());
  if (major == Major::array) size = cbor_encode_indef_array_start(room.data(), room.size());
  if (major == Major::map) size = cbor_encode_indef_map_start(room.data(), room.size());
  append(room, size, out);
}

void put_break(Buffer& out) {
  Room room{};
  append(room, cbor_encode_break(room.data(), room.size()), out);
}

bool put_float(double number, Indicator indicator, Buffer& out) {
  constexpr std::uint8_t half = 1;
  constexpr std::uint8_t single = 2;
  constexpr std::uint8_t whole = 3;
  const auto bits = exact_half(number);
  if (!indicator) indicator = bits ? half : is_single(number) ? single : whole;
  Room room{};
  switch (*indicator) {
    case half:
      if (bits) put_wide(Major::simple, *bits, half, out);
      return bits.has_value();
    case single:
      if (is_single(number))
        append(room, cbor_encode_single(static_cast<float>(number), room.data(), room.size()), out);
      return is_single(number);
    case whole:
      append(room, cbor_encode_double(number, room.data(), room.size()), out);
      return true;
    default:
      return false;
  }
}

}  // namespace mq::cbor
