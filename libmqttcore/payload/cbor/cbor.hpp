// CBOR (RFC 8949) as a codec: one item, or a sequence of them (RFC 8742). Its notation is the diagnostic
// notation of section 8. What is well-formed decodes, but for text that is not UTF-8 (which is not
// valid, 5.3.1, and has no notation) and for what is deeper or of more parts than value.hpp allows.
#pragma once

#include "payload/codec.hpp"

namespace mq::cbor {

std::unique_ptr<Codec> make_codec();
std::unique_ptr<Codec> make_sequence_codec();

}  // namespace mq::cbor
