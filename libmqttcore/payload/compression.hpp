// Payloads that were compressed before they were published. The libraries are a module (module.hpp), loaded
// when the first payload needs it. Each call makes a buffer that belongs to the caller; output is bounded
// whatever the input says of itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq {

enum class Compression : std::uint8_t { gzip, deflate, zstd };

struct CompressionRow {
  Compression compression;
  std::string_view name;
  std::string_view summary;  // for manual pages
};

std::span<const CompressionRow> compressions();
std::string_view name_of(Compression compression);
std::optional<Compression> find_compression(std::string_view name);

// gzip or zstd by their first bytes. Never deflate: one text in a thousand begins like it, so that has to be
// asked for by name.
std::optional<Compression> compression_of(Bytes data);

// All members or frames of `data`, one behind the other. Kind payload when it is cut short or broken, when
// anything else follows, and as soon as the output would be longer than `limit`.
Result<Buffer> decompress(Compression compression, Bytes data, std::size_t limit);

Result<Buffer> compress(Compression compression, Bytes data);

// What the module exports: the functions above with the libraries behind them.
enum class CompressionDuty : std::uint8_t { compress, decompress };
using CompressionModule = void(CompressionDuty duty, Compression compression, Bytes data, std::size_t limit,
                               Result<Buffer>& result);

}  // namespace mq
