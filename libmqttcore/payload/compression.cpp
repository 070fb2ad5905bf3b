#include "payload/compression.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "payload/module.hpp"

namespace mq {
namespace {

constexpr auto rows = std::to_array<CompressionRow>({
    {Compression::gzip, "gzip", "gzip, RFC 1952"},
    {Compression::deflate, "deflate", "zlib's format as HTTP has it, RFC 1950"},
    {Compression::zstd, "zstd", "Zstandard, RFC 8878"},
});

Result<Buffer> call(CompressionDuty duty, Compression compression, Bytes data, std::size_t limit) {
  const auto module = load_module<CompressionModule>("compression");
  if (!module) return std::unexpected(module.error());
  Result<Buffer> result;
  (*module)(duty, compression, data, limit, result);
  return result;
}

}  // namespace

std::span<const CompressionRow> compressions() { return rows; }

std::string_view name_of(Compression compression) {
  return std::ranges::find(rows, compression, &CompressionRow::compression)->name;
}

std::optional<Compression> find_compression(std::string_view name) {
  const auto found = std::ranges::find(rows, name, &CompressionRow::name);
  return found == rows.end() ? std::nullopt : std::optional(found->compression);
}

std::optional<Compression> compression_of(Bytes data) {
  // 8 is the only method that gzip has.
  if (data.starts_with("\x1F\x8B\x08")) return Compression::gzip;
  if (data.starts_with("\x28\xB5\x2F\xFD")) return Compression::zstd;
  return std::nullopt;
}

Result<Buffer> decompress(Compression compression, Bytes data, std::size_t limit) {
  return call(CompressionDuty::decompress, compression, data, limit);
}

Result<Buffer> compress(Compression compression, Bytes data) {
  return call(CompressionDuty::compress, compression, data, std::numeric_limits<std::size_t>::max());
}

}  // namespace mq
