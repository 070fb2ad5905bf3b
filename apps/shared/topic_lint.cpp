#include "shared/topic_lint.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "payload/json.hpp"

namespace mq {
namespace {

struct HabitRow {
  std::string_view words, reason;
};

constexpr std::array<HabitRow, habit_count> rows{{
    {"begins with '/'", "that makes a first level without a name"},
    {"has an empty level", "it looks like the topic without it, and is another"},
    {"holds white space", "it is hard to see, and cuts topics apart in scripts"},
    {"holds a control character", "it can't be seen, and terminals may obey it"},
    {"begins with '$'", "such topics are the server's own, and wildcards leave them out"},
    {"has no member that says when it was made", "\"time\" or \"timestamp\" would"},
    {"has no member that says which form it has", "\"version\" or \"schema\" would"},
}};

// Names of members as lower case letters and digits alone, so that "schemaVersion", "schema_version" and
// "$schema" are found under one spelling.
constexpr std::array<std::string_view, 14> time_names{
    "time",      "timestamp", "ts",         "t",         "datetime", "date",   "sentat",
    "createdat", "created",   "measuredat", "eventtime", "epoch",    "timems", "timens"};
constexpr std::array<std::string_view, 8> version_names{
    "version", "v", "ver", "schema", "schemaversion", "schemaid", "specversion", "apiversion"};

std::string folded(std::string_view name) {
  std::string letters;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z')
      letters += static_cast<char>(c - 'A' + 'a');
    else if (c != '_' && c != '-' && c != '@' && c != '$')
      letters += c;
  }
  return letters;
}

bool has_any(const Value& object, std::span<const std::string_view> names) {
  return std::ranges::any_of(object.items, [names](const Value& member) {
    return std::ranges::find(names, folded(member.name)) != names.end();
  });
}

// What is white space or a control character beyond ASCII: two or three bytes of UTF-8.
struct Sign {
  std::string_view first, last;
  Habit habit;
};

constexpr std::array<Sign, 8> signs{{
    {"\xC2\x80", "\xC2\x9F", Habit::control},        // C1
    {"\xC2\xA0", "\xC2\xA0", Habit::space},          // no-break space
    {"\xE1\x9A\x80", "\xE1\x9A\x80", Habit::space},  // U+1680
    {"\xE2\x80\x80", "\xE2\x80\x8B", Habit::space},  // spaces of many widths, and of none
    {"\xE2\x80\xA8", "\xE2\x80\xA9", Habit::space},  // line and paragraph separator
    {"\xE2\x80\xAF", "\xE2\x80\xAF", Habit::space},  // narrow no-break space
    {"\xE2\x81\x9F", "\xE2\x81\x9F", Habit::space},  // U+205F
    {"\xE3\x80\x80", "\xE3\x80\x80", Habit::space},  // ideographic space
}};

Habits lint_sign(std::string_view rest) {
  for (const Sign& sign : signs) {
    const std::string_view here = rest.substr(0, sign.first.size());
    if (here >= sign.first && here <= sign.last) return bit_of(sign.habit);
  }
  return 0;
}

}  // namespace

Habits lint_topic(std::string_view topic) {
  Habits found = 0;
  if (topic.starts_with('/')) found |= bit_of(Habit::leading_slash);
  if (topic.starts_with('$')) found |= bit_of(Habit::dollar);
  // A leading slash is told as such.
  if (topic.size() > 1 && (topic.ends_with('/') || topic.contains("//"))) found |= bit_of(Habit::empty_level);
  for (std::size_t i = 0; i < topic.size(); ++i) {
    const std::uint8_t c = octet(topic[i]);
    if (c == ' ')
      found |= bit_of(Habit::space);
    else if (c < ' ' || c == 0x7F)
      found |= bit_of(Habit::control);
    else if (c >= 0xC2 && c <= 0xE3)
      found |= lint_sign(topic.substr(i));
  }
  return found;
}

Habits lint_payload(Bytes payload) {
  const std::size_t start = payload.find_first_not_of(" \t\r\n");
  if (start == Bytes::npos || payload[start] != '{') return 0;
  const auto value = parse_json(payload);
  if (!value) return 0;
  Habits found = 0;
  if (!has_any(*value, time_names)) found |= bit_of(Habit::no_time);
  if (!has_any(*value, version_names)) found |= bit_of(Habit::no_version);
  return found;
}

std::vector<Habit> listed(Habits habits) {
  std::vector<Habit> list;
  for (std::size_t i = 0; i < habit_count; ++i)
    if ((habits >> i & 1U) != 0) list.push_back(static_cast<Habit>(i));
  return list;
}

std::string_view in_words(Habit habit) { return rows[static_cast<std::size_t>(habit)].words; }
std::string_view reason_of(Habit habit) { return rows[static_cast<std::size_t>(habit)].reason; }

}  // namespace mq
