#include "bridge/outlet.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "bridge/fault_point.hpp"
#include "shared/local_time.hpp"

namespace mq {
namespace {

constexpr Duration patience = std::chrono::seconds(5);

// [MQTT-3.3.2-6]; at least 1 while it lives.
std::optional<std::uint32_t> life_left(const Parcel& parcel, std::int64_t wall) {
  const auto life = parcel.properties.number(PropertyId::message_expiry_interval);
  if (!life) return std::nullopt;
  const std::int64_t waited = std::max<std::int64_t>(0, (wall - parcel.arrived) / 1000);
  return waited >= *life ? 0 : static_cast<std::uint32_t>(*life - waited);
}

Publish publish_of(const Parcel& parcel) {
  return {false, parcel.qos, parcel.retain, parcel.topic, 0, parcel.properties, parcel.payload};
}

}  // namespace

Lane* Outlet::lane_of(std::string_view route) const {
  const auto found =
      std::ranges::find_if(lanes_, [route](const auto& lane) { return lane->name() == route; });
  return found == lanes_.end() ? nullptr : found->get();
}

bool Outlet::has_room(const Lane& lane, const Parcel& parcel) const {
  return lane.bounds().overflow != OverflowPolicy::block || lane.has_room(parcel.topic, parcel.size());
}

// The session would keep messages for a connection to come too, where no bound and no later message reaches
// them. What counts is the QoS that the server takes: at 0 no window bounds what goes.
bool Outlet::can_go(QoS qos) const {
  const Session& session = client_.session();
  return session.connected() && session.can_publish(std::min(qos, session.limits().maximum_qos));
}

// At QoS 0 what can't go waits if the route wants that, or for a moment: a connection that has more to write
// than it takes is to slow its sources down, not to lose what they send.
bool Outlet::may_wait(const Lane& lane, QoS qos) const {
  if (qos != QoS::at_most_once || lane.bounds().qos0 || lane.keeps_unstored()) return true;
  return client_.session().connected() && !stuck_ && !lane.pace.limited() &&
         lane.bounds().overflow == OverflowPolicy::block;
}

// Drops what the policy names if there is no room; false: that is the message itself.
bool Outlet::make_room(Lane& lane, const Parcel& parcel) {
  const OverflowPolicy policy = lane.bounds().overflow;
  const std::uint64_t most = lane.bounds().most_bytes;
  // Nothing is dropped for one that finds no room even so.
  if (policy == OverflowPolicy::drop_oldest && most > 0 && parcel.size() > most) return false;
  // It was let in by its size at the source; what the way has added to it must not lose it.
  if (policy == OverflowPolicy::block && parcel.qos != QoS::at_most_once) return true;
  while (!lane.has_room(parcel.topic, parcel.size())) {
    if (policy != OverflowPolicy::drop_oldest || lane.oldest() == nullptr) return false;
    drop(lane, lane.drop_oldest(), Fate::overflow);
  }
  return true;
}

void Outlet::store(const Lane& lane, const Parcel& parcel) {
  if (journal_ == nullptr) {
    ++last_id_;
    return;
  }
  last_id_ = journal_->add({.id = 0,
                            .destination = lane.party(),
                            .arrived = parcel.arrived,
                            .qos = parcel.qos,
                            .retain = parcel.retain,
                            .topic = std::string(parcel.topic),
                            .properties = Buffer(parcel.properties.block()),
                            .payload = Buffer(parcel.payload)});
}

void Outlet::take(Lane& lane, const Parcel& parcel, ReceiptId receipt) {
  const Time now = loop_.now();
  const bool stored = parcel.qos != QoS::at_most_once;
  const bool at_once = lane.open(now) && can_go(parcel.qos);
  const bool waits = !at_once && may_wait(lane, parcel.qos);
  if (!at_once && (!waits || !make_room(lane, parcel))) {
    lane.traffic.end(waits ? Fate::overflow : Fate::unsent);
    if (receipt != 0) owner_.on_ended(receipt);
    return;
  }
  ++lane.traffic.waiting;
  lane.traffic.waiting_bytes += parcel.size();
  if (stored) store(lane, parcel);
  if (at_once) {
    lane.pace.took(now);
    return publish(parcel, {stored ? last_id_ : 0, &lane, parcel.size(), parcel.arrived, receipt});
  }
  const bool in_journal = stored && journal_ != nullptr;
  if (const auto superseded = lane.put(Waiting(parcel, last_id_, in_journal, receipt), now))
    drop(lane, *superseded, Fate::superseded);
  send(parcel.arrived);
}

// The message is with the session, or has ended. It goes with the QoS that the server takes: what was known
// of that when it came may have been another server.
void Outlet::publish(const Parcel& parcel, const Flight& flight) {
  const auto& limits = client_.session().limits();
  Publish message = publish_of(parcel);
  message.qos = std::min(message.qos, limits.maximum_qos);
  message.retain = message.retain && limits.retain;
  const auto ticket = client_.publish(message);
  if (!ticket) {
    refused(*flight.lane, ticket.error().text);
    return end(flight, Fate::refused);
  }
  if (message.qos == QoS::at_most_once) return end(flight, Fate::delivered);
  flights_.emplace(*ticket, flight);
}

// The first of a lane is told; the rest is counted.
void Outlet::refused(Lane& lane, std::string_view why) {
  if (lane.traffic[Fate::refused] == 0) owner_.on_refused(lane, why);
}

void Outlet::keep_changes() {
  if (journal_ == nullptr) return;
  Session& session = client_.session();
  for (const SessionChange& change : session.changes()) {
    if (change.kind == SessionChange::Kind::released) {
      journal_->release(session_, change.id);
      fault_point("released");
      continue;
    }
    const auto flight = flights_.find(change.ticket);
    if (flight == flights_.end()) continue;
    if (change.kind == SessionChange::Kind::identified) {
      journal_->sent(flight->second.id, change.id);
      fault_point("identified");
    } else {
      journal_->received(flight->second.id);
      fault_point("received");
    }
  }
  session.clear_changes();
}

void Outlet::on_published(const Published& published) {
  const bool failed = is_failure(published.reason);
  land(published.ticket, failed ? Fate::refused : Fate::delivered,
       failed ? name_of(published.reason, PacketType::puback) : std::string_view());
}

void Outlet::on_dropped(const Dropped& dropped) {
  land(dropped.ticket, dropped.error.kind == ErrorKind::timeout ? Fate::expired : Fate::refused,
       dropped.error.text);
}

void Outlet::land(Ticket ticket, Fate fate, std::string_view why) {
  keep_changes();
  const auto flight = flights_.find(ticket);
  if (flight == flights_.end()) return;
  const Flight ended = flight->second;
  flights_.erase(flight);
  if (fate == Fate::refused) refused(*ended.lane, why);
  if (fate == Fate::delivered)
    ended.lane->lag =
        std::chrono::milliseconds(std::max<std::int64_t>(0, wall_milliseconds() - ended.arrived));
  end(ended, fate);
  fault_point("ended");
}

void Outlet::end(const Flight& flight, Fate fate) {
  if (journal_ != nullptr && flight.id != 0) journal_->remove(flight.id);
  Traffic& traffic = flight.lane->traffic;
  traffic.end(fate);
  traffic.waiting -= std::min<std::uint64_t>(traffic.waiting, 1);
  traffic.waiting_bytes -= std::min<std::uint64_t>(traffic.waiting_bytes, flight.bytes);
  if (flight.receipt != 0) owner_.on_ended(flight.receipt);
}

void Outlet::drop(Lane& lane, const Waiting& dropped, Fate fate) {
  end({dropped.stored ? dropped.id : 0, &lane, dropped.size(), dropped.arrived, dropped.receipt}, fate);
}

bool Outlet::is_over(const Lane& lane, const Waiting& waiting, std::int64_t wall) {
  if (life_left(waiting.parcel(), wall) == 0U) return true;
  const Duration age = std::chrono::milliseconds(std::max<std::int64_t>(0, wall - waiting.arrived));
  return lane.bounds().most_age.count() > 0 && age > lane.bounds().most_age;
}

Lane* Outlet::next(Time now, std::int64_t wall) const {
  Lane* found = nullptr;
  RecordId least = 0;
  for (const auto& lane : lanes_) {
    if (lane->size() == 0) continue;
    const Waiting* const first = lane->first(now);
    if (first == nullptr || (found != nullptr && first->id >= least)) continue;
    if (!can_go(first->qos) && !is_over(*lane, *first, wall)) continue;
    found = lane.get();
    least = first->id;
  }
  return found;
}

void Outlet::send(std::int64_t wall) {
  const Time now = loop_.now();
  if (client_.session().can_publish(QoS::at_most_once)) {
    stuck_ = false;
    slow_since_.reset();
  }
  while (Lane* const lane = next(now, wall)) {
    const bool over = is_over(*lane, *lane->first(now), wall);
    const Waiting message = lane->pop(now);
    if (over) {
      drop(*lane, message, Fate::expired);
      continue;
    }
    Parcel parcel = message.parcel();
    PropertyList properties;
    if (const auto left = life_left(parcel, wall)) {
      properties = PropertyList(parcel.properties);
      properties.remove(PropertyId::message_expiry_interval);
      (void)properties.add(PropertyId::message_expiry_interval, *left);
      parcel.properties = properties.view();
    }
    publish(parcel,
            {message.stored ? message.id : 0, lane, message.size(), message.arrived, message.receipt});
  }
  for (const auto& lane : lanes_)
    if (lane->trouble && !std::exchange(told_trouble_, true)) owner_.on_store_damaged(*lane->trouble);
  arm(now);
}

// Lanes that wait for their time alone.
void Outlet::arm(Time now) {
  std::optional<Time> earliest;
  for (const auto& lane : lanes_) {
    const auto due = lane->due(now);
    if (due && (!earliest || *due < *earliest)) earliest = due;
  }
  if (earliest)
    timer_.set(*earliest, [this] { send(wall_milliseconds()); });
  else
    timer_.cancel();
}

bool Outlet::holds_up() const {
  return std::ranges::any_of(lanes_, [](const auto& lane) { return lane->holds_up(); });
}

void Outlet::give_up_unstored() {
  for (const auto& lane : lanes_)
    while (lane->holds_up()) drop(*lane, lane->drop_unstored(), Fate::unsent);
}

void Outlet::drop_overdue(std::int64_t wall) {
  const Time now = loop_.now();
  if (!holds_up()) {
    slow_since_.reset();
  } else if (!client_.session().connected()) {
    give_up_unstored();
  } else if (!slow_since_) {
    slow_since_ = now;
  } else if (now - *slow_since_ > patience) {
    stuck_ = true;
    give_up_unstored();
  }
  for (const auto& lane : lanes_) {
    while (const Waiting* const oldest = lane->oldest()) {
      if (!is_over(*lane, *oldest, wall)) break;
      drop(*lane, lane->drop_oldest(), Fate::expired);
    }
  }
}

void Outlet::abandon() {
  if (journal_ != nullptr) return;
  for (const auto& [ticket, flight] : std::exchange(flights_, {})) end(flight, Fate::unsent);
  for (const auto& lane : lanes_)
    while (lane->oldest() != nullptr) drop(*lane, lane->drop_oldest(), Fate::unsent);
}

std::uint64_t Outlet::waiting() const {
  std::uint64_t sum = 0;
  for (const auto& lane : lanes_) sum += lane->size();
  return sum;
}

std::optional<std::int64_t> Outlet::oldest(Lane& lane) const {
  std::optional<std::int64_t> oldest;
  if (const Waiting* const waiting = lane.oldest()) oldest = waiting->arrived;
  for (const auto& [ticket, flight] : flights_)
    if (flight.lane == &lane && (!oldest || flight.arrived < *oldest)) oldest = flight.arrived;
  return oldest;
}

}  // namespace mq
