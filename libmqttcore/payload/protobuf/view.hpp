// A message read by its schema, shown: as the JSON view, in the text format, and as what is wrong with it.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "payload/ink.hpp"
#include "payload/protobuf/tree.hpp"
#include "payload/value.hpp"
#include "payload/violation.hpp"

namespace mq {

// Kind payload when unknown fields make it more than most_parts.
Result<Value> message_view(const ProtoMessage& message);

void write_text_format(const ProtoMessage& message, Ink& ink);

// Missing required fields, unknown fields, texts that are not UTF-8, enums of a number without a name.
std::vector<Violation> message_violations(const ProtoMessage& message);

}  // namespace mq
