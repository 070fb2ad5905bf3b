// A message as its schema reads it: what the JSON view, the text format and strict checking are made from. It
// views the payload's bytes and owns only what had to be merged; nothing is allocated by a claimed length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/protobuf/proto_wire.hpp"
#include "payload/protobuf/schema.hpp"

namespace mq {

struct ProtoMessage;

struct ProtoValue {
  // A number: sign-extended to 64 bits when its type is signed or an enum; the bits of a float or a double.
  std::uint64_t bits = 0;
  Bytes bytes{};                            // of a string or bytes
  std::unique_ptr<ProtoMessage> message{};  // of a message or a group
};

struct ProtoField {
  const pb::FieldDescriptor* known = nullptr;
  WireField unknown{};  // when it isn't known
  std::vector<ProtoValue> values{};
};

struct ProtoMessage {
  const pb::Descriptor* type = nullptr;
  std::vector<ProtoField> fields{};     // by ascending number, then the unknown ones in the payload's order
  std::unique_ptr<ProtoMessage> any{};  // what an Any holds, when its type is known

  // The field of that number when it is known and set.
  const ProtoField* field(int number) const;
  const ProtoValue* value(int number) const;
  bool has_unknown() const { return !fields.empty() && fields.back().known == nullptr; }
};

struct ProtoTree {
  ProtoMessage root{};
  std::deque<Buffer> merged{};
};

// All of `data` as the schema's message. Missing required fields, unknown fields and invalid UTF-8 are no
// errors here.
Result<ProtoTree> read_tree(ProtoSchema& schema, Bytes data);

}  // namespace mq
