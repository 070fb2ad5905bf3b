#include "session/inbox.hpp"

#include <algorithm>
#include <utility>

namespace mq {

bool Inbox::holds(PacketId id) const {
  const auto page = std::ranges::find(held_, page_of(id), &Page::number);
  return page != held_.end() && page->held[bit_of(id)];
}

void Inbox::hold(PacketId id) {
  if (holds(id)) return;
  auto page = std::ranges::find(held_, page_of(id), &Page::number);
  if (page == held_.end()) page = held_.insert(page, {.number = page_of(id), .held = {}, .here = {}});
  page->held.set(bit_of(id));
  page->here.set(bit_of(id));
  ++open_;
}

bool Inbox::release(PacketId id) {
  const auto page = std::ranges::find(held_, page_of(id), &Page::number);
  if (page == held_.end() || !page->held[bit_of(id)]) return false;
  if (page->here[bit_of(id)]) --open_;
  page->held.reset(bit_of(id));
  page->here.reset(bit_of(id));
  if (page->held.none()) held_.erase(page);
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
  const auto page = std::ranges::find(held_, page_of(id), &Page::number);
  if (!page->here[bit_of(id)]) ++open_;
  page->here.set(bit_of(id));
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

bool Inbox::unanswered_again(PacketId id, bool dup) {
  if (absent_ == 0) return false;
  const auto at = std::ranges::find_if(arrivals_, [id](const Arrival& arrival) {
    return arrival.qos == QoS::at_least_once && arrival.id == id && !arrival.here;
  });
  if (at == arrivals_.end()) return false;
  --absent_;
  if (!dup) {
    arrivals_.erase(at);
    return false;
  }
  at->here = true;
  ++open_;
  std::rotate(at, at + 1, arrivals_.end());
  return true;
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
  for (const Page& page : held_) {
    for (unsigned bit = 0; bit < page.held.size(); ++bit) {
      if (page.held[bit]) ids.push_back(static_cast<PacketId>(page.number << 8U | bit));
    }
  }
  std::erase_if(ids, [&](PacketId id) {
    return std::ranges::any_of(arrivals_, [&](const Arrival& arrival) {
      return arrival.qos == QoS::exactly_once && arrival.id == id &&
             (!arrival.acked || is_failure(arrival.reason));
    });
  });
  return ids;
}

void Inbox::connection_lost() {
  std::erase_if(arrivals_, [](const Arrival& arrival) { return arrival.ticket == 0; });
  for (Arrival& arrival : arrivals_) arrival.here = false;
  absent_ = static_cast<std::size_t>(std::ranges::count(arrivals_, QoS::at_least_once, &Arrival::qos));
  for (Page& page : held_) page.here.reset();
  open_ = 0;
}

}  // namespace mq
