// Arbitrary bytes as MessagePack, and as JSON to be made MessagePack. The JSON view of what decodes is made
// MessagePack with the same view: bytes have become base64 texts, extensions objects and NaN null by then.
#include <cstdint>

#include "payload/json.hpp"
#include "payload/message_pack.hpp"

namespace {

using namespace mq;

Buffer json_of(const Value& value) {
  Buffer json;
  append_json(value, json);
  return json;
}

void round_trip(Bytes json) {
  const auto value = parse_json(json);
  if (!value) __builtin_trap();
  Buffer bytes;
  if (!write_message_pack(*value, bytes)) __builtin_trap();
  const auto again = read_message_pack(bytes);
  if (!again || json_of(*again) != json) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input(reinterpret_cast<const char*>(data), size);
  if (const auto value = read_message_pack(input)) {
    round_trip(json_of(*value));
    // The value itself comes back whole.
    Buffer bytes;
    if (!write_message_pack(*value, bytes) || read_message_pack(bytes) != *value) __builtin_trap();
  } else if (value.error().kind != ErrorKind::payload || value.error().text.empty()) {
    __builtin_trap();
  }
  if (const auto value = parse_json(input)) {
    Buffer bytes;
    if (write_message_pack(*value, bytes) && !read_message_pack(bytes)) __builtin_trap();
    if (!bytes.empty()) round_trip(json_of(*read_message_pack(bytes)));
  }
  return 0;
}
