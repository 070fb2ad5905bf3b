// What one subscriber has got of one stream of numbered messages: which are missing, doubled, late. 16 bytes
// while all is well, a list of gaps otherwise, which is bounded: what it had to forget is not known.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "load/number_ranges.hpp"

namespace mq {

class Sequence {
 public:
  enum class Arrival : std::uint8_t {
    fresh,      // later than all before it
    late,       // it was missing
    duplicate,  // it was there already
    unknown     // late or duplicate: too many were missing to keep them all in mind
  };
  using Range = NumberRanges::Range;

  Arrival take(std::uint64_t number);

  std::uint64_t next() const { return next_; }  // after the highest
  // Numbers below next() that are missing, in ascending order; below known_from() some may be that are not
  // told.
  std::vector<Range> missing() const;
  std::uint64_t known_from() const { return gaps_ ? gaps_->known_from() : 0; }

 private:
  std::uint64_t next_ = 0;
  std::unique_ptr<NumberRanges> gaps_;
};

// The streams of one subscriber, found by their number.
class SequenceTable {
 public:
  // Made when it is asked for the first time.
  Sequence& of(std::uint32_t stream);
  const Sequence* find(std::uint32_t stream) const;

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
  std::size_t place(std::uint32_t stream) const;
  void grow();

  std::vector<Entry> entries_;  // a power of two of them, at most three quarters used; found by stream number
  std::size_t used_ = 0;
};

}  // namespace mq
