// A journal in memory, as plain as can be, and random changes made to both it and a real one: what the real
// one holds must be what this one says.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "journal/journal.hpp"

namespace mq::testing {

class Model {
 public:
  void add(const Record& record) { entries_[record.id].record = record; }
  void sent(RecordId id, PacketId packet_id);
  void received(RecordId id);
  void remove(RecordId id) { entries_.erase(id); }
  void hold(PartyId source, PacketId packet_id) { held_[source].insert(packet_id); }
  void release(PartyId source, PacketId packet_id) { held_[source].erase(packet_id); }
  void release_all(PartyId source) { held_[source].clear(); }

  // As testing::contents() has it; the parties are numbered in this order.
  std::string contents(const std::vector<std::string>& names) const;

 private:
  struct Entry {
    Record record;
    PacketId packet_id = 0;
    bool received = false;
    unsigned turn = 0;
  };
  std::map<RecordId, Entry> entries_;
  std::map<PartyId, std::set<PacketId>> held_;
  unsigned turn_ = 0;
};

// Changes of all kinds, sensible and not, to records old and new.
class Changer {
 public:
  explicit Changer(unsigned seed) : random_(seed) {}
  // One change, to both. `parties` is how many there are, from 1.
  void change(Journal& journal, Model& model, PartyId parties);
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

 private:
  Record any_record(PartyId parties);

  std::mt19937 random_;
  std::vector<RecordId> ids_;  // of all records so far, the removed ones among them for a while
};

}  // namespace mq::testing
