#include "payload/avro/avro_codec.hpp"

#include <fmt/core.h>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "payload/avro/avro_binary.hpp"
#include "payload/avro/avro_schema.hpp"
#include "payload/json.hpp"
#include "payload/text_file.hpp"

namespace mq {
namespace {

// "Single-object encoding": two bytes, then the schema's fingerprint, little-endian.
constexpr Bytes single_object{"\xC3\x01", 2};
constexpr std::size_t fingerprint_size = 8;

std::unexpected<Error> no_schema() {
  return fail(ErrorKind::payload, "Avro needs a schema, unless it is a container file", 0,
              "name the schema's file with --avro-schema");
}

// What `work` makes; memory that is not to be had is an error like any other.
template <class Work>
auto without_throwing(ErrorKind kind, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& error) {
    return fail(kind, fmt::format("Avro: {}", error.what()));
  }
}

class AvroCodec final : public Codec {
 public:
  explicit AvroCodec(std::optional<AvroSchema> schema) : schema_(std::move(schema)) {}

  Result<Value> decode(Bytes data, const PayloadContext&) override {
    return without_throwing(ErrorKind::payload, [&] { return decoded(data); });
  }

  Result<void> encode(std::string_view text, Buffer& out) override {
    return without_throwing(ErrorKind::payload, [&] { return encoded(text, out); });
  }

 private:
  Result<Value> decoded(Bytes data) const {
    if (data.starts_with(avro_container_magic)) return read_avro_container(data);
    if (!schema_) return no_schema();
    if (!data.starts_with(single_object) || data.size() < single_object.size() + fingerprint_size)
      return datum(data);
    Bytes inside = data.substr(single_object.size());
    std::uint64_t fingerprint = 0;
    for (std::size_t i = fingerprint_size; i > 0; --i) fingerprint = fingerprint << 8U | octet(inside[i - 1]);
    inside.remove_prefix(fingerprint_size);
    if (fingerprint == schema_->fingerprint()) return datum(inside);
    // A datum without a frame may begin like that as well, with a long of -98.
    if (auto value = datum(data)) return value;
    return fail(ErrorKind::payload,
                fmt::format("this was written by the schema {:016x}, and the given one is {:016x}",
                            fingerprint, schema_->fingerprint()),
                0, "name the schema that it was written by with --avro-schema");
  }

  Result<Value> datum(Bytes data) const {
    std::size_t parts = 0;
    AvroReader reader(data, parts);
    auto value = reader.datum(schema_->root());
    if (value && !reader.done())
      return fail(ErrorKind::payload,
                  fmt::format("this does not fit the Avro schema: {} bytes are left over", reader.left()));
    return value;
  }

  Result<void> encoded(std::string_view text, Buffer& out) const {
    if (!schema_) return no_schema();
    const auto value = parse_json(text);
    if (!value) return std::unexpected(value.error());
    return write_avro(schema_->root(), *value, out);
  }

  std::optional<AvroSchema> schema_;
};

}  // namespace

MadeCodec make_avro_codec(const CodecOptions& options) {
  if (options.avro_schema.empty()) return std::make_unique<AvroCodec>(std::nullopt);
  const auto text = read_text_file(options.avro_schema, "the Avro schema");
  if (!text) return std::unexpected(text.error());
  auto schema = without_throwing(ErrorKind::schema, [&] { return AvroSchema::parse(*text); });
  if (!schema) return fail(ErrorKind::usage, fmt::format("{}: {}", options.avro_schema, schema.error().text));
  return std::make_unique<AvroCodec>(std::move(*schema));
}

}  // namespace mq
