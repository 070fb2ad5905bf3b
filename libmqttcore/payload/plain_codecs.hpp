// The formats that show bytes as they are: text, hexadecimal, a dump with offsets, base64.
#pragma once

#include "payload/codec.hpp"

namespace mq {

MadeCodec make_text_codec(const CodecOptions& options);
MadeCodec make_hex_codec(const CodecOptions& options);
MadeCodec make_hexdump_codec(const CodecOptions& options);
MadeCodec make_base64_codec(const CodecOptions& options);

}  // namespace mq
