#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "payload/compression/compressors.hpp"

namespace mq::compression {
namespace {

constexpr int window_bits = 15;
constexpr int gzip_wrapper = 16;
constexpr std::size_t step = 64 * 1024;

int bits_for(Compression compression) {
  return compression == Compression::gzip ? window_bits + gzip_wrapper : window_bits;
}

// zlib counts in unsigned int.
uInt piece(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

void feed(z_stream& stream, Bytes data) {
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = piece(data.size());
}

class Inflater {
 public:
  explicit Inflater(Compression compression) : compression_(compression) {
    ready_ = ::inflateInit2(&stream_, bits_for(compression)) == Z_OK;
  }
  ~Inflater() {
    if (ready_) ::inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Result<Buffer> all(Bytes data, std::size_t limit) {
    if (!ready_) return no_memory();
    Buffer out;
    do {
      if (auto done = member(data, limit, out); !done) return std::unexpected(done.error());
      // Only gzip has members (RFC 1952, 2.2).
      if (!data.empty() && (compression_ != Compression::gzip || !data.starts_with("\x1F\x8B")))
        return broken(compression_,
                      fmt::format("{} byte{} it", data.size(), data.size() == 1 ? " follows" : "s follow"));
      ::inflateReset(&stream_);
    } while (!data.empty());
    return out;
  }

 private:
  static std::unexpected<Error> no_memory() { return fail(ErrorKind::payload, "zlib has not enough memory"); }

  // The member that `data` begins with, which is taken from it.
  Result<void> member(Bytes& data, std::size_t limit, Buffer& out) {
    while (true) {
      feed(stream_, data);
      const uInt given = stream_.avail_in;
      stream_.next_out = reinterpret_cast<Bytef*>(room_.data());
      stream_.avail_out = piece(room_.size());
      const int status = ::inflate(&stream_, Z_NO_FLUSH);
      const uInt taken = given - stream_.avail_in;
      const std::size_t made = room_.size() - stream_.avail_out;
      data.remove_prefix(taken);
      if (made > limit - out.size()) return too_long(limit);
      out.append(room_, 0, made);
      if (status == Z_STREAM_END) return {};
      if (status == Z_MEM_ERROR) return no_memory();
      if (status == Z_NEED_DICT) return broken(compression_, "it needs a dictionary");
      if (status != Z_OK && status != Z_BUF_ERROR)
        return broken(compression_, stream_.msg != nullptr ? stream_.msg : "its data is wrong");
      if (taken == 0 && made == 0) return cut_short(compression_);
    }
  }

  Compression compression_;
  z_stream stream_{};
  bool ready_ = false;
  Buffer room_ = Buffer(step, '\0');  // once for all members: they may be many and tiny
};

}  // namespace

Result<Buffer> decompress_zlib(Compression compression, Bytes data, std::size_t limit) {
  return Inflater(compression).all(data, limit);
}

Result<Buffer> compress_zlib(Compression compression, Bytes data) {
  constexpr int memory_level = 8;
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, bits_for(compression), memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK)
    return fail(ErrorKind::payload, "zlib has not enough memory");
  Buffer out;
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    feed(stream, data);
    const uInt given = stream.avail_in;
    const std::size_t before = out.size();
    out.resize(before + step);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = piece(step);
    status = ::deflate(&stream, given == data.size() ? Z_FINISH : Z_NO_FLUSH);
    data.remove_prefix(given - stream.avail_in);
    out.resize(before + step - stream.avail_out);
  }
  ::deflateEnd(&stream);
  return out;
}

}  // namespace mq::compression
