#include "journal/changes.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

namespace mq {
namespace {

void forget_body(Record& record) {
  record.topic = {};
  record.properties = {};
  record.payload = {};
}

}  // namespace

Changes::Added* Changes::find(RecordId id) {
  if (added_.empty() || id < added_.front().record.id) return nullptr;
  const auto at =
      std::ranges::lower_bound(added_, id, {}, [](const Added& added) { return added.record.id; });
  return at != added_.end() && at->record.id == id ? &*at : nullptr;
}

void Changes::add(Record record) {
  added_.push_back({.record = std::move(record)});
  ++living_;
}

void Changes::sent(RecordId id, PacketId packet_id, std::uint64_t turn) {
  Added* const added = find(id);
  if (added == nullptr) {
    steps_.push_back({.kind = Kind::sent, .packet_id = packet_id, .id = id, .turn = turn});
  } else if (!added->received) {
    added->packet_id = packet_id;
    added->turn = turn;
  }
}

void Changes::received(RecordId id, std::uint64_t turn) {
  Added* const added = find(id);
  if (added == nullptr) {
    steps_.push_back({.kind = Kind::received, .id = id, .turn = turn});
  } else if (added->packet_id != 0 && !added->received && !added->removed) {
    added->received = true;
    added->turn = turn;
    forget_body(added->record);
  }
}

void Changes::remove(RecordId id) {
  Added* const added = find(id);
  if (added == nullptr) {
    steps_.push_back({.kind = Kind::remove, .id = id});
  } else if (!added->removed) {
    added->removed = true;
    forget_body(added->record);
    --living_;
    drop_removed();
  }
}

void Changes::hold(PartyId source, PacketId packet_id) {
  steps_.push_back({.kind = Kind::hold, .packet_id = packet_id, .party = source});
}

void Changes::release(PartyId source, PacketId packet_id) {
  steps_.push_back({.kind = Kind::release, .packet_id = packet_id, .party = source});
}

void Changes::release_all(PartyId source) { steps_.push_back({.kind = Kind::release_all, .party = source}); }

void Changes::absorb(Changes& later) {
  if (empty()) {
    std::swap(added_, later.added_);
    std::swap(living_, later.living_);
    std::swap(steps_, later.steps_);
  } else {
    added_.insert(added_.end(), std::make_move_iterator(later.added_.begin()),
                  std::make_move_iterator(later.added_.end()));
    living_ += later.living_;
    for (const Step& step : later.steps_) {
      if (step.kind == Kind::sent) {
        sent(step.id, step.packet_id, step.turn);
      } else if (step.kind == Kind::received) {
        received(step.id, step.turn);
      } else if (step.kind == Kind::remove) {
        remove(step.id);
      } else {
        steps_.push_back(step);
      }
    }
    if (steps_.size() > compact_at_) compact();
  }
  later.clear();
}

void Changes::clear() {
  added_.clear();
  living_ = 0;
  steps_.clear();
}

// Gaps cost room and searching: never more of them than of the others.
void Changes::drop_removed() {
  constexpr std::size_t few = 64;
  if (added_.size() < few || living_ > added_.size() / 2) return;
  std::erase_if(added_, [](const Added& added) { return added.removed; });
}

// While nothing can be written steps would pile up, with each reconnect for one. What says nothing new goes.
void Changes::compact() {
  // Of a record the steps that count. Whether it is in flight only the file knows, and so whether a
  // received() without a sent() before it does anything.
  constexpr std::size_t none = ~std::size_t{0};
  struct Counting {
    std::size_t sent = none, perhaps = none, received = none;
    bool removed = false;
  };
  std::unordered_map<RecordId, Counting> records;
  std::vector<bool> idle(steps_.size() + 1);  // the last is dropped as `none`
  const auto drop = [&](std::size_t at) { idle[std::min(at, steps_.size())] = true; };
  for (std::size_t at = 0; at < steps_.size(); ++at) {
    if (steps_[at].id == 0) continue;
    Counting& counting = records[steps_[at].id];
    if (counting.removed) {
      drop(at);
    } else if (steps_[at].kind == Kind::remove) {
      drop(counting.sent);
      drop(counting.perhaps);
      drop(counting.received);
      counting.removed = true;
    } else if (counting.received != none) {
      drop(at);
    } else if (steps_[at].kind == Kind::sent) {
      drop(std::exchange(counting.sent, at));
    } else if (counting.sent != none) {
      counting.received = at;
    } else if (counting.perhaps != none) {
      drop(at);
    } else {
      counting.perhaps = at;
    }
  }
  // Of an identifier, and of what is said of all, the last counts.
  std::set<std::pair<PartyId, PacketId>> known;
  std::set<PartyId> released;
  for (std::size_t at = steps_.size(); at-- > 0;) {
    const Step& step = steps_[at];
    if (step.id != 0) continue;
    const bool counts = step.kind == Kind::release_all ? released.insert(step.party).second
                                                       : !released.contains(step.party) &&
                                                             known.emplace(step.party, step.packet_id).second;
    if (!counts) drop(at);
  }
  std::size_t kept = 0;
  for (std::size_t at = 0; at < steps_.size(); ++at)
    if (!idle[at]) steps_[kept++] = steps_[at];
  steps_.resize(kept);
  compact_at_ = std::max(compact_at_, 2 * kept);
}

}  // namespace mq
