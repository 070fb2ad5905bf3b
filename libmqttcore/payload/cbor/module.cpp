// What the module exports.
#include "payload/cbor/cbor.hpp"
#include "payload/module_maker.hpp"

extern "C" void mqttkit_cbor(std::string_view name, const mq::CodecOptions&, mq::MadeCodec& made) {
  made = name == "cbor-seq" ? mq::cbor::make_sequence_codec() : mq::cbor::make_codec();
}
