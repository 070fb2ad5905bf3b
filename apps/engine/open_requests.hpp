// Times of what waits for an answer, by a number that only goes up (a ticket, a request's number): a ring
// that is as large as what is open at the same time, and neither hashes nor allocates once it is.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
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
    while (entries_.empty() || entries_[number & mask()].number != 0) grow();
    entries_[number & mask()] = {number, times};
    ++size_;
  }
  std::optional<Times> find(std::uint64_t number) const {
    if (entries_.empty() || number == 0) return std::nullopt;
    const Entry& entry = entries_[number & mask()];
    return entry.number == number ? std::optional(entry.times) : std::nullopt;
  }
  // Numbers begin with 1.
  std::optional<Times> take(std::uint64_t number) {
    if (entries_.empty() || number == 0) return std::nullopt;
    Entry& entry = entries_[number & mask()];
    if (entry.number != number) return std::nullopt;
    entry.number = 0;
    --size_;
    return entry.times;
  }
  std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::uint64_t number = 0;  // 0: free
    Times times;
  };
  std::size_t mask() const { return entries_.size() - 1; }
  void grow() {
    std::vector<Entry> old = std::exchange(entries_, {});
    entries_.resize(old.empty() ? 16 : 2 * old.size());
    for (const Entry& entry : old)
      if (entry.number != 0) entries_[entry.number & mask()] = entry;
  }

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace mq
