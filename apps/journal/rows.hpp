// How a record stands in its destination's table. For apps/journal alone.
#pragma once

#include <cstdint>
#include <string>

#include "journal/changes.hpp"

namespace mq {

// "record_7(id, arrived, flags, size, checked, topic, properties, payload)"
std::string table_of(PartyId destination);
std::string create_table(PartyId destination);

// QoS and retain flag in one number.
std::uint64_t flags_of(const Record& record);
void set_flags(Record& record, std::uint64_t flags);

inline std::uint64_t size_of(const Record& record) {
  return record.topic.size() + record.properties.size() + record.payload.size();
}

// What a row is held to when it is read: nothing else would show a byte that a disk has changed. The same on
// every machine.
std::uint32_t check_of(const Record& record);

}  // namespace mq
