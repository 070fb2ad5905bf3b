// The mark that every message of a load carries, in the first bytes of its payload or, where the payload is
// the user's own, in a user property: from it the receiver knows stream, number, when it was due and when it
// was sent, and that nothing was changed.
//
// In a payload, little endian: number (6 bytes), magic (2), due (8), run (4), stream (4), late (4), check
// (4); in a user property the same in hexadecimal. The check is over all of it and the payload's other bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "load/scenario.hpp"
#include "wire/packet.hpp"

namespace mq {

struct Stamp {
  std::uint32_t run = 0;
  std::uint32_t stream = 0;  // the publisher's client number
  std::uint64_t number = 0;  // from 0, below 2^48
  std::int64_t due = 0;      // nanoseconds since 1970 by the run's clock
  std::uint32_t late = 0;    // microseconds from `due` to the sending

  bool operator==(const Stamp&) const = default;
};

inline constexpr std::size_t stamp_size = 32;
inline constexpr std::size_t stamp_text_size = 2 * stamp_size;
inline constexpr std::string_view stamp_property = "mqttkit";  // the user property's name

// Of the bytes beside the stamp, for whoever sends the same ones again and again.
std::uint64_t check_of(Bytes rest);

// Into the first bytes of a payload of at least stamp_size; the rest of it must be as it is to be sent.
void write_stamp(const Stamp& stamp, std::span<char> payload);
void write_stamp(const Stamp& stamp, std::uint64_t check_of_rest, std::span<char, stamp_size> place);
// For a user property's value; the check is then of the whole payload.
void write_stamp_text(const Stamp& stamp, std::uint64_t check_of_payload,
                      std::span<char, stamp_text_size> place);

struct ReadStamp {
  Stamp stamp;
  bool corrupted = false;  // then nothing in `stamp` is certain, the stream included
};

// nullopt: not a message of this run. One whose run was changed on the way, in a single byte, is corrupted.
std::optional<ReadStamp> read_stamp(const Publish& message, std::uint32_t run);

}  // namespace mq
