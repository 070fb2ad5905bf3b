#include "journal/model.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "journal/testing.hpp"

namespace mq::testing {

void Model::sent(RecordId id, PacketId packet_id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.received) return;
  found->second.packet_id = packet_id;
  found->second.turn = ++turn_;
}

void Model::received(RecordId id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.packet_id == 0 || found->second.received) return;
  Entry& entry = found->second;
  entry.received = true;
  entry.turn = ++turn_;
  entry.record.topic.clear();
  entry.record.properties.clear();
  entry.record.payload.clear();
}

std::string Model::contents(const std::vector<std::string>& names) const {
  std::string text;
  PartyId id = 0;
  for (const std::string& name : names) {
    text += fmt::format("{} is {}, holds", name, ++id);
    if (const auto held = held_.find(id); held != held_.end())
      for (const PacketId packet_id : held->second) text += fmt::format(" {}", packet_id);
    text += '\n';
    std::vector<const Entry*> in_flight;
    std::string waiting;
    Backlog backlog;
    for (const auto& [record_id, entry] : entries_) {
      const Record& record = entry.record;
      if (record.destination != id) continue;
      if (backlog.records++ == 0) backlog.oldest = record.arrived;
      backlog.bytes += record.topic.size() + record.properties.size() + record.payload.size();
      if (entry.packet_id != 0) {
        in_flight.push_back(&entry);
      } else {
        waiting += line_of(record);
      }
    }
    std::ranges::sort(in_flight, {}, &Entry::turn);
    for (const Entry* entry : in_flight)
      text += line_of(RecordInFlight{entry->record, entry->packet_id, entry->received});
    text += waiting + line_of(backlog);
  }
  return text;
}

Record Changer::any_record(PartyId parties) {
  constexpr unsigned long_payload = 9000;  // more than two pages
  Record made = record(1 + below(parties), std::string(below(40), 'a'), Buffer(below(80), 'p'));
  made.arrived = below(1'000'000'000);
  made.qos = static_cast<QoS>(1 + below(2));
  made.retain = below(2) == 0;
  made.properties.assign(below(9), static_cast<char>(below(256)));
  if (below(20) == 0) made.payload.assign(below(long_payload), '\0');
  return made;
}

void Changer::change(Journal& journal, Model& model, PartyId parties) {
  constexpr std::size_t remembered = 60;
  constexpr unsigned adds = 4;
  const auto packet_id = static_cast<PacketId>(1 + below(50));
  const PartyId party = 1 + below(parties);
  const unsigned what = below(adds + 9);
  if (what < adds || ids_.empty()) {
    Record made = any_record(parties);
    made.id = journal.add(made);
    ids_.push_back(made.id);
    if (ids_.size() > remembered) ids_.erase(ids_.begin());
    return model.add(made);
  }
  const RecordId id = ids_[below(static_cast<unsigned>(ids_.size()))];
  switch (what - adds) {
    case 0:
    case 1:
      journal.sent(id, packet_id);
      return model.sent(id, packet_id);
    case 2:
      journal.received(id);
      return model.received(id);
    case 3:
      if (below(5) != 0) return;
      journal.release_all(party);
      return model.release_all(party);
    case 4:
      journal.hold(party, packet_id);
      return model.hold(party, packet_id);
    case 5:
      journal.release(party, packet_id);
      return model.release(party, packet_id);
    default:
      journal.remove(id);
      return model.remove(id);
  }
}

}  // namespace mq::testing
