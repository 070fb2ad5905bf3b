// Avro's binary encoding by a schema: bytes to a Value and back. No length and no count is believed that the
// bytes don't bear out; levels and parts are bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/avro/avro_schema.hpp"
#include "payload/value.hpp"

namespace mq {

class AvroReader {
 public:
  AvroReader(Bytes data, std::size_t& parts) : whole_(data), left_(data), parts_(parts) {}

  // The next datum; `level` is how deep it stands. Kind payload; `parts` counts up to most_parts.
  Result<Value> datum(const AvroType& type, std::size_t level = 1);

  // What containers are made of.
  Result<std::int64_t> long_number();
  Result<Bytes> bytes(std::uint64_t size, std::string_view what);
  Result<Bytes> sized(std::string_view what);

  bool done() const { return left_.empty(); }
  std::size_t left() const { return left_.size(); }
  std::size_t at() const { return whole_.size() - left_.size(); }

 private:
  Result<Value> record(const AvroType& type, std::size_t level);
  Result<Value> blocks(const AvroType& type, std::size_t level);
  Result<Value> choice(const AvroType& type, std::size_t level);
  Result<Value> real(bool wide);
  // Counts `more` parts; false when there are too many.
  bool has_room(std::size_t more);
  // The same for text of the schema's that goes into a value: no byte of the data bounds it.
  bool has_room_for(std::string_view schema_text) { return has_room(schema_text.size() / 64); }
  std::unexpected<Error> too_many_parts() const;
  std::unexpected<Error> wrong(std::string_view what) const;

  Bytes whole_;
  Bytes left_;
  std::size_t& parts_;
};

// The whole of a container file as an array of its data ("Object Container Files").
Result<Value> read_avro_container(Bytes file);
inline constexpr Bytes avro_container_magic{"Obj\x01", 4};

// Appends. Bytes are base64; of a union's branches the one that fits best is taken, or the one that an object
// with its name as the only member chooses, as Avro's own JSON has it. Errors have a JSON pointer.
Result<void> write_avro(const AvroType& type, const Value& value, Buffer& out);

}  // namespace mq
