#include "payload/module_maker.hpp"
#include "payload/protobuf/protobuf_codec.hpp"
#include "payload/protobuf/sparkplug_codec.hpp"

extern "C" void mqttkit_protobuf(std::string_view name, const mq::CodecOptions& options,
                                 mq::MadeCodec& made) {
  made = name == "sparkplug" ? mq::make_sparkplug_codec(options) : mq::make_protobuf_codec(options);
}
