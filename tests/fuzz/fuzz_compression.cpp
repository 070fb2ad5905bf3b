// Arbitrary bytes as each compression, within a limit, and compressed and back. The first byte chooses.
#include <cstdint>

#include "payload/compression/compressors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mq;
  if (size == 0) return 0;
  constexpr std::size_t limit = 1 << 20;
  const auto& row = compressions()[data[0] % compressions().size()];
  const Bytes input(reinterpret_cast<const char*>(data + 1), size - 1);
  Result<Buffer> result;
  compression::run(CompressionDuty::decompress, row.compression, input, limit, result);
  if (result ? result->size() > limit : result.error().kind != ErrorKind::payload) __builtin_trap();
  compression::run(CompressionDuty::compress, row.compression, input, 0, result);
  if (!result) __builtin_trap();
  const Buffer compressed = *result;
  compression::run(CompressionDuty::decompress, row.compression, compressed, input.size(), result);
  if (!result || *result != input) __builtin_trap();
  return 0;
}
