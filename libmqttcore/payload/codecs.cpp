#include "payload/codecs.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "payload/json.hpp"
#include "payload/message_pack.hpp"
#include "payload/module.hpp"
#include "payload/module_maker.hpp"
#include "payload/plain_codecs.hpp"

namespace mq {
namespace {

struct ModuleName {
  char text[16];
};

// The codec `name` out of a module.
template <ModuleName Module, ModuleName Name>
MadeCodec from_module(const CodecOptions& options) {
  const auto maker = load_module<ModuleMaker>(Module.text);
  if (!maker) return std::unexpected(maker.error());
  MadeCodec made;
  (*maker)(Name.text, options, made);
  return made;
}

constexpr auto rows = std::to_array<CodecRow>({
    {"text", "text as it is, UTF-8", "text/plain text/*", make_text_codec},
    {"json", "JSON", "application/json text/json +json", make_json_codec},
    {"cbor", "CBOR, one item", "application/cbor +cbor", from_module<{"cbor"}, {"cbor"}>},
    {"cbor-seq", "CBOR, a sequence of items", "application/cbor-seq +cbor-seq",
     from_module<{"cbor"}, {"cbor-seq"}>},
    {"msgpack", "MessagePack", "application/msgpack application/vnd.msgpack application/x-msgpack +msgpack",
     make_message_pack_codec},
    {"protobuf", "Protocol Buffers, by --proto and --proto-type, or without a schema as raw fields",
     "application/protobuf application/x-protobuf application/vnd.google.protobuf +protobuf",
     from_module<{"protobuf"}, {"protobuf"}>},
    {"sparkplug", "Sparkplug B", "", from_module<{"protobuf"}, {"sparkplug"}>},
    {"avro", "Avro, one object by --avro-schema, or a container file", "application/avro avro/binary +avro",
     from_module<{"avro"}, {"avro"}>},
    {"hex", "bytes as hexadecimal digits", "", make_hex_codec},
    {"hexdump", "bytes as hexdump -C shows them", "", make_hexdump_codec},
    {"base64", "bytes as base64", "", make_base64_codec},
});

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// "type/*" and "+suffix" stand for many.
bool matches(std::string_view pattern, std::string_view type) {
  if (pattern.starts_with('+')) return type.ends_with(pattern);
  if (pattern.ends_with('*')) return type.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == type;
}

bool row_matches(const CodecRow& row, std::string_view type) {
  std::string_view left = row.content_types;
  while (!left.empty()) {
    const std::string_view pattern = left.substr(0, left.find(' '));
    left.remove_prefix(std::min(left.size(), pattern.size() + 1));
    if (matches(pattern, type)) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<Violation>> Codec::check_strict(Bytes, const PayloadContext&) {
  return std::vector<Violation>{};
}

std::span<const CodecRow> codecs() { return rows; }

const CodecRow* find_codec(std::string_view name) {
  const auto found = std::ranges::find(rows, name, &CodecRow::name);
  return found == rows.end() ? nullptr : &*found;
}

const CodecRow* codec_for_content_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  const std::string wanted = lower(type);
  // text/* would also match what a row further down names.
  const CodecRow* text = nullptr;
  for (const CodecRow& row : rows) {
    if (!row_matches(row, wanted)) continue;
    if (row.name != "text") return &row;
    text = &row;
  }
  return text;
}

}  // namespace mq
