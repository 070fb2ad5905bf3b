#include "bridge/queue_lane.hpp"

#include <algorithm>
#include <utility>

namespace mq {
namespace {

constexpr std::size_t most_head_bytes = 8U << 20;
constexpr std::size_t read_bytes = 2U << 20;

}  // namespace

Result<void> QueueLane::restore(std::size_t in_flight) {
  const auto backlog = journal_->backlog(party());
  if (!backlog) return std::unexpected(backlog.error());
  traffic.waiting = backlog->records;
  traffic.waiting_bytes = backlog->bytes;
  on_disk_ = backlog->records - std::min<std::uint64_t>(backlog->records, in_flight);
  return {};
}

std::optional<Waiting> QueueLane::put(Waiting waiting, Time /*now*/) {
  if (waiting.qos == QoS::at_most_once) {
    unstored_.push_back(std::move(waiting));
  } else if (waiting.stored && (on_disk_ > 0 || head_bytes_ > most_head_bytes)) {
    // What the disk has needs no place in memory; without one the queue's bounds are all there is.
    ++on_disk_;
  } else {
    head_bytes_ += waiting.size();
    last_in_head_ = waiting.id;
    head_.push_back(std::move(waiting));
  }
  return std::nullopt;
}

void QueueLane::refill() {
  if (on_disk_ == 0 || !head_.empty() || trouble) return;
  auto records = journal_->read(party(), last_in_head_, read_bytes);
  if (!records) {
    trouble = std::move(records.error());
    return;
  }
  for (Record& record : *records) {
    last_in_head_ = record.id;
    head_bytes_ += head_.emplace_back(std::move(record)).size();
    on_disk_ -= std::min<std::uint64_t>(on_disk_, 1);
  }
}

std::deque<Waiting>& QueueLane::next() {
  // Behind what waits for acknowledgements it would hold up the connection that those come over.
  if (holds_up()) return unstored_;
  return head_.empty() || (!unstored_.empty() && unstored_.front().id < head_.front().id) ? unstored_ : head_;
}

const Waiting* QueueLane::oldest() {
  if (holds_up()) return &unstored_.front();
  refill();
  if (head_.empty() && (unstored_.empty() || on_disk_ > 0)) return nullptr;
  return &next().front();
}

Waiting QueueLane::drop_oldest() {
  std::deque<Waiting>& from = next();
  Waiting oldest = std::move(from.front());
  from.pop_front();
  if (&from == &head_) head_bytes_ -= std::min(head_bytes_, oldest.size());
  return oldest;
}

Waiting QueueLane::drop_unstored() {
  Waiting oldest = std::move(unstored_.front());
  unstored_.pop_front();
  return oldest;
}

Waiting QueueLane::pop(Time now) {
  pace.took(now);
  return drop_oldest();
}

std::optional<Time> QueueLane::due(Time now) {
  if (size() == 0 || pace.allows(now)) return std::nullopt;
  return pace.next();
}

}  // namespace mq
