// Arbitrary bytes as CBOR, and as diagnostic notation. What decodes has a notation, which encodes to bytes of
// the same meaning: the same notation and the same value, but for the spelling of floats, since an encoder
// makes them as short as their value allows and the JSON view spells each in its own precision.
#include <cstdint>
#include <string>
#include <vector>

#include "payload/cbor/cbor.hpp"
#include "payload/json.hpp"

namespace {

using namespace mq;

std::string notation_of(Codec& codec, Bytes data, const Value& value, Layout layout) {
  Buffer out;
  Ink ink(out, layout);
  if (!codec.write_notation(data, {}, value, ink)) __builtin_trap();
  return out;
}

bool is_same(const Value& a, const Value& b) {
  if (a.kind != b.kind || a.name != b.name || a.truth != b.truth || a.items.size() != b.items.size())
    return false;
  if (a.kind != Value::Kind::number && a.text != b.text) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i)
    if (!is_same(a.items[i], b.items[i])) return false;
  return true;
}

void walk(Codec& codec, Bytes data) {
  const auto value = codec.decode(data, {});
  if (!value) {
    if (value.error().kind != ErrorKind::payload || value.error().text.empty()) __builtin_trap();
    return;
  }
  Buffer json;
  append_json(*value, json);
  if (!parse_json(json)) __builtin_trap();
  const std::string notation = notation_of(codec, data, *value, {});
  for (const bool lines : {false, true}) {
    Buffer bytes;
    if (!codec.encode(notation_of(codec, data, *value, {.lines = lines}), bytes)) __builtin_trap();
    const auto again = codec.decode(bytes, {});
    if (!again || !is_same(*value, *again)) __builtin_trap();
    if (notation_of(codec, bytes, *again, {}) != notation) __builtin_trap();
  }
}

void read(Codec& codec, std::string_view text) {
  Buffer bytes;
  if (!codec.encode(text, bytes)) {
    if (!bytes.empty()) __builtin_trap();
    return;
  }
  if (!codec.decode(bytes, {})) __builtin_trap();
  walk(codec, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto item = cbor::make_codec();
  static const auto sequence = cbor::make_sequence_codec();
  const Bytes bytes(reinterpret_cast<const char*>(data), size);
  for (Codec* codec : {item.get(), sequence.get()}) {
    walk(*codec, bytes);
    read(*codec, bytes);
  }
  return 0;
}
