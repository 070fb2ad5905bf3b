// Arbitrary bytes as Sparkplug B payloads, one behind the other as an edge node would send them, so that
// aliases of earlier births are known: each is a byte that chooses the topic, a byte of length, and the
// payload. What decodes has a table for people; the JSON view is made a payload with the same view.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "payload/json.hpp"
#include "payload/protobuf/sparkplug_codec.hpp"

namespace {

using namespace mq;

constexpr std::string_view state = "spBv1.0/STATE/host";
constexpr std::array<std::string_view, 8> topics{"spBv1.0/g/NBIRTH/n",   "spBv1.0/g/NDATA/n",
                                                 "spBv1.0/g/DBIRTH/n/d", "spBv1.0/g/DDATA/n/d",
                                                 "spBv1.0/g/NDEATH/n",   state,
                                                 "spBv1.0/g/NCMD/n",     "other"};

Buffer json_of(const Value& value) {
  Buffer json;
  append_json(value, json);
  return json;
}

void show(Codec& codec, Bytes payload, const PayloadContext& context) {
  const auto value = codec.decode(payload, context);
  if (!value) {
    if (value.error().kind != ErrorKind::payload || value.error().text.empty()) __builtin_trap();
    return;
  }
  Buffer table;
  Ink ink(table, {});
  if (!codec.write_notation(payload, context, *value, ink)) __builtin_trap();
  (void)codec.check_strict(payload, context);
  if (context.topic == state) return;  // JSON, which is not what encode() makes
  Buffer again;
  if (!codec.encode(json_of(*value), again)) return;  // a view may have more than a payload, such as names
  Buffer third;
  const auto twice = codec.decode(again, context);
  if (!twice || !codec.encode(json_of(*twice), third) || third != again) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto made = make_sparkplug_codec({});
  if (!made) __builtin_trap();
  Bytes input(reinterpret_cast<const char*>(data), size);
  while (input.size() >= 2) {
    const PayloadContext context{.topic = topics[static_cast<unsigned char>(input[0]) % topics.size()]};
    const std::size_t length = static_cast<unsigned char>(input[1]);
    show(**made, input.substr(2, length), context);
    input.remove_prefix(std::min(2 + length, input.size()));
  }
  Buffer bytes;
  (void)(*made)->encode({reinterpret_cast<const char*>(data), size}, bytes);
  return 0;
}
