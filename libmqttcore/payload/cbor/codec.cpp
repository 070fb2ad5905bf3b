#include <memory>

#include "payload/cbor/cbor.hpp"
#include "payload/cbor/check.hpp"
#include "payload/cbor/notation.hpp"
#include "payload/cbor/read_notation.hpp"
#include "payload/cbor/view.hpp"

namespace mq::cbor {
namespace {

class ItemCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override {
    if (const auto fine = check_item(data); !fine) return std::unexpected(fine.error());
    return view_of_item(data);
  }
  Result<void> write_notation(Bytes data, const PayloadContext&, const Value&, Ink& ink) override {
    if (auto fine = check_item(data); !fine) return fine;
    write_item(data, 0, ink);
    return {};
  }
  Result<void> encode(std::string_view text, Buffer& out) override { return read_item(text, out); }
};

class SequenceCodec final : public Codec {
 public:
  Result<Value> decode(Bytes data, const PayloadContext&) override {
    if (const auto fine = check_sequence(data); !fine) return std::unexpected(fine.error());
    return view_of_sequence(data);
  }
  Result<void> write_notation(Bytes data, const PayloadContext&, const Value&, Ink& ink) override {
    if (auto fine = check_sequence(data); !fine) return std::unexpected(fine.error());
    write_sequence(data, ink);
    return {};
  }
  Result<void> encode(std::string_view text, Buffer& out) override { return read_sequence(text, out); }
};

}  // namespace

std::unique_ptr<Codec> make_codec() { return std::make_unique<ItemCodec>(); }
std::unique_ptr<Codec> make_sequence_codec() { return std::make_unique<SequenceCodec>(); }

}  // namespace mq::cbor
