// The format "sparkplug": Sparkplug B (Sparkplug 3.0, 6.4). Metrics that name themselves by an alias alone
// get the name and the type that their edge node's birth gave it, as long as the codec has seen that birth.
// The JSON view has types by name, signed numbers with their sign and times in milliseconds:
//   {"timestamp":..., "seq":..., "metrics":[{"name":..., "alias":..., "type":"Int32", "value":-5, ...}]}
// Payloads of STATE topics are JSON and shown as such.
#pragma once

#include "payload/codec.hpp"

namespace mq {

MadeCodec make_sparkplug_codec(const CodecOptions& options);

}  // namespace mq
