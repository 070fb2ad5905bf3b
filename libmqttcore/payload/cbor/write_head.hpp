// Heads of CBOR items, appended to a buffer: in the shortest form (RFC 8949, 4.1) or in the width that the
// notation asks for.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace mq::cbor {

// The numbers of RFC 8949, 3.1.
enum class Major : std::uint8_t { positive, negative, bytes, text, array, map, tag, simple };

// How many bytes follow a head's first, as the notation's "_0" to "_3" say: 1, 2, 4 or 8.
using Indicator = std::optional<std::uint8_t>;

// False when `argument` does not fit the width asked for. A simple value has no width.
bool put_head(Major major, std::uint64_t argument, Indicator indicator, Buffer& out);

// A string, an array or a map of indefinite length, ended by put_break().
void put_indefinite(Major major, Buffer& out);
void put_break(Buffer& out);

// A float; false when `number` is not one of the width asked for.
bool put_float(double number, Indicator indicator, Buffer& out);

}  // namespace mq::cbor
