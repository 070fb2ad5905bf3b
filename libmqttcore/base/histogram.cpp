#include "base/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace mq {
namespace {

// The scheme: values below 2048 have a bucket each; of the following powers of two each is cut into 1024
// buckets of equal width, which is 1/1024 of the smallest value there, or less.
constexpr unsigned sub_bits = 11;
constexpr std::uint64_t sub_count = std::uint64_t{1} << sub_bits;
static_assert(sub_count == Histogram::single_values &&
              Histogram::most >> (sub_bits + Histogram::powers - 1) == 0);
constexpr std::uint64_t half_count = sub_count / 2;

// By how many bits the values of this one's power of two are cut off.
constexpr unsigned shift_of(std::uint64_t value) {
  const auto width = static_cast<unsigned>(std::bit_width(value));
  return width > sub_bits ? width - sub_bits : 0;
}

constexpr std::size_t index_of(std::uint64_t value) {
  const unsigned shift = shift_of(value);
  return static_cast<std::size_t>(half_count * shift + (value >> shift));
}

constexpr std::uint64_t highest_of(std::size_t index) {
  if (index < sub_count) return index;
  const std::uint64_t shift = index / half_count - 1;
  const std::uint64_t sub = index - half_count * shift;
  return ((sub + 1) << shift) - 1;
}

constexpr std::size_t all_buckets = index_of(Histogram::most) + 1;

static_assert(highest_of(index_of(2048)) == 2049 && highest_of(index_of(2047)) == 2047);

// What stands for all values of a bucket in sums, as HdrHistogram has it: the middle, rounded up.
double middle_of(std::size_t index) {
  if (index < sub_count) return static_cast<double>(index);
  const std::uint64_t width = std::uint64_t{1} << (index / half_count - 1);
  const std::uint64_t upper_half = width / 2;
  return static_cast<double>(highest_of(index) - upper_half + 1);
}

}  // namespace

void Histogram::record(std::uint64_t microseconds, std::uint64_t times) {
  if (times == 0) return;
  const std::uint64_t value = std::clamp(microseconds, least, most);
  if (value != microseconds) clipped_ += times;
  if (counts_.empty()) [[unlikely]]
    counts_.resize(all_buckets);
  counts_[index_of(value)] += times;
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  count_ += times;
}

void Histogram::add(const Histogram& other) {
  if (other.count_ == 0) return;
  if (counts_.empty()) counts_.resize(all_buckets);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  clipped_ += other.clipped_;
}

void Histogram::clear() { *this = Histogram(); }

double Histogram::mean() const {
  if (count_ == 0) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) sum += static_cast<double>(counts_[i]) * middle_of(i);
  return sum / static_cast<double>(count_);
}

double Histogram::standard_deviation() const {
  if (count_ == 0) return 0;
  const double centre = mean();
  double sum = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const double away = middle_of(i) - centre;
    sum += static_cast<double>(counts_[i]) * away * away;
  }
  return std::sqrt(sum / static_cast<double>(count_));
}

std::uint64_t Histogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  // A breath less, so that 99.9 % of 1000 is not taken for a little more than 999.
  const double share =
      std::nextafter(std::clamp(percent, 0.0, 100.0), 0.0) * static_cast<double>(count_) / 100.0;
  const auto wanted = std::clamp(static_cast<std::uint64_t>(std::ceil(share)), std::uint64_t{1}, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) return std::min(highest_of(i), max_);
  }
  return max_;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> filled;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0) filled.push_back({highest_of(i), counts_[i]});
  return filled;
}

std::optional<Histogram> Histogram::restored(std::span<const Bucket> buckets, std::uint64_t min,
                                             std::uint64_t max, std::uint64_t clipped) {
  Histogram made;
  if (buckets.empty()) return min == 0 && max == 0 && clipped == 0 ? std::optional(made) : std::nullopt;
  std::uint64_t before = 0;
  for (const auto& [highest, times] : buckets) {
    const std::size_t index = index_of(highest);
    if (highest <= before || index >= all_buckets || highest_of(index) != highest) return std::nullopt;
    if (times == 0 || times > std::numeric_limits<std::uint64_t>::max() - made.count_) return std::nullopt;
    if (made.counts_.empty()) made.counts_.resize(all_buckets);
    made.counts_[index] = times;
    made.count_ += times;
    before = highest;
  }
  if (min < least || max > most || min > max || clipped > made.count_ ||
      index_of(min) != index_of(buckets.front().highest) || index_of(max) != index_of(before))
    return std::nullopt;
  made.min_ = min;
  made.max_ = max;
  made.clipped_ = clipped;
  return made;
}

}  // namespace mq
