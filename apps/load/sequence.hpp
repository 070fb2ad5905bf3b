// What one subscriber has got of one stream of numbered messages: which are missing, doubled, late. 24 bytes
// while all is well, a list of gaps otherwise, which is bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace mq {

class Sequence {
 public:
  enum class Arrival : std::uint8_t {
    fresh,     // later than all before it
    late,      // it was missing
    duplicate  // it was there already
  };
  struct Range {
    std::uint64_t first, last;
  };

  Arrival take(std::uint64_t number);

  std::uint64_t received() const { return received_; }  // different ones
  std::uint64_t next() const { return next_; }          // after the highest
  // Numbers below next() that are missing, in ascending order.
  std::vector<Range> missing() const { return gaps_ ? *gaps_ : std::vector<Range>(); }

 private:
  // Beyond so many gaps what comes late counts as a duplicate: the oldest gap is closed for good.
  static constexpr std::size_t most_gaps = 4096;

  std::uint64_t next_ = 0;
  std::uint64_t received_ = 0;
  std::unique_ptr<std::vector<Range>> gaps_;
};

// The streams of one subscriber, found by their number.
class SequenceTable {
 public:
  // Made when it is asked for the first time.
  Sequence& of(std::uint32_t stream);

  template <class Visit>
  void visit(Visit&& visit) const {
    for (const Entry& entry : entries_)
      if (entry.used) visit(entry.stream, entry.sequence);
  }

 private:
  struct Entry {
    std::uint32_t stream = 0;
    bool used = false;
    Sequence sequence;
  };
  Entry& place(std::uint32_t stream);
  void grow();

  std::vector<Entry> entries_;  // a power of two of them, at most three quarters used; found by stream number
  std::size_t used_ = 0;
};

}  // namespace mq
