// What a route has carried and what became of it, for metrics and reports. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace mq {

// Where a message of a route ends.
enum class Fate : std::uint8_t {
  delivered,  // at QoS 1 and 2 acknowledged by the destination, at QoS 0 handed to its connection
  looped,     // had been at the destination, or came over too many bridges
  unmapped,   // its new topic is none
  expired,    // by its own expiry interval, or by the queue's age
  overflow,   // the queue was full
  unsent,     // at QoS 0, and the destination was away or slow; or it is in the plan no more
  refused,    // by the destination, or too large for it
  invalid,    // dropped: against its schema, or its treatment failed
  filtered,   // the route's jq program made nothing of it
  doubled,    // equal to one shortly before it
  superseded  // by a later one of its topic, of which the route carries the latest alone
};
inline constexpr std::size_t fates = 11;

struct FateRow {
  std::string_view name;     // in metrics
  std::string_view summary;  // for people, behind a number
};
std::span<const FateRow> fate_rows();  // by their Fate

struct Traffic {
  std::uint64_t received = 0;
  std::uint64_t invalid = 0;  // whatever became of them
  std::array<std::uint64_t, fates> ended{};
  std::uint64_t waiting = 0;  // messages that have come and not ended, and their bytes
  std::uint64_t waiting_bytes = 0;

  std::uint64_t operator[](Fate fate) const { return ended[static_cast<std::size_t>(fate)]; }
  void end(Fate fate) { ++ended[static_cast<std::size_t>(fate)]; }
};

}  // namespace mq
