#include "session/outbox.hpp"

#include <algorithm>
#include <utility>

namespace mq {

namespace {

constexpr std::size_t least_slots = 4;
constexpr std::size_t most_slots = 65536;  // slot 0 then stays free: identifier 0 doesn't exist
constexpr std::size_t kept_capacity = 4096;

bool is_publish(OutStage stage) {
  return stage == OutStage::queued || stage == OutStage::awaiting_puback ||
         stage == OutStage::awaiting_pubrec || stage == OutStage::awaiting_pubcomp;
}

bool is_open(OutStage stage) { return stage != OutStage::free && stage != OutStage::held; }

}  // namespace

Outgoing* Outbox::open(Ticket ticket, OutStage stage) {
  if (used_ == slots_.size() && slots_.size() < most_slots) grow();
  const PacketId id = free_id();
  return id == 0 ? nullptr : &open(ticket, stage, id);
}

Outgoing& Outbox::open(Ticket ticket, OutStage stage, PacketId id) {
  while (slots_.empty() || slot(id).stage != OutStage::free) grow();
  Outgoing& entry = slot(id);
  entry.stage = stage;
  entry.qos = QoS::at_most_once;
  entry.sent_before = false;
  entry.expires = false;
  entry.held = stage == OutStage::held;
  entry.id = id;
  entry.filters = 0;
  entry.ticket = ticket;
  entry.order = next_order();
  entry.packet.clear();
  ++used_;
  if (is_publish(stage)) ++publishes_;
  return entry;
}

Outgoing* Outbox::find(PacketId id) {
  if (slots_.empty() || id == 0) return nullptr;
  Outgoing& entry = slot(id);
  return is_open(entry.stage) && entry.id == id ? &entry : nullptr;
}

bool Outbox::taken(PacketId id) const {
  if (slots_.empty() || id == 0) return false;
  const Outgoing& entry = slots_[id & (slots_.size() - 1)];
  return entry.stage != OutStage::free && entry.id == id;
}

Outgoing& Outbox::renew(Outgoing& entry) {
  // Its own slot counts as free, so that there always is an identifier to be had.
  Outgoing moved = std::exchange(entry, Outgoing{});
  moved.id = free_id();
  return slot(moved.id) = std::move(moved);
}

void Outbox::close(Outgoing& entry) {
  if (is_publish(entry.stage)) --publishes_;
  drop_packet(entry);
  entry.stage = entry.held ? OutStage::held : OutStage::free;
  if (!entry.held) --used_;
}

void Outbox::session_lost() {
  for (Outgoing& entry : slots_) {
    entry.held = false;
    if (entry.stage == OutStage::held) close(entry);
  }
}

std::vector<PacketId> Outbox::held() const {
  std::vector<PacketId> ids;
  for (const Outgoing& entry : slots_)
    if (entry.stage == OutStage::held) ids.push_back(entry.id);
  std::ranges::sort(ids);
  return ids;
}

void Outbox::drop_packet(Outgoing& entry) {
  bytes_ -= entry.packet.size();
  // A small buffer is kept for the next message in this slot, a large one is given back.
  if (entry.packet.capacity() > kept_capacity) Buffer().swap(entry.packet);
  entry.packet.clear();
}

std::vector<PacketId> Outbox::in_order() const {
  std::vector<const Outgoing*> open;
  for (const Outgoing& entry : slots_)
    if (is_open(entry.stage)) open.push_back(&entry);
  std::ranges::sort(open, {}, [](const Outgoing* entry) { return entry->order; });
  std::vector<PacketId> ids;
  ids.reserve(open.size());
  for (const Outgoing* entry : open) ids.push_back(entry->id);
  return ids;
}

PacketId Outbox::free_id() {
  // Twice around, for the wrap leaves out identifier 0 and with it, once, the slot of its low bits.
  for (std::size_t tried = 0; tried < 2 * slots_.size(); ++tried) {
    ++last_id_;
    if (last_id_ == 0) ++last_id_;  // [MQTT-2.2.1-3]
    if (slot(last_id_).stage == OutStage::free) return last_id_;
  }
  return 0;
}

void Outbox::grow() {
  std::vector<Outgoing> old(std::max(least_slots, slots_.size() * 2));
  old.swap(slots_);
  for (Outgoing& entry : old)
    if (entry.stage != OutStage::free) slot(entry.id) = std::move(entry);
}

}  // namespace mq
