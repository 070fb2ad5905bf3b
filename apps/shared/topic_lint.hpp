// What is allowed but rarely meant: topics with a leading slash, empty levels, spaces and the like, and JSON
// payloads that say neither when they were made nor which form they have. Pure checks; who finds something
// decides what becomes of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace mq {

enum class Habit : std::uint8_t { leading_slash, empty_level, space, control, dollar, no_time, no_version };
inline constexpr std::size_t habit_count = 7;

// A set of them, one bit each.
using Habits = std::uint8_t;
constexpr Habits bit_of(Habit habit) { return static_cast<Habits>(1U << static_cast<unsigned>(habit)); }

// Of a valid topic name.
Habits lint_topic(std::string_view topic);

// Of a payload; nothing for one that is no JSON object.
Habits lint_payload(Bytes payload);

std::vector<Habit> listed(Habits habits);

// A fragment that can follow "topic '/a' ": "begins with '/'"; and why it matters.
std::string_view in_words(Habit habit);
std::string_view reason_of(Habit habit);

}  // namespace mq
