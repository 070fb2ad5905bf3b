// Object container files: a header with the schema, then blocks, each ended by the header's sixteen bytes.
#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "payload/avro/avro_binary.hpp"

namespace mq {
namespace {

constexpr std::size_t sync_size = 16;
// All blocks of a file taken together: a few bytes may claim to be gigabytes.
constexpr std::size_t most_inflated = std::size_t{64} << 20U;

std::unexpected<Error> wrong(std::string text, std::string hint = {}) {
  return fail(ErrorKind::payload, std::move(text), 0, std::move(hint));
}

// RFC 1951, without zlib's frame around it.
Result<Buffer> inflated(Bytes block, std::size_t most) {
  z_stream stream{};
  if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) return wrong("zlib cannot begin");
  Buffer out;
  int result = Z_OK;
  const std::size_t step = std::clamp<std::size_t>(block.size() * 4, 256, 65536);
  // Payloads are shorter than 4 GiB.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(block.data()));
  stream.avail_in = static_cast<uInt>(block.size());
  while (result == Z_OK && out.size() <= most) {
    const std::size_t before = out.size();
    out.resize(before + step);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
    stream.avail_out = static_cast<uInt>(step);
    result = ::inflate(&stream, Z_NO_FLUSH);
    out.resize(before + step - stream.avail_out);
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  ::inflateEnd(&stream);
  if (out.size() > most)
    return wrong(fmt::format("this Avro file is longer than {} bytes when inflated", most_inflated));
  if (!whole) return wrong("a block of this Avro file cannot be inflated");
  return out;
}

struct Header {
  Bytes schema{};
  Bytes codec{"null"};
  Bytes sync{};
};

// A map of bytes, whose type needs no schema.
Result<Header> read_header(AvroReader& reader) {
  Header header;
  while (true) {
    const auto count = reader.long_number();
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
    if (*count < 0)
      if (const auto size = reader.long_number(); !size) return std::unexpected(size.error());
    const std::uint64_t entries =
        *count < 0 ? 0 - static_cast<std::uint64_t>(*count) : static_cast<std::uint64_t>(*count);
    // Each takes two bytes at least, so that a count that lies soon finds nothing left.
    for (std::uint64_t i = 0; i < entries; ++i) {
      const auto key = reader.sized("a key");
      if (!key) return std::unexpected(key.error());
      const auto value = reader.sized("a value");
      if (!value) return std::unexpected(value.error());
      if (*key == "avro.schema") header.schema = *value;
      if (*key == "avro.codec") header.codec = *value;
    }
  }
  const auto sync = reader.bytes(sync_size, "a synchronisation marker");
  if (!sync) return std::unexpected(sync.error());
  header.sync = *sync;
  return header;
}

}  // namespace

Result<Value> read_avro_container(Bytes file) {
  std::size_t parts = 0;
  AvroReader reader(file.substr(avro_container_magic.size()), parts);
  const auto header = read_header(reader);
  if (!header) return std::unexpected(header.error());
  const bool deflated = header->codec == "deflate";
  if (!deflated && header->codec != "null")
    return wrong(fmt::format("this Avro file is compressed with {}", quoted(header->codec)),
                 "null and deflate can be read");
  const auto schema = AvroSchema::parse(header->schema);
  if (!schema) return wrong(schema.error().text);
  Value all = Value::array();
  std::size_t room = most_inflated;
  while (!reader.done()) {
    const auto count = reader.long_number();
    if (!count) return std::unexpected(count.error());
    const auto block = reader.sized("a block");
    if (!block) return std::unexpected(block.error());
    const auto sync = reader.bytes(sync_size, "a synchronisation marker");
    if (!sync) return std::unexpected(sync.error());
    if (*sync != header->sync)
      return wrong("a block of this Avro file is not ended by the file's own marker");
    if (++parts > most_parts) return wrong(fmt::format("this Avro file has more than {} parts", most_parts));
    Buffer plain;
    if (deflated) {
      auto inside = inflated(*block, room);
      if (!inside) return std::unexpected(inside.error());
      plain = std::move(*inside);
      room -= std::min(room, plain.size());
    }
    AvroReader data(deflated ? Bytes(plain) : *block, parts);
    for (std::int64_t i = 0; i < *count; ++i) {
      auto value = data.datum(schema->root(), 2);
      if (!value) return value;
      all.add(std::move(*value));
    }
    if (!data.done())
      return wrong(fmt::format("a block of this Avro file has {} bytes too many", data.left()));
  }
  return all;
}

}  // namespace mq
