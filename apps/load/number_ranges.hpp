// A set of message numbers, as ranges in ascending order: gaps of a stream, messages that a server refused.
// Taking out at either end is cheap, whatever the size. It is bounded: with too many ranges the lower half is
// forgotten, and known_from() says up to where.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace mq {

class NumberRanges {
 public:
  struct Range {
    std::uint64_t first, last;
    bool operator==(const Range&) const = default;
  };
  static constexpr std::size_t most = 65'536;

  void add(std::uint64_t number) { add(Range{number, number}); }
  void add(Range range);
  // Whether it was in it; now it is not.
  bool take(std::uint64_t number);
  bool contains(std::uint64_t number) const;

  // Below that nothing is known any more.
  std::uint64_t known_from() const { return known_from_; }
  const std::deque<Range>& ranges() const { return ranges_; }
  bool empty() const { return ranges_.empty() && known_from_ == 0; }
  // As if so much had been forgotten.
  void forget_below(std::uint64_t number);

 private:
  std::deque<Range> ranges_;  // apart from each other
  std::uint64_t known_from_ = 0;
};

}  // namespace mq
