#include "load/sequence.hpp"

#include <algorithm>
#include <utility>

namespace mq {

Sequence::Arrival Sequence::take(std::uint64_t number) {
  if (number == next_) [[likely]] {
    ++next_;
    return Arrival::fresh;
  }
  if (number > next_) {
    if (!gaps_) gaps_ = std::make_unique<NumberRanges>();
    gaps_->add({.first = next_, .last = number - 1});
    next_ = number + 1;
    return Arrival::fresh;
  }
  if (!gaps_) return Arrival::duplicate;
  if (gaps_->take(number)) return Arrival::late;
  return number < gaps_->known_from() ? Arrival::unknown : Arrival::duplicate;
}

std::vector<Sequence::Range> Sequence::missing() const {
  if (!gaps_) return {};
  return {gaps_->ranges().begin(), gaps_->ranges().end()};
}

Sequence& SequenceTable::of(std::uint32_t stream) {
  // One stream for each subscriber is the ordinary case: a table of one entry.
  if (entries_.size() == 1 && entries_.front().stream == stream) return entries_.front().sequence;
  if (entries_.size() <= 1 || 4 * (used_ + 1) > 3 * entries_.size()) grow();
  Entry& entry = entries_[place(stream)];
  if (!entry.used) {
    entry.used = true;
    entry.stream = stream;
    ++used_;
  }
  return entry.sequence;
}

const Sequence* SequenceTable::find(std::uint32_t stream) const {
  if (entries_.empty()) return nullptr;
  const Entry& entry = entries_[place(stream)];
  return entry.used && entry.stream == stream ? &entry.sequence : nullptr;
}

std::size_t SequenceTable::place(std::uint32_t stream) const {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = (stream * std::size_t{0x9e3779b1}) & mask;
  // A table of one entry may be full.
  while (entries_[at].used && entries_[at].stream != stream && mask > 0) at = (at + 1) & mask;
  return at;
}

void SequenceTable::grow() {
  std::vector<Entry> old = std::exchange(entries_, {});
  entries_.resize(old.empty() ? 1 : std::max<std::size_t>(4, 2 * old.size()));
  for (Entry& entry : old) {
    if (!entry.used) continue;
    entries_[place(entry.stream)] = std::move(entry);
  }
}

}  // namespace mq
