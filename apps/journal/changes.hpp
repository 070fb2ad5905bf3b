// What a bridge has changed and the file does not have yet. What undoes itself meanwhile leaves nothing here:
// a record that was added and removed is gone, one that was added and sent is one change. Knows no file.
#pragma once

#include <cstdint>
#include <vector>

#include "journal/journal.hpp"

namespace mq {

// A record's id is its number in the order of arrival and, below that, its destination, so that a change
// which names the record alone is found its table.
constexpr unsigned party_bits = 16;
constexpr PartyId last_party = (PartyId{1} << party_bits) - 1;
constexpr RecordId record_id(std::uint64_t number, PartyId destination) {
  return number << party_bits | destination;
}
constexpr PartyId destination_of(RecordId id) { return static_cast<PartyId>(id & last_party); }
constexpr std::uint64_t number_of(RecordId id) { return id >> party_bits; }

class Changes {
 public:
  struct Added {
    Record record;
    std::uint64_t turn = 0;  // of sent() or received(), what came last
    PacketId packet_id = 0;  // 0: not in flight
    bool received = false;   // then the record has no topic, properties and payload
    bool removed = false;    // nothing is left to write
  };
  enum class Kind : std::uint8_t { sent, received, remove, hold, release, release_all };
  // A change of what the file has.
  struct Step {
    Kind kind;
    PacketId packet_id = 0;
    PartyId party = 0;
    RecordId id = 0;
    std::uint64_t turn = 0;
  };

  // Taking in later ones, it sums up when there are more steps.
  explicit Changes(std::size_t most_steps = std::size_t{1} << 16) : compact_at_(most_steps) {}

  void add(Record record);  // with ascending ids
  // `turn` rises from call to call.
  void sent(RecordId id, PacketId packet_id, std::uint64_t turn);
  void received(RecordId id, std::uint64_t turn);
  void remove(RecordId id);
  void hold(PartyId source, PacketId packet_id);
  void release(PartyId source, PacketId packet_id);
  void release_all(PartyId source);

  // Takes in what was changed after these, and empties it.
  void absorb(Changes& later);

  bool empty() const { return living_ == 0 && steps_.empty(); }
  void clear();
  const std::vector<Added>& added() const { return added_; }
  const std::vector<Step>& steps() const { return steps_; }

 private:
  Added* find(RecordId id);
  void drop_removed();
  void compact();

  std::vector<Added> added_;  // by id
  std::size_t living_ = 0;    // of them, those not removed
  std::vector<Step> steps_;
  std::size_t compact_at_;  // steps
};

}  // namespace mq
