#include "bridge/outlet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "session/saved.hpp"

namespace mq {
namespace {

constexpr std::size_t most_head_bytes = 8U << 20;
constexpr std::size_t read_bytes = 2U << 20;

std::size_t size_of(const Record& record) {
  return record.topic.size() + record.properties.size() + record.payload.size();
}

Parcel parcel_of(const Record& record) {
  return {.qos = record.qos,
          .retain = record.retain,
          .topic = record.topic,
          .properties = Properties(record.properties),
          .payload = record.payload,
          .arrived = record.arrived};
}

// [MQTT-3.3.2-6]; at least 1 while it lives.
std::optional<std::uint32_t> life_left(const Parcel& parcel, std::int64_t wall) {
  const auto life = parcel.properties.number(PropertyId::message_expiry_interval);
  if (!life) return std::nullopt;
  const std::int64_t waited = std::max<std::int64_t>(0, (wall - parcel.arrived) / 1000);
  return waited >= *life ? 0 : static_cast<std::uint32_t>(*life - waited);
}

}  // namespace

Result<void> Outlet::restore(PartyId party, std::int64_t wall) {
  party_ = party;
  if (journal_ == nullptr) return {};
  auto state = journal_->state(party);
  if (!state) return std::unexpected(std::move(state.error()));
  const SessionConfig& config = client_.session().config();
  std::vector<SavedPublish> publishes;
  Ticket ticket = 0;
  for (const RecordInFlight& each : state->in_flight) {
    const Record& record = each.record;
    SavedPublish& saved =
        publishes.emplace_back(SavedPublish{.id = each.packet_id, .published = record.arrived / 1000});
    if (!each.received)
      saved.message = Publish{false,         record.qos,     record.retain,
                              record.topic,  each.packet_id, Properties(record.properties),
                              record.payload};
    RouteState* const route = owner_.route_of(record.route);
    flights_[++ticket] = {record.id, route, size_of(record), 0};
    if (route != nullptr) {
      ++route->waiting;
      route->waiting_bytes += size_of(record);
    }
  }
  if (!publishes.empty() || !state->held.empty()) {
    const auto saved = saved_session(config.version, config.client_id, state->held, publishes);
    if (!saved) return std::unexpected(saved.error());
    if (auto taken = client_.restore(*saved, wall / 1000); !taken) return taken;
  }
  const auto backlog = journal_->backlog(party);
  if (!backlog) return std::unexpected(backlog.error());
  on_disk_ = backlog->records - std::min<std::uint64_t>(backlog->records, flights_.size());
  return {};
}

bool Outlet::has_room(const RouteState& route, std::size_t bytes) const {
  const QueuePlan& queue = route.plan->queue;
  if (queue.overflow != OverflowPolicy::block) return true;
  return (queue.most_messages == 0 || route.waiting < queue.most_messages) &&
         (queue.most_bytes == 0 || route.waiting == 0 || route.waiting_bytes + bytes <= queue.most_bytes);
}

RecordId Outlet::store(const RouteState& route, const Parcel& parcel) {
  if (journal_ == nullptr) return ++last_id_;
  return journal_->add({.id = 0,
                        .destination = party_,
                        .route = route.party,
                        .arrived = parcel.arrived,
                        .qos = parcel.qos,
                        .retain = parcel.retain,
                        .topic = std::string(parcel.topic),
                        .properties = Buffer(parcel.properties.block()),
                        .payload = Buffer(parcel.payload)});
}

void Outlet::take(RouteState& route, const Parcel& parcel, ReceiptId receipt) {
  if (parcel.qos == QoS::at_most_once) {
    publish_unstored(route, parcel);
    if (receipt != 0) owner_.on_ended(receipt);
    return;
  }
  const QueuePlan& queue = route.plan->queue;
  const bool full =
      (queue.most_messages > 0 && route.waiting >= queue.most_messages) ||
      (queue.most_bytes > 0 && route.waiting > 0 && route.waiting_bytes + parcel.size() > queue.most_bytes);
  if (full && queue.overflow == OverflowPolicy::drop_newest) {
    route.end(Fate::overflow);
    if (receipt != 0) owner_.on_ended(receipt);
    return;
  }
  if (full && queue.overflow == OverflowPolicy::drop_oldest) drop_oldest(route);
  ++route.waiting;
  route.waiting_bytes += parcel.size();
  const RecordId id = store(route, parcel);
  if (head_.empty() && on_disk_ == 0 && client_.session().can_publish(parcel.qos)) {
    (void)publish(&route, parcel, id, receipt);
    return;
  }
  // What the disk has needs no place in memory; without one the queue's bounds are all there is.
  if (journal_ != nullptr && (on_disk_ > 0 || head_bytes_ > most_head_bytes)) {
    ++on_disk_;
    return;
  }
  head_.push_back({.record = {.id = id,
                              .destination = party_,
                              .route = route.party,
                              .arrived = parcel.arrived,
                              .qos = parcel.qos,
                              .retain = parcel.retain,
                              .topic = std::string(parcel.topic),
                              .properties = Buffer(parcel.properties.block()),
                              .payload = Buffer(parcel.payload)},
                   .route = &route,
                   .receipt = receipt});
  head_bytes_ += parcel.size();
  last_in_head_ = id;
}

// QoS 0 overtakes nothing that waits, and waits only if the route wants that.
void Outlet::publish_unstored(RouteState& route, const Parcel& parcel) {
  if (client_.session().can_publish(QoS::at_most_once)) {
    const auto sent = client_.publish(
        Publish{false, parcel.qos, parcel.retain, parcel.topic, 0, parcel.properties, parcel.payload});
    return route.end(sent ? Fate::delivered : Fate::refused);
  }
  route.end(Fate::unsent);
}

// The message is with the session, or has ended; false never leaves it with the caller.
bool Outlet::publish(RouteState* route, const Parcel& parcel, RecordId id, ReceiptId receipt) {
  const Flight flight{id, route, parcel.size(), receipt};
  const auto ticket = client_.publish(
      Publish{false, parcel.qos, parcel.retain, parcel.topic, 0, parcel.properties, parcel.payload});
  if (!ticket) {
    end(flight, Fate::refused);
    return false;
  }
  flights_.emplace(*ticket, flight);
  return true;
}

void Outlet::keep_changes() {
  if (journal_ == nullptr) return;
  Session& session = client_.session();
  for (const SessionChange& change : session.changes()) {
    if (change.kind == SessionChange::Kind::released) {
      journal_->release(party_, change.id);
      continue;
    }
    const auto flight = flights_.find(change.ticket);
    if (flight == flights_.end()) continue;
    if (change.kind == SessionChange::Kind::identified)
      journal_->sent(flight->second.id, change.id);
    else
      journal_->received(flight->second.id);
  }
  session.clear_changes();
}

void Outlet::on_published(const Published& published) {
  keep_changes();
  const auto flight = flights_.find(published.ticket);
  if (flight == flights_.end()) return;
  const Flight ended = flight->second;
  flights_.erase(flight);
  end(ended, is_failure(published.reason) ? Fate::refused : Fate::delivered);
}

void Outlet::on_dropped(const Dropped& dropped) {
  keep_changes();
  const auto flight = flights_.find(dropped.ticket);
  if (flight == flights_.end()) return;
  const Flight ended = flight->second;
  flights_.erase(flight);
  end(ended, dropped.error.kind == ErrorKind::timeout ? Fate::expired : Fate::refused);
}

void Outlet::end(const Flight& flight, Fate fate) {
  if (journal_ != nullptr) journal_->remove(flight.id);
  if (flight.route != nullptr) {
    flight.route->end(fate);
    flight.route->waiting -= std::min<std::uint64_t>(flight.route->waiting, 1);
    flight.route->waiting_bytes -= std::min<std::uint64_t>(flight.route->waiting_bytes, flight.bytes);
  }
  if (flight.receipt != 0) owner_.on_ended(flight.receipt);
}

void Outlet::drop_oldest(RouteState& route) {
  refill();
  const auto oldest = std::ranges::find(head_, &route, &Waiting::route);
  if (oldest == head_.end()) return;
  const Flight flight{oldest->record.id, &route, size_of(oldest->record), oldest->receipt};
  head_bytes_ -= flight.bytes;
  head_.erase(oldest);
  end(flight, Fate::overflow);
}

void Outlet::refill() {
  if (journal_ == nullptr || on_disk_ == 0 || !head_.empty()) return;
  auto records = journal_->read(party_, last_in_head_, read_bytes);
  if (!records) return;  // the next commit tells of it
  for (Record& record : *records) {
    RouteState* const route = owner_.route_of(record.route);
    head_bytes_ += size_of(record);
    last_in_head_ = record.id;
    head_.push_back({.record = std::move(record), .route = route, .receipt = 0});
    on_disk_ -= std::min<std::uint64_t>(on_disk_, 1);
  }
}

bool Outlet::is_over(const Waiting& waiting, std::int64_t wall) const {
  const Parcel parcel = parcel_of(waiting.record);
  if (life_left(parcel, wall) == 0U) return true;
  const Duration age = std::chrono::milliseconds(std::max<std::int64_t>(0, wall - parcel.arrived));
  return waiting.route != nullptr && waiting.route->plan->queue.most_age.count() > 0 &&
         age > waiting.route->plan->queue.most_age;
}

void Outlet::send(std::int64_t wall) {
  while (true) {
    refill();
    if (head_.empty()) return;
    Waiting& first = head_.front();
    const std::size_t bytes = size_of(first.record);
    if (!is_over(first, wall)) {
      if (!client_.session().can_publish(first.record.qos)) return;
      Parcel parcel = parcel_of(first.record);
      PropertyList properties;
      if (const auto left = life_left(parcel, wall)) {
        properties = PropertyList(parcel.properties);
        properties.remove(PropertyId::message_expiry_interval);
        (void)properties.add(PropertyId::message_expiry_interval, *left);
        parcel.properties = properties.view();
      }
      (void)publish(first.route, parcel, first.record.id, first.receipt);
    } else {
      end({first.record.id, first.route, bytes, first.receipt}, Fate::expired);
    }
    head_bytes_ -= std::min(head_bytes_, bytes);
    head_.pop_front();
  }
}

}  // namespace mq
