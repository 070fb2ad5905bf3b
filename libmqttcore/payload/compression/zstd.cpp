#include <fmt/core.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "payload/compression/compressors.hpp"

namespace mq::compression {

namespace {

// A frame, or one to be skipped (RFC 8878, 3.1), or as much of its first bytes as there is. The library
// itself would also read formats from before the RFC.
bool begins_frame(Bytes data) {
  constexpr std::size_t magic_size = 4;
  const Bytes first = data.substr(0, magic_size);
  if (Bytes("\x28\xB5\x2F\xFD").starts_with(first)) return true;
  return (octet(first.front()) & 0xF0) == 0x50 && Bytes("\x2A\x4D\x18").starts_with(first.substr(1));
}

}  // namespace

Result<Buffer> decompress_zstd(Bytes data, std::size_t limit) {
  constexpr std::size_t step = 64 * 1024;
  // The library refuses windows of more than 128 MiB, and what it allocates for one is touched as far as
  // there is output, which the limit bounds.
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (context == nullptr) return fail(ErrorKind::payload, "zstd has not enough memory");
  Buffer out;
  Buffer room(step, '\0');  // once for all frames: they may be many and tiny
  ZSTD_inBuffer in{data.data(), data.size(), 0};
  std::size_t expected = 0;  // 0 at the end of a frame
  do {
    if (expected == 0 && in.pos > 0 && !begins_frame(data.substr(in.pos)))
      return broken(Compression::zstd, fmt::format("what follows it at byte {} is not", in.pos));
    if (in.pos == 0 && !begins_frame(data)) return broken(Compression::zstd, "it begins otherwise");
    ZSTD_outBuffer made{room.data(), room.size(), 0};
    const std::size_t before = in.pos;
    expected = ZSTD_decompressStream(context.get(), &made, &in);
    if (ZSTD_isError(expected) != 0) return broken(Compression::zstd, ZSTD_getErrorName(expected));
    if (made.pos > limit - out.size()) return too_long(limit);
    out.append(room, 0, made.pos);
    if (in.pos == before && made.pos == 0) return cut_short(Compression::zstd);
  } while (in.pos < in.size || expected != 0);
  return out;
}

Result<Buffer> compress_zstd(Bytes data) {
  Buffer out(ZSTD_compressBound(data.size()), '\0');
  const std::size_t size =
      ZSTD_compress(out.data(), out.size(), data.data(), data.size(), ZSTD_CLEVEL_DEFAULT);
  if (ZSTD_isError(size) != 0)
    return fail(ErrorKind::payload, fmt::format("zstd cannot compress this: {}", ZSTD_getErrorName(size)));
  out.resize(size);
  return out;
}

}  // namespace mq::compression
