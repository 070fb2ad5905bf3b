#include "load/number_ranges.hpp"

#include <algorithm>

namespace mq {

void NumberRanges::add(Range range) {
  if (range.last < known_from_) return;
  range.first = std::max(range.first, known_from_);
  // Those that overlap or touch it become one with it.
  auto from = ranges_.begin();
  if (!ranges_.empty() && ranges_.back().last < range.first)
    from = ranges_.end();
  else
    from = std::ranges::lower_bound(ranges_, range.first, {}, &Range::last);
  if (from != ranges_.begin() && std::prev(from)->last + 1 == range.first) --from;
  auto to = from;
  while (to != ranges_.end() && (to->first <= range.last || to->first == range.last + 1)) {
    range.first = std::min(range.first, to->first);
    range.last = std::max(range.last, to->last);
    ++to;
  }
  if (from != to) {
    *from = range;
    ranges_.erase(std::next(from), to);
    return;
  }
  ranges_.insert(from, range);
  if (ranges_.size() > most) forget_below(ranges_[most / 2].first);
}

bool NumberRanges::take(std::uint64_t number) {
  const auto found = std::ranges::lower_bound(ranges_, number, {}, &Range::last);
  if (found == ranges_.end() || found->first > number) return false;
  if (found->first == found->last) {
    ranges_.erase(found);
  } else if (found->first == number) {
    ++found->first;
  } else if (found->last == number) {
    --found->last;
  } else {
    const Range before{.first = found->first, .last = number - 1};
    found->first = number + 1;
    ranges_.insert(found, before);
    if (ranges_.size() > most) forget_below(ranges_[most / 2].first);
  }
  return true;
}

bool NumberRanges::contains(std::uint64_t number) const {
  const auto found = std::ranges::lower_bound(ranges_, number, {}, &Range::last);
  return found != ranges_.end() && found->first <= number;
}

void NumberRanges::forget_below(std::uint64_t number) {
  if (number <= known_from_) return;
  known_from_ = number;
  while (!ranges_.empty() && ranges_.front().last < number) ranges_.pop_front();
  if (!ranges_.empty()) ranges_.front().first = std::max(ranges_.front().first, number);
}

}  // namespace mq
