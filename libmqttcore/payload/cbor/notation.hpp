// CBOR's diagnostic notation (RFC 8949, section 8), written straight from the bytes. It keeps every tag,
// chunk and mark of indefinite length; what it doesn't say is the width of a head. Big integers are numbers,
// as in appendix A, when that is what an encoder would make of the number; else their tag and bytes.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "payload/ink.hpp"

namespace mq::cbor {

// The item at `at` of `data`, which check_item() or check_sequence() accepts; where it ends.
std::size_t write_item(Bytes data, std::size_t at, Ink& ink);

// All items of `data`, with a comma between them or each on a line of its own.
void write_sequence(Bytes data, Ink& ink);

}  // namespace mq::cbor
