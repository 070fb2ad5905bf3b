// What a module of codecs exports: `extern "C" ModuleMaker mqttkit_NAME`. One module may make several
// formats.
#pragma once

#include <string_view>

#include "payload/codec.hpp"

namespace mq {

// `name` is the format's row (codecs.hpp); `made` gets the codec or the error.
using ModuleMaker = void(std::string_view name, const CodecOptions& options, MadeCodec& made);

}  // namespace mq
