// A member of JSON objects that goes from a request into its answer, for those who tell answers apart by it.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/value.hpp"

namespace mq {

// Nullopt: `request` is no JSON object, or has no member of that name.
std::optional<Value> member_of(Bytes request, const std::string& name);

// `answer` with that member instead of any of its name, appended. Kind payload: it is no JSON object.
Result<void> append_with_member(Bytes answer, const Value& member, Buffer& out);

// What a failed answer is when it must carry a member: {"error": `text`, "status": `status`, ...}. What is no
// UTF-8 in the text becomes U+FFFD.
void append_failure(std::string_view text, std::string_view status, const Value& member, Buffer& out);

}  // namespace mq
