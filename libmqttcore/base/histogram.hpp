// Latencies by the million in fixed memory: counts in the buckets of the HdrHistogram scheme, so that every
// value comes back within a thousandth of what it was. Values are whole microseconds from 1 to an hour; what
// is outside counts as the nearest of these, and is counted as such. Plain data, copyable;
// nothing while it is empty, 185 KiB from the first value on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace mq {

class Histogram {
 public:
  static constexpr std::uint64_t least = 1;
  static constexpr std::uint64_t most = 3'600'000'000;
  // Values below the one have a bucket each; so many powers of two, the first of which these are, follow.
  static constexpr std::uint64_t single_values = 2048;
  static constexpr std::uint64_t powers = 22;

  void record(std::uint64_t microseconds, std::uint64_t times = 1);
  void add(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  std::uint64_t clipped() const { return clipped_; }  // recorded from outside the range
  // Of an empty histogram all of these are 0.
  std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t max() const { return max_; }
  double mean() const;
  double standard_deviation() const;
  // The least value that at least so many per cent of all values don't exceed, as the highest one of its
  // bucket. 0 to 100.
  std::uint64_t percentile(double percent) const;

  // The buckets that hold something, in ascending order, for whoever writes them all out.
  struct Bucket {
    std::uint64_t highest;  // value in it
    std::uint64_t times;
  };
  std::vector<Bucket> buckets() const;
  // The histogram that has these buckets, min(), max() and clipped(); nullopt when none can have them.
  static std::optional<Histogram> restored(std::span<const Bucket> buckets, std::uint64_t min,
                                           std::uint64_t max, std::uint64_t clipped);

  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  std::vector<std::uint64_t> counts_;  // empty until something is recorded
  std::uint64_t count_ = 0;
  std::uint64_t clipped_ = 0;
  std::uint64_t min_ = 0, max_ = 0;
};

}  // namespace mq
