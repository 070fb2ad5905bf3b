#include "bridge/lane.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "bridge/latest_lane.hpp"
#include "bridge/queue_lane.hpp"

namespace mq {
namespace {

// A timer may be late by that much without the rate's being lower for it.
constexpr Duration most_late = std::chrono::milliseconds(50);

}  // namespace

Waiting::Waiting(const Parcel& parcel, RecordId as, bool is_stored, ReceiptId for_receipt)
    : id(as),
      stored(is_stored),
      qos(parcel.qos),
      retain(parcel.retain),
      arrived(parcel.arrived),
      topic(parcel.topic),
      properties(parcel.properties.block()),
      payload(parcel.payload),
      receipt(for_receipt) {}

Waiting::Waiting(Record record)
    : id(record.id),
      stored(true),
      qos(record.qos),
      retain(record.retain),
      arrived(record.arrived),
      topic(std::move(record.topic)),
      properties(std::move(record.properties)),
      payload(std::move(record.payload)) {}

void Pace::set(double most_per_second) {
  interval_ = most_per_second > 0
                  ? std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / most_per_second))
                  : Duration{};
}

void Pace::took(Time now) {
  if (interval_.count() > 0) next_ = std::max(next_, now - most_late) + interval_;
}

std::unique_ptr<Lane> Lane::make(std::string name, const RoutePlan* plan, PartyId party, Journal* journal) {
  std::unique_ptr<Lane> lane;
  if (plan != nullptr && plan->treatment.latest_every.count() > 0)
    lane = std::make_unique<LatestLane>(std::move(name), plan->treatment.latest_every, party, journal);
  else
    lane = std::make_unique<QueueLane>(std::move(name), party, journal);
  lane->follow(plan);
  return lane;
}

void Lane::follow(const RoutePlan* plan) {
  bounds_ = plan != nullptr ? plan->queue : QueuePlan{.most_bytes = 0};
  pace.set(plan != nullptr ? plan->treatment.most_per_second : 0);
}

bool Lane::has_room(std::string_view /*topic*/, std::size_t bytes) const {
  return (bounds_.most_messages == 0 || traffic.waiting < bounds_.most_messages) &&
         (bounds_.most_bytes == 0 || traffic.waiting == 0 ||
          traffic.waiting_bytes + bytes <= bounds_.most_bytes);
}

}  // namespace mq
