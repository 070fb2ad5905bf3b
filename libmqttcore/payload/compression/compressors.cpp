#include "payload/compression/compressors.hpp"

#include <fmt/core.h>

namespace mq::compression {
namespace {

Result<Buffer> result_of(CompressionDuty duty, Compression compression, Bytes data, std::size_t limit) {
  const bool zstd = compression == Compression::zstd;
  if (duty == CompressionDuty::compress) return zstd ? compress_zstd(data) : compress_zlib(compression, data);
  return zstd ? decompress_zstd(data, limit) : decompress_zlib(compression, data, limit);
}

}  // namespace

void run(CompressionDuty duty, Compression compression, Bytes data, std::size_t limit,
         Result<Buffer>& result) {
  result = result_of(duty, compression, data, limit);
}

std::unexpected<Error> broken(Compression compression, std::string_view why) {
  return fail(ErrorKind::payload, fmt::format("this is not {}: {}", name_of(compression), why));
}

std::unexpected<Error> cut_short(Compression compression) {
  return broken(compression, "the data ends before it is complete");
}

std::unexpected<Error> too_long(std::size_t limit) {
  return fail(ErrorKind::payload, fmt::format("the decompressed payload is longer than {} bytes", limit));
}

}  // namespace mq::compression
