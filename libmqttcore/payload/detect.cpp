#include "payload/detect.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/utf8.hpp"
#include "payload/codecs.hpp"

namespace mq {
namespace {

// The control characters are those that programs write into text: bell to carriage return, and escape.
bool is_text(Bytes data) {
  const auto in_text = [](char c) {
    return octet(c) >= 0x20 ? octet(c) != 0x7F : (c >= '\a' && c <= '\r') || c == '\x1b';
  };
  return std::ranges::all_of(data, in_text) && is_utf8(data);
}

// A name as programs give them. Keys of other types, which have their notation for a name in a Value (1,
// h'00', true), don't look like one.
bool is_name(std::string_view name) {
  const auto in_name = [](char c) {
    return octet(c) >= 0x80 || std::isalnum(octet(c)) != 0 || std::string_view("_-.:/$@# ").contains(c);
  };
  constexpr std::array<std::string_view, 4> words{"true", "false", "null", "undefined"};
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') && name.front() != '-' &&
         std::ranges::all_of(name, in_name) && std::ranges::find(words, name) == words.end() && is_utf8(name);
}

// A map with at least one key, all of them names, and nothing behind the map.
bool is_map(std::string_view format, Bytes data) {
  const CodecRow* row = find_codec(format);
  const MadeCodec codec = row != nullptr ? row->make({}) : nullptr;
  if (!codec || *codec == nullptr) return false;
  const auto value = (*codec)->decode(data, {});
  return value && value->kind == Value::Kind::object && !value->items.empty() &&
         std::ranges::all_of(value->items, [](const Value& item) { return is_name(item.name); });
}

bool begins_cbor_map(std::uint8_t first) { return first > 0xA0 && first <= 0xBF; }
bool begins_message_pack_map(std::uint8_t first) {
  return (first > 0x80 && first <= 0x8F) || first == 0xDE || first == 0xDF;
}

}  // namespace

bool may_be_json(Bytes data) {
  const std::size_t first = data.find_first_not_of(" \t\r\n");
  return first != Bytes::npos && std::string_view("{[\"-0123456789tfn").contains(data[first]);
}

std::string_view detect_format(Bytes data) {
  if (is_text(data)) return "text";
  if (data.starts_with("\xD9\xD9\xF7")) return "cbor";
  if (data.starts_with(Bytes("Obj\x01", 4))) return "avro";
  if (begins_cbor_map(octet(data.front())) && is_map("cbor", data)) return "cbor";
  if (begins_message_pack_map(octet(data.front())) && is_map("msgpack", data)) return "msgpack";
  return "hex";
}

}  // namespace mq
