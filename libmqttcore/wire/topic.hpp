// Topic names and topic filters (5.0: 4.7, 4.8.2): what is valid, and what matches. Views only.
#pragma once

#include <string_view>

#include "base/error.hpp"

namespace mq {

// Kind usage, reason 0x90, text says what is wrong. [MQTT-3.3.2-2] [MQTT-4.7.3-1] [MQTT-4.7.3-2]
// [MQTT-4.7.3-3]
Result<void> check_topic_name(std::string_view topic);

// Kind usage, reason 0x8F; knows shared filters. [MQTT-4.7.1-1] [MQTT-4.7.1-2] [MQTT-4.8.2-1] [MQTT-4.8.2-2]
Result<void> check_topic_filter(std::string_view filter);

// The part of a shared filter behind "$share/NAME/"; any other filter as it is.
std::string_view plain_filter(std::string_view filter);
bool is_shared(std::string_view filter);
bool has_wildcard(std::string_view filter);

// Whether a valid plain filter takes in a valid topic name, octet for octet. [MQTT-4.7.2-1] [MQTT-4.7.3-4]
bool matches(std::string_view filter, std::string_view topic);

}  // namespace mq
