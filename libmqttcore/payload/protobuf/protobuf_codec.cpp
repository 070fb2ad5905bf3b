#include "payload/protobuf/protobuf_codec.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "payload/json.hpp"
#include "payload/protobuf/encode.hpp"
#include "payload/protobuf/guarded.hpp"
#include "payload/protobuf/raw.hpp"
#include "payload/protobuf/schema.hpp"
#include "payload/protobuf/tree.hpp"
#include "payload/protobuf/view.hpp"

namespace mq {
namespace {

class RawCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override { return raw_value(data); }
  Result<void> write_notation(Bytes data, const PayloadContext&, const Value&, Ink& ink) override {
    write_raw(data, ink);
    return {};
  }
  Result<void> encode(std::string_view, Buffer&) override {
    return fail(ErrorKind::payload, "without a schema no Protocol Buffers message can be written", 0,
                "name the .proto file with --proto and the message type with --proto-type");
  }
};

class ProtobufCodec final : public Codec {
 public:
  explicit ProtobufCodec(std::unique_ptr<ProtoSchema> schema) : schema_(std::move(schema)) {}

  Result<Value> decode(Bytes data, const PayloadContext&) override {
    return guarded("Protocol Buffers", [&]() -> Result<Value> {
      const auto tree = read_tree(*schema_, data);
      if (!tree) return std::unexpected(tree.error());
      return message_view(tree->root);
    });
  }

  Result<void> write_notation(Bytes data, const PayloadContext&, const Value&, Ink& ink) override {
    return guarded("Protocol Buffers", [&]() -> Result<void> {
      const auto tree = read_tree(*schema_, data);
      if (!tree) return std::unexpected(tree.error());
      write_text_format(tree->root, ink);
      return {};
    });
  }

  Result<std::vector<Violation>> check_strict(Bytes data, const PayloadContext&) override {
    return guarded("Protocol Buffers", [&]() -> Result<std::vector<Violation>> {
      const auto tree = read_tree(*schema_, data);
      if (!tree) return std::unexpected(tree.error());
      return message_violations(tree->root);
    });
  }

  // What is JSON, or begins like an object, is JSON; text format never is.
  Result<void> encode(std::string_view text, Buffer& out) override {
    return guarded("Protocol Buffers", [&]() -> Result<void> {
      const auto json = parse_json(text);
      if (json) return encode_json_view(*schema_, *json, out);
      const std::size_t begin = text.find_first_not_of(" \t\r\n");
      if (begin != std::string_view::npos && text[begin] == '{') return std::unexpected(json.error());
      return encode_text_format(*schema_, text, out);
    });
  }

 private:
  std::unique_ptr<ProtoSchema> schema_;
};

}  // namespace

MadeCodec make_protobuf_codec(const CodecOptions& options) {
  return guarded("Protocol Buffers", [&]() -> MadeCodec {
    auto schema = ProtoSchema::load(options);
    if (!schema) return std::unexpected(schema.error());
    if (*schema == nullptr) return std::make_unique<RawCodec>();
    return std::make_unique<ProtobufCodec>(std::move(*schema));
  });
}

}  // namespace mq
