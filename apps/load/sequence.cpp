#include "load/sequence.hpp"

#include <algorithm>
#include <utility>

namespace mq {

Sequence::Arrival Sequence::take(std::uint64_t number) {
  if (number == next_) [[likely]] {
    ++next_;
    ++received_;
    return Arrival::fresh;
  }
  if (number > next_) {
    if (!gaps_) gaps_ = std::make_unique<std::vector<Range>>();
    if (gaps_->size() == most_gaps) gaps_->erase(gaps_->begin(), gaps_->begin() + most_gaps / 2);
    gaps_->push_back({.first = next_, .last = number - 1});
    next_ = number + 1;
    ++received_;
    return Arrival::fresh;
  }
  if (!gaps_) return Arrival::duplicate;
  const auto gap = std::ranges::lower_bound(*gaps_, number, {}, &Range::last);
  if (gap == gaps_->end() || gap->first > number) return Arrival::duplicate;
  ++received_;
  if (gap->first == gap->last) {
    gaps_->erase(gap);
  } else if (gap->first == number) {
    ++gap->first;
  } else if (gap->last == number) {
    --gap->last;
  } else {
    const Range before{.first = gap->first, .last = number - 1};
    gap->first = number + 1;
    gaps_->insert(gap, before);
  }
  return Arrival::late;
}

Sequence& SequenceTable::of(std::uint32_t stream) {
  // One stream for each subscriber is the ordinary case: a table of one entry.
  if (entries_.size() == 1 && entries_.front().stream == stream) return entries_.front().sequence;
  if (entries_.size() <= 1 || 4 * (used_ + 1) > 3 * entries_.size()) grow();
  Entry& entry = place(stream);
  if (!entry.used) {
    entry.used = true;
    entry.stream = stream;
    ++used_;
  }
  return entry.sequence;
}

SequenceTable::Entry& SequenceTable::place(std::uint32_t stream) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = (stream * std::size_t{0x9e3779b1}) & mask;
  while (entries_[at].used && entries_[at].stream != stream) at = (at + 1) & mask;
  return entries_[at];
}

void SequenceTable::grow() {
  std::vector<Entry> old = std::exchange(entries_, {});
  entries_.resize(old.empty() ? 1 : std::max<std::size_t>(4, 2 * old.size()));
  for (Entry& entry : old) {
    if (!entry.used) continue;
    Entry& to = place(entry.stream);
    to = std::move(entry);
  }
}

}  // namespace mq
