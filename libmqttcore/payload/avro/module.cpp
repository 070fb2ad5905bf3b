#include "payload/avro/avro_codec.hpp"
#include "payload/module_maker.hpp"

extern "C" void mqttkit_avro(std::string_view, const mq::CodecOptions& options, mq::MadeCodec& made) {
  made = mq::make_avro_codec(options);
}
