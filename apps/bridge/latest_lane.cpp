#include "bridge/latest_lane.hpp"

#include <algorithm>
#include <utility>

namespace mq {
namespace {

// That are remembered at a time, and the length of their names together.
constexpr std::size_t most_topics = 1U << 20;
constexpr std::size_t most_topic_bytes = 64U << 20;
constexpr std::size_t read_bytes = 2U << 20;

}  // namespace

// All that waits is read: what was superseded has left the journal, but for the last moment before a crash.
Result<void> LatestLane::restore(std::size_t /*in_flight*/) {
  const auto backlog = journal_->backlog(party());
  if (!backlog) return std::unexpected(backlog.error());
  traffic.waiting = backlog->records;
  traffic.waiting_bytes = backlog->bytes;
  RecordId last = 0;
  while (true) {
    auto records = journal_->read(party(), last, read_bytes);
    if (!records) return std::unexpected(records.error());
    if (records->empty()) return {};
    for (Record& record : *records) {
      last = record.id;
      const auto superseded = put(Waiting(std::move(record)), Time{});
      if (!superseded) continue;
      journal_->remove(superseded->id);
      traffic.end(Fate::superseded);
      --traffic.waiting;
      traffic.waiting_bytes -= superseded->size();
    }
  }
}

bool LatestLane::has_room(std::string_view topic, std::size_t bytes) const {
  const auto known = topics_.find(topic);
  if (known != topics_.end() && known->second.waiting)
    return bounds().most_bytes == 0 || traffic.waiting <= 1 ||
           traffic.waiting_bytes + bytes <= bounds().most_bytes + known->second.waiting->size();
  return topics_.size() < most_topics && topic_bytes_ < most_topic_bytes && Lane::has_room(topic, bytes);
}

std::optional<Waiting> LatestLane::put(Waiting waiting, Time now) {
  forget_rested(now);
  const auto [topic, is_new] = topics_.try_emplace(waiting.topic, Topic{.from = now, .waiting = {}});
  if (is_new) {
    turns_.insert({now, topic});
    topic_bytes_ += topic->first.size();
  }
  std::optional<Waiting> superseded = std::exchange(topic->second.waiting, std::move(waiting));
  if (!superseded) ++size_;
  return superseded;
}

void LatestLane::forget_rested(Time now) {
  while (!turns_.empty() && turns_.begin()->from <= now && !turns_.begin()->topic->second.waiting) {
    const auto rested = turns_.begin()->topic;
    turns_.erase(turns_.begin());
    topic_bytes_ -= rested->first.size();
    topics_.erase(rested);
  }
}

const Waiting* LatestLane::first(Time now) {
  forget_rested(now);
  if (turns_.empty() || turns_.begin()->from > now || !pace.allows(now)) return nullptr;
  return &*turns_.begin()->topic->second.waiting;
}

Waiting LatestLane::take(Topics::iterator topic) {
  --size_;
  return *std::exchange(topic->second.waiting, std::nullopt);
}

Waiting LatestLane::pop(Time now) {
  pace.took(now);
  const auto topic = turns_.begin()->topic;
  turns_.erase(turns_.begin());
  topic->second.from = now + every_;
  turns_.insert({topic->second.from, topic});
  return take(topic);
}

const Waiting* LatestLane::oldest() {
  const auto found =
      std::ranges::find_if(turns_, [](const Turn& turn) { return turn.topic->second.waiting.has_value(); });
  return found == turns_.end() ? nullptr : &*found->topic->second.waiting;
}

Waiting LatestLane::drop_oldest() {
  return take(std::ranges::find_if(turns_, [](const Turn& turn) {
                return turn.topic->second.waiting.has_value();
              })->topic);
}

std::optional<Time> LatestLane::due(Time now) {
  forget_rested(now);
  if (size_ == 0) return std::nullopt;
  const Time due = std::max(turns_.begin()->from, pace.next());
  return due > now ? std::optional(due) : std::nullopt;
}

}  // namespace mq
