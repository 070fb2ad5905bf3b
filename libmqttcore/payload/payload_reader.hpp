// Decides what a payload is and reads it: the format that was asked for, or by MQTT 5.0's content type and
// payload format indicator, or by the payload map, or by the bytes; then the schema that holds for it. Keeps
// codecs and schemas from message to message. What can't be decoded is told in the reading, which then has
// the bytes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/codec.hpp"
#include "payload/compression.hpp"
#include "payload/payload_map.hpp"
#include "payload/schema.hpp"
#include "payload/violation.hpp"

namespace mq {

struct ReaderOptions {
  std::string format{};  // a row of codecs.hpp; empty: found out for each message
  CodecOptions codec{};
  std::string map_file{};
  std::string schema{};                       // a file, for every message
  std::vector<std::string> schema_folders{};  // of the schemas that it refers to by $id
  bool validate = false;                      // hold messages to their schemas
  bool unpack = true;                         // read compressed payloads as what is in them
  std::optional<Compression> compression{};   // that every payload has; otherwise gzip and zstd are found out
};

// A message as it came. Views live as long as the call.
struct Received {
  std::string_view topic;
  Bytes payload;
  std::string_view content_type{};
  bool is_utf8 = false;  // the payload format indicator is 1
};

struct Reading {
  std::string_view format{};         // of the row that made `value`
  Value value{};                     // null for an empty payload
  Codec* codec = nullptr;            // that decoded it; nullptr when nothing did
  Bytes data{};                      // what it decoded: the payload, or what was compressed in it
  std::optional<Error> undecoded{};  // why the format that it should have could not be read
  bool checked = false;              // a schema, or the rules of its format, were held against it
  std::vector<Violation> violations{};
  Buffer unpacked{};  // owner of `data` when the payload was compressed
};

class PayloadReader {
 public:
  // Loads map and schema, and the codec of `format`, so that what is wrong with them shows before the first
  // message. Kind usage for a map, a schema or a format that is wrong.
  static Result<std::unique_ptr<PayloadReader>> make(ReaderOptions options);

  // The reading lives until the next call.
  const Reading& read(const Received& received);

  // What a person wrote for `topic`, as bytes in the topic's format, appended; as it is when neither option
  // nor map names a format. Kind payload.
  Result<void> encode(std::string_view topic, std::string_view text, Buffer& out);

 private:
  explicit PayloadReader(ReaderOptions options) : options_(std::move(options)) {}

  Result<void> load();
  CodecOptions codec_options(const PayloadRule* rule) const;
  Result<Codec*> codec(std::string_view format, const PayloadRule* rule);
  Result<Schema*> schema(const std::string& file);
  bool unpack(Bytes payload);
  void decode(const Received& received, const PayloadRule* rule);
  void decode_as(std::string_view format, const Received& received, const PayloadRule* rule);
  void decode_by_bytes(const Received& received);
  void check(const Received& received, const PayloadRule* rule);
  // The file whose schema holds for what was read; empty: none, or a violation says why it can't be told.
  std::string schema_file(const Received& received, const PayloadRule* rule);

  ReaderOptions options_;
  std::vector<PayloadRule> rules_;
  std::map<std::pair<std::string_view, const PayloadRule*>, std::unique_ptr<Codec>> codecs_;
  std::map<std::string, std::unique_ptr<Schema>> schemas_;
  Reading reading_;
};

}  // namespace mq
