// The messages that a route has carried a short while ago, for finding doubles. Keeps their bytes, not hashes
// of them: nobody can make a message that passes for another. Bounded by number and bytes; beyond that the
// oldest are forgotten, so that a double may pass, but no message is taken for one that it isn't.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace mq {

class RecentMessages {
 public:
  static constexpr std::size_t most_messages = 100'000;
  static constexpr std::size_t most_bytes = std::size_t{32} << 20;  // of topics and payloads

  // Doubles lie less than `window` apart.
  explicit RecentMessages(Duration window) : window_(window) {}

  // Whether that message has been remembered so shortly before. Of a topic's retained messages the last alone
  // counts: one that comes again after another must pass, or the destination would keep the other.
  bool holds(std::string_view topic, bool retain, Bytes payload, Time now) const;
  void remember(std::string_view topic, bool retain, Bytes payload, Time now);
  // The topic has no retained message any more.
  void forget_retained(std::string_view topic);

  std::size_t messages() const { return index_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    Buffer key;      // by which it is found
    Buffer content;  // of a retained message, the payload
    std::size_t bytes = 0;
    Time at;
  };
  using Entries = std::list<Entry>;

  static Buffer key_of(std::string_view topic, bool retain, Bytes payload);
  void forget(Entries::iterator entry);

  Duration window_;
  Entries entries_;                                      // the oldest first
  std::map<std::string_view, Entries::iterator> index_;  // by the key; ordered, so no key can slow it down
  std::size_t bytes_ = 0;
};

}  // namespace mq
