// Whether bytes are CBOR that can be shown: the one place that refuses. What reads an item after that, for a
// value or for notation, walks it without looking for errors again.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq::cbor {

// The whole of `data` as one item.
Result<void> check_item(Bytes data);

// The whole of `data` as a sequence; how many items it has.
Result<std::size_t> check_sequence(Bytes data);

}  // namespace mq::cbor
