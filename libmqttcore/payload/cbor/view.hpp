// CBOR's JSON view. What JSON has no word for becomes what is nearest: keys that are no text become their
// diagnostic notation, undefined null, a simple value the text "simple(16)"; big integers, decimal fractions
// and bigfloats numbers unless they are very large; other tags are dropped. Map keys of the same name stay.
#pragma once

#include "base/bytes.hpp"
#include "payload/value.hpp"

namespace mq::cbor {

// `data` is what check_item() accepts.
Value view_of_item(Bytes data);

// As an array; `data` is what check_sequence() accepts.
Value view_of_sequence(Bytes data);

}  // namespace mq::cbor
