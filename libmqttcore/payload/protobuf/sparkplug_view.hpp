// A Sparkplug B payload as its JSON view, that view as a table for people, and the view as a payload again.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "payload/ink.hpp"
#include "payload/protobuf/sparkplug_names.hpp"
#include "payload/protobuf/tree.hpp"
#include "payload/value.hpp"
#include "payload/violation.hpp"

namespace mq {

// `node` is whose aliases count; empty when the topic tells none. Kind payload when it has more than
// most_parts.
Result<Value> sparkplug_view(const ProtoMessage& payload, const SparkplugNames& names,
                             const std::string& node);

// A packed array (Sparkplug 3.0, 6.4.17) as its elements; nullopt when the bytes are no such array.
// `parts` counts up to most_parts.
std::optional<Value> sparkplug_array(std::uint32_t type, Bytes packed, std::size_t& parts);
// nullopt, with `pointer` extended to the element, when the elements are not of that type.
std::optional<Buffer> packed_array(std::uint32_t type, const Value& array, std::string& pointer);

// A header line, then one line for each metric: name, type, value, time, flags; or all on one line.
void write_sparkplug_table(const Value& view, Ink& ink);

Result<void> encode_sparkplug(ProtoSchema& schema, const Value& view, Buffer& out);

// Metrics without name, type or both, numbers that their type doesn't have, and fields that Sparkplug doesn't
// know.
std::vector<Violation> sparkplug_violations(const Value& view);

}  // namespace mq
