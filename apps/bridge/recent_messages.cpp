#include "bridge/recent_messages.hpp"

#include <iterator>
#include <utility>

namespace mq {

// No topic holds U+0000 [MQTT-4.7.3-2], so no two messages have the same key.
Buffer RecentMessages::key_of(std::string_view topic, bool retain, Bytes payload) {
  Buffer key(1, retain ? 'r' : 'm');
  key += topic;
  if (retain) return key;
  key += '\0';
  key += payload;
  return key;
}

bool RecentMessages::holds(std::string_view topic, bool retain, Bytes payload, Time now) const {
  const auto found = index_.find(key_of(topic, retain, payload));
  if (found == index_.end()) return false;
  const Entry& entry = *found->second;
  return now - entry.at < window_ && (!retain || entry.content == payload);
}

void RecentMessages::remember(std::string_view topic, bool retain, Bytes payload, Time now) {
  Buffer key = key_of(topic, retain, payload);
  if (const auto before = index_.find(key); before != index_.end()) forget(before->second);
  const std::size_t bytes = topic.size() + payload.size();
  bytes_ += bytes;
  entries_.push_back(
      {.key = std::move(key), .content = Buffer(retain ? payload : Bytes()), .bytes = bytes, .at = now});
  index_.emplace(entries_.back().key, std::prev(entries_.end()));
  while (!entries_.empty() &&
         (now - entries_.front().at >= window_ || index_.size() > most_messages || bytes_ > most_bytes))
    forget(entries_.begin());
}

void RecentMessages::forget_retained(std::string_view topic) {
  if (const auto found = index_.find(key_of(topic, true, {})); found != index_.end()) forget(found->second);
}

void RecentMessages::forget(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  index_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace mq
