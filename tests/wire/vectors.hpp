// Packets as data: what MQTT's documents make of these bytes, written down apart from the code that is
// tested. Names begin with the statements that a vector shows. Hexadecimal text may hold spaces.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/version.hpp"

namespace mq::testing {

struct Vector {
  std::string_view name;
  Version version;
  Sender sender;
  std::string_view hex;
  std::string_view meaning;  // as describe() says it
  bool canonical = true;     // encoding the packet gives these bytes again
};

struct InvalidVector {
  std::string_view name;
  Version version;
  Sender sender;
  std::string_view hex;
  ErrorKind kind;
  std::uint8_t reason;
};

std::span<const Vector> valid_vectors();
std::span<const InvalidVector> invalid_vectors_5();
std::span<const InvalidVector> invalid_vectors_3x();
inline std::vector<InvalidVector> invalid_vectors() {
  std::vector<InvalidVector> all(invalid_vectors_5().begin(), invalid_vectors_5().end());
  all.insert(all.end(), invalid_vectors_3x().begin(), invalid_vectors_3x().end());
  return all;
}

// A vector that owns its text; those of the table, and one for every property and every reason code in every
// packet that either side may put it into.
struct OwnVector {
  std::string name;
  Version version;
  Sender sender;
  Buffer bytes;
  std::string meaning;
  bool canonical;
};
std::vector<OwnVector> all_valid_vectors();

}  // namespace mq::testing
