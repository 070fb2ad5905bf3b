// A payload format: bytes to a Value and back, and its own notation where JSON would lose something. A codec
// never prints; what it can't decode is an error of kind payload, and its next call works as the one before.
// Codecs are made by codecs.hpp's table alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/ink.hpp"
#include "payload/value.hpp"
#include "payload/violation.hpp"

namespace mq {

// What comes with the bytes. Views live as long as the call.
struct PayloadContext {
  std::string_view topic{};
  std::string_view content_type{};  // MQTT 5.0 property 0x03, empty when there is none
};

// What a format needs to know beforehand; each uses what is its own.
struct CodecOptions {
  std::vector<std::string> proto_files{};      // .proto files, parsed when the codec is made
  std::vector<std::string> proto_paths{};      // where they and their imports are looked for; "" is added
  std::vector<std::string> descriptor_sets{};  // files written by protoc --descriptor_set_out
  std::string message_type{};                  // "pkg.Message"
  std::string avro_schema{};                   // a file, .avsc
};

class Codec {
 public:
  Codec() = default;
  virtual ~Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;

  // The whole of `data` as a value whose JSON view people and schemas see.
  virtual Result<Value> decode(Bytes data, const PayloadContext& context) = 0;

  // `data` in the format's own notation: what people read. Called after decode() of the same data said yes;
  // formats that JSON shows in full leave it as it is here: decode()'s value as JSON.
  virtual Result<void> write_notation(Bytes data, const PayloadContext& context, const Value& value,
                                      Ink& ink);

  // Where `data`, which decode() can show, breaks the rules of the format's own schema: nothing for formats
  // that have none. At most most_violations of them; the error is decode()'s.
  virtual Result<std::vector<Violation>> check_strict(Bytes data, const PayloadContext& context);

  // What a person wrote for a message (JSON text, or the format's own notation) as bytes for the wire,
  // appended. Kind payload when it says nothing that the format can hold.
  virtual Result<void> encode(std::string_view text, Buffer& out) = 0;
};

using MadeCodec = Result<std::unique_ptr<Codec>>;

}  // namespace mq
