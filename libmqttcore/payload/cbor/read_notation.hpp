// Diagnostic notation (RFC 8949, section 8) to CBOR. JSON is a part of it. Beyond section 8 it takes what RFC
// 8610, appendix G adds and people write: 'text' for bytes, << >> around embedded items, comments (/ / and #
// to the end of the line). Numbers without fraction and exponent are integers of any size, others the
// shortest float that is the nearest double.
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq::cbor {

// The whole of `text` as one item, appended; nothing is appended on an error.
Result<void> read_item(std::string_view text, Buffer& out);

// Any number of items with a comma or white space between them; a JSON array is one item.
Result<void> read_sequence(std::string_view text, Buffer& out);

}  // namespace mq::cbor
