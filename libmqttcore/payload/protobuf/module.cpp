#include "payload/module_maker.hpp"
#include "payload/protobuf/protobuf_codec.hpp"

extern "C" void mqttkit_protobuf(std::string_view, const mq::CodecOptions& options, mq::MadeCodec& made) {
  made = mq::make_protobuf_codec(options);
}
