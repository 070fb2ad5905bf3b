// Valid plain topic filters as sets of topics: which takes in all of another, and which have topics in
// common.
#pragma once

#include <optional>
#include <string_view>

namespace mq {

// Whether all topics of `narrow` are topics of `wide` too. [MQTT-4.7.2-1]
bool covers(std::string_view wide, std::string_view narrow);
bool overlap(std::string_view one, std::string_view other);

// Takes the first level off, with the slash behind it; nullopt: there is none left.
std::optional<std::string_view> take_level(std::optional<std::string_view>& text);

}  // namespace mq
