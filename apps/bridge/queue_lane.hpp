// A lane in the order of arrival: its head in memory, the rest, where there is a journal, there alone.
// Messages at QoS 0 are in memory alone, and go when those that came before them have gone.
#pragma once

#include <deque>

#include "bridge/lane.hpp"

namespace mq {

class QueueLane final : public Lane {
 public:
  using Lane::Lane;
  QueueLane(std::string name, PartyId party, Journal* journal) : Lane(std::move(name), party, journal) {}

  Result<void> restore(std::size_t in_flight) override;
  bool open(Time now) const override { return size() == 0 && pace.allows(now); }
  std::optional<Waiting> put(Waiting waiting, Time now) override;
  const Waiting* first(Time now) override { return pace.allows(now) ? oldest() : nullptr; }
  Waiting pop(Time now) override;
  const Waiting* oldest() override;
  Waiting drop_oldest() override;
  std::optional<Time> due(Time now) override;
  std::uint64_t size() const override { return head_.size() + unstored_.size() + on_disk_; }
  bool holds_up() const override { return !unstored_.empty() && !bounds().qos0; }
  Waiting drop_unstored() override;

 private:
  void refill();
  std::deque<Waiting>& next();  // has one

  std::deque<Waiting> head_;
  std::size_t head_bytes_ = 0;
  RecordId last_in_head_ = 0;  // that was ever there
  std::uint64_t on_disk_ = 0;  // behind the head
  std::deque<Waiting> unstored_;
};

}  // namespace mq
