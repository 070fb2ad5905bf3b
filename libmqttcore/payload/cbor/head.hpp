// The heads of CBOR items (RFC 8949, section 3), one after the other, out of bytes that somebody else owns.
// libcbor's streaming decoder reads them, which allocates nothing; nesting is left to those who call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace mq::cbor {

struct Head {
  enum class Kind : std::uint8_t { positive, negative, bytes, text, array, map, tag, simple, floating, stop };

  Kind kind = Kind::stop;
  bool indefinite = false;      // of bytes, text, array, map
  std::uint8_t float_size = 0;  // 2, 4 or 8
  // A positive number, or n of -1 - n; elements of an array, pairs of a map; a tag's or a simple value's
  // number.
  std::uint64_t argument = 0;
  double number = 0;  // floating
  Bytes string{};     // bytes and text of definite length, all there
  std::size_t offset = 0;
};

// "this is not CBOR: at byte 12: ..."
std::unexpected<Error> not_cbor(std::size_t offset, std::string_view why);

class Heads {
 public:
  explicit Heads(Bytes data, std::size_t at = 0) : data_(data), at_(at) {}

  bool done() const { return at_ == data_.size(); }
  std::size_t at() const { return at_; }
  std::size_t left() const { return data_.size() - at_; }
  Bytes data() const { return data_; }

  Result<Head> next();

 private:
  Bytes data_;
  std::size_t at_;
};

}  // namespace mq::cbor
