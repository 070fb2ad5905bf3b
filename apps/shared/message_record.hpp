// A message out of a JSON object on one line: the other way round than message_value.hpp, whose objects it
// takes as docs/message.schema.json describes them, and kind to those that people write. Owns its bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "shared/local_time.hpp"
#include "wire/property.hpp"
#include "wire/version.hpp"

namespace mq {

struct MessageRecord {
  std::string topic;  // empty: none was said
  std::optional<QoS> qos;
  std::optional<bool> retain;
  PropertyList properties;  // all of them fit a PUBLISH that a client sends
  Buffer payload;
  std::optional<LocalTime::Moment> time;
};

enum class RecordTime : std::uint8_t { ignored, read };

// Reads `line` into `record`, all of which is overwritten, its memory used again. What is not said stays
// empty; members that say nothing about a message to be sent (dup, packet_id, format, ...) are passed over,
// and so are topic_alias and subscription_identifiers, which belong to the connection it came by.
// Without "encoding", a payload that is a text stands for itself, any other value for its compact JSON text.
// Kind payload, the text naming the member.
Result<void> read_record(Bytes line, RecordTime time, MessageRecord& record);

}  // namespace mq
