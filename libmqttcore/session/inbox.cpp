#include "session/inbox.hpp"

#include <algorithm>
#include <utility>

namespace mq {

std::vector<Inbox::Held>::iterator Inbox::lower_bound(PacketId id) {
  return std::ranges::lower_bound(held_, id, {}, &Held::id);
}

bool Inbox::holds(PacketId id) const { return std::ranges::binary_search(held_, id, {}, &Held::id); }

void Inbox::hold(PacketId id) {
  const auto at = lower_bound(id);
  if (at != held_.end() && at->id == id) return;
  held_.insert(at, {.id = id});
  ++open_;
}

bool Inbox::release(PacketId id) {
  const auto at = lower_bound(id);
  if (at == held_.end() || at->id != id) return false;
  if (at->here) --open_;
  held_.erase(at);
  if (held_.empty()) held_.shrink_to_fit();
  // The server has gone on: no repeat of its PUBLISH needs an answer any more.
  std::erase_if(arrivals_, [id](const Arrival& arrival) {
    return arrival.qos == QoS::exactly_once && arrival.id == id && arrival.ticket == 0;
  });
  return true;
}

void Inbox::arrive(Arrival arrival) {
  if (arrival.qos == QoS::at_least_once) ++open_;
  arrivals_.push_back(std::move(arrival));
}

void Inbox::arrive_again(PacketId id) {
  const auto held = lower_bound(id);
  if (!held->here) ++open_;
  held->here = true;
  const auto at = std::ranges::find_if(arrivals_, [id](const Arrival& arrival) {
    return arrival.qos == QoS::exactly_once && arrival.id == id;
  });
  if (at == arrivals_.end()) {
    arrivals_.push_back({.id = id, .qos = QoS::exactly_once, .acked = true, .properties = {}});
    return;
  }
  at->here = true;
  std::rotate(at, at + 1, arrivals_.end());
}

bool Inbox::waits(PacketId id) const {
  return std::ranges::any_of(arrivals_, [id](const Arrival& arrival) {
    return arrival.qos == QoS::exactly_once && arrival.id == id && arrival.ticket != 0;
  });
}

Arrival* Inbox::find(Ticket ticket) {
  const auto at = std::ranges::find(arrivals_, ticket, &Arrival::ticket);
  return at == arrivals_.end() ? nullptr : &*at;
}

std::optional<Arrival> Inbox::next_acknowledged() {
  const auto oldest = std::ranges::find(arrivals_, true, &Arrival::here);
  if (oldest == arrivals_.end() || !oldest->acked) return std::nullopt;
  std::optional<Arrival> arrival(std::move(*oldest));
  if (arrival->qos == QoS::at_least_once) --open_;
  arrivals_.erase(oldest);
  if (arrivals_.empty()) arrivals_.shrink_to_fit();
  return arrival;
}

std::vector<PacketId> Inbox::taken() const {
  std::vector<PacketId> ids;
  for (const Held& held : held_) {
    const bool open = std::ranges::any_of(arrivals_, [&](const Arrival& arrival) {
      return arrival.qos == QoS::exactly_once && arrival.id == held.id &&
             (!arrival.acked || is_failure(arrival.reason));
    });
    if (!open) ids.push_back(held.id);
  }
  return ids;
}

void Inbox::connection_lost() {
  // QoS 1 messages and repeats leave nothing behind.
  std::erase_if(arrivals_, [](const Arrival& arrival) {
    return arrival.ticket == 0 || arrival.qos == QoS::at_least_once;
  });
  for (Arrival& arrival : arrivals_) arrival.here = false;
  for (Held& held : held_) held.here = false;
  open_ = 0;
}

}  // namespace mq
