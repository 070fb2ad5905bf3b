// An Avro schema ("Schema Declaration" in Avro's specification). Types may refer to each other in circles:
// whoever walks them counts the levels. Owns all types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/value.hpp"

namespace mq {

enum class AvroKind : std::uint8_t {
  null,
  boolean,
  int_number,
  long_number,
  float_number,
  double_number,
  bytes,
  string,
  record,
  enumeration,
  fixed,
  array,
  map,
  union_of,
};

struct AvroType;

struct AvroField {
  std::string name{};
  const AvroType* type = nullptr;
  std::optional<Value> preset{};  // what a writer takes for a field that isn't given
};

struct AvroType {
  AvroKind kind = AvroKind::null;
  std::string name{};                       // "space.Name", or the kind's own
  std::vector<AvroField> fields{};          // of a record
  std::vector<std::string> symbols{};       // of an enum
  std::size_t size = 0;                     // of a fixed
  const AvroType* items = nullptr;          // of an array or a map
  std::vector<const AvroType*> branches{};  // of a union
};

class AvroSchema {
 public:
  // Kind schema when it is none; `text` is JSON.
  static Result<AvroSchema> parse(std::string_view text);

  const AvroType& root() const { return *root_; }
  // "Parsing Canonical Form", and its CRC-64-AVRO, by which single objects name their schema.
  const std::string& canonical() const { return canonical_; }
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  friend class AvroSchemaReader;

  std::deque<AvroType> types_;
  const AvroType* root_ = nullptr;
  std::string canonical_;
  std::uint64_t fingerprint_ = 0;
};

std::uint64_t avro_fingerprint(Bytes text);

}  // namespace mq
