// Arbitrary bytes as Avro: a datum of every type, a single object, a container file; and as a schema. What is
// shown and published again must show the same.
#include <cstdint>
#include <filesystem>
#include <memory>

#include "payload/avro/avro_binary.hpp"
#include "payload/avro/avro_codec.hpp"
#include "payload/avro/avro_schema.hpp"

namespace {

using namespace mq;

constexpr std::string_view schema_text = R"({"type":"record","name":"R","fields":[
    {"name":"b","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":"long"},{"name":"f","type":"float"},
    {"name":"d","type":"double"},{"name":"raw","type":"bytes"},{"name":"s","type":"string"},
    {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
    {"name":"x","type":{"type":"fixed","name":"X","size":2}},{"name":"a","type":{"type":"array","items":"int"}},
    {"name":"m","type":{"type":"map","values":"string"}},{"name":"r","type":["null","R"]}]})";

void read_datum(const AvroSchema& schema, Bytes data) {
  std::size_t parts = 0;
  AvroReader reader(data, parts);
  const auto value = reader.datum(schema.root());
  if (!value) {
    if (value.error().text.empty()) __builtin_trap();
    return;
  }
  Buffer again;
  if (!write_avro(schema.root(), *value, again)) __builtin_trap();
  parts = 0;
  const auto same = AvroReader(again, parts).datum(schema.root());
  if (!same || *same != *value) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto schema = AvroSchema::parse(schema_text);
  if (!schema) __builtin_trap();
  if (size == 0) return 0;
  const Bytes input(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 3) {
    case 0:
      read_datum(*schema, input);
      break;
    case 1:
      (void)read_avro_container(Buffer(avro_container_magic) + Buffer(input));
      break;
    default:
      (void)AvroSchema::parse(input);
  }
  return 0;
}
