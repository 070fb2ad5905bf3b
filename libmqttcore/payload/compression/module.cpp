// What the module exports.
#include "payload/compression/compressors.hpp"

extern "C" void mqttkit_compression(mq::CompressionDuty duty, mq::Compression compression, mq::Bytes data,
                                    std::size_t limit, mq::Result<mq::Buffer>& result) {
  mq::compression::run(duty, compression, data, limit, result);
}
