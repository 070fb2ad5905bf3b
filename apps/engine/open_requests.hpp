// Times of what waits for an answer, by a number that only goes up (a ticket, a request's number): a ring
// that is at most twice as large as what is open at the same time, and neither hashes nor allocates once it
// is. Stragglers that are overtaken by a whole round of it go to a map of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace mq {

class OpenRequests {
 public:
  struct Times {
    Time due, sent;
  };

  void add(std::uint64_t number, Times times) {
    while (entries_.empty() || entries_[number & mask()].number != 0) make_room(number);
    entries_[number & mask()] = {number, times};
    ++in_ring_;
  }
  std::optional<Times> find(std::uint64_t number) const {
    if (entries_.empty() || number == 0) return std::nullopt;
    const Entry& entry = entries_[number & mask()];
    if (entry.number == number) return entry.times;
    const auto found = stragglers_.find(number);
    return found == stragglers_.end() ? std::nullopt : std::optional(found->second);
  }
  // Numbers begin with 1.
  std::optional<Times> take(std::uint64_t number) {
    if (entries_.empty() || number == 0) return std::nullopt;
    Entry& entry = entries_[number & mask()];
    if (entry.number != number) [[unlikely]]
      return take_straggler(number);
    entry.number = 0;
    --in_ring_;
    return entry.times;
  }
  std::size_t size() const { return in_ring_ + stragglers_.size(); }
  // What it takes is bounded by what is open.
  std::size_t places() const { return entries_.size(); }

  // In no order.
  template <class Visit>
  void visit(Visit&& visit) const {
    for (const Entry& entry : entries_)
      if (entry.number != 0) visit(entry.number, entry.times);
    for (const auto& [number, times] : stragglers_) visit(number, times);
  }

 private:
  struct Entry {
    std::uint64_t number = 0;  // 0: free
    Times times;
  };
  std::size_t mask() const { return entries_.size() - 1; }
  void make_room(std::uint64_t number) {
    if (entries_.empty() || 2 * in_ring_ >= entries_.size()) return grow();
    Entry& old = entries_[number & mask()];
    stragglers_.emplace(std::exchange(old.number, 0), old.times);
    --in_ring_;
  }
  void grow() {
    std::vector<Entry> old = std::exchange(entries_, {});
    entries_.resize(old.empty() ? 16 : 2 * old.size());
    for (const Entry& entry : old)
      if (entry.number != 0) entries_[entry.number & mask()] = entry;
  }
  std::optional<Times> take_straggler(std::uint64_t number) {
    const auto found = stragglers_.find(number);
    if (found == stragglers_.end()) return std::nullopt;
    const Times times = found->second;
    stragglers_.erase(found);
    return times;
  }

  std::vector<Entry> entries_;
  std::size_t in_ring_ = 0;
  std::unordered_map<std::uint64_t, Times> stragglers_;
};

}  // namespace mq
