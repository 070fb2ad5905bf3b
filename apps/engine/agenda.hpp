// What is due when, for all clients of a thread: one heap instead of a timer for each of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace mq {

class Agenda {
 public:
  enum class Kind : std::uint8_t { work, deadline, connects, request_limit, suback_limit, progress, cut };
  struct Entry {
    Time when;
    std::uint32_t who;  // a client, or of `connects` a population
    Kind kind;
  };

  void add(Time when, std::uint32_t who, Kind kind) {
    entries_.push_back({when, who, kind});
    std::ranges::push_heap(entries_, later);
  }
  std::optional<Time> next() const {
    return entries_.empty() ? std::nullopt : std::optional(entries_.front().when);
  }
  // The next entry that is due by `now`.
  std::optional<Entry> take(Time now) {
    if (entries_.empty() || entries_.front().when > now) return std::nullopt;
    std::ranges::pop_heap(entries_, later);
    const Entry entry = entries_.back();
    entries_.pop_back();
    return entry;
  }

 private:
  static bool later(const Entry& a, const Entry& b) { return a.when > b.when; }

  std::vector<Entry> entries_;
};

}  // namespace mq
