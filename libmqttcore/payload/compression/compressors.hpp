// zlib and libzstd behind payload/compression.hpp, without the module around them.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/compression.hpp"

namespace mq::compression {

Result<Buffer> decompress_zlib(Compression compression, Bytes data, std::size_t limit);  // gzip and deflate
Result<Buffer> compress_zlib(Compression compression, Bytes data);
Result<Buffer> decompress_zstd(Bytes data, std::size_t limit);
Result<Buffer> compress_zstd(Bytes data);

void run(CompressionDuty duty, Compression compression, Bytes data, std::size_t limit,
         Result<Buffer>& result);

// "this is not gzip: ..."
std::unexpected<Error> broken(Compression compression, std::string_view why);
std::unexpected<Error> cut_short(Compression compression);
std::unexpected<Error> too_long(std::size_t limit);

}  // namespace mq::compression
