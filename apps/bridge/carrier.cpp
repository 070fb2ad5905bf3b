#include "bridge/carrier.hpp"

#include <algorithm>

#include "bridge/fault_point.hpp"
#include "bridge/via.hpp"
#include "shared/local_time.hpp"

namespace mq {

bool Carrier::has_room(const Publish& publish, const std::vector<Destination>& found) {
  return std::ranges::all_of(found, [&publish](const Destination& one) {
    const Parcel parcel{
        .qos = publish.qos, .topic = one.topic, .properties = publish.properties, .payload = publish.payload};
    return one.ends || one.route->to->outlet().has_room(*one.route->lane, parcel);
  });
}

// One that goes on becomes one in addressed_, or, if the route treats it so, none or several. False: it has
// come to no end, because the run is to.
bool Carrier::treat(Link& link, const Publish& publish, const Destination& one) {
  Route& route = *one.route;
  Traffic& traffic = route.lane->traffic;
  ++traffic.received;
  if (one.ends) {
    traffic.end(*one.ends);
    return true;
  }
  const Session& session = route.to->client().session();
  const bool v5 = session.config().version == Version::v5;
  if ((v5 || route.treatment) && properties_.view().empty())
    pass_on(publish.properties, plan_.name, link.endpoint().mark, properties_);
  const Parcel parcel{.qos = std::min({publish.qos, route.plan->most_qos, route.to->endpoint().most_qos()}),
                      .retain = publish.retain && route.plan->retain != RetainPolicy::clear,
                      .topic = one.topic,
                      .properties = properties_.view(),
                      .payload = publish.payload,
                      .arrived = wall_milliseconds()};
  const auto add = [&](Parcel made) {
    if (!v5) made.properties = {};
    addressed_.push_back({&route, made});
  };
  if (!route.treatment) {
    add(parcel);
    return true;
  }
  const Treatment::Treated treated = route.treatment->treat(publish.topic, publish.dup, parcel, loop_.now());
  if (treated.invalid) ++traffic.invalid;
  if (treated.ends) traffic.end(*treated.ends);
  for (const Parcel& each : treated.parcels) add(each);
  return !treated.unfinished;
}

// A message that has come: to all that take it, or, as long as one of them has no room, to none, so that none
// has it twice.
bool Carrier::carry(Link& link, const Publish& publish, Ticket ticket) {
  const std::vector<Destination>& found = router_.routes_for(link.routes(), publish);
  if (found.empty()) ++link.unrouted;
  if (publish.qos != QoS::at_most_once && !has_room(publish, found)) return false;
  addressed_.clear();
  properties_.clear();
  for (const Destination& one : found)
    if (!treat(link, publish, one)) return false;
  const bool through = plan_.store == StoreKind::through && ticket != 0 && !addressed_.empty();
  const ReceiptId receipt = through ? receipts_.open(link, ticket, addressed_.size()) : 0;
  for (const Addressed& each : addressed_)
    each.route->to->outlet().take(*each.route->lane, each.parcel, receipt);
  if (publish.packet_id != 0 && publish.qos == QoS::exactly_once && journal_ != nullptr)
    journal_->hold(link.party(), publish.packet_id);
  if (ticket != 0) fault_point("taken");
  if (ticket != 0 && !through) (void)link.client().acknowledge(ticket);
  return true;
}

void Carrier::take(Link& link, const Message& message) {
  const Publish& publish = message.publish;
  if (publish.qos == QoS::at_most_once) {
    (void)carry(link, publish, 0);
    if (std::ranges::any_of(addressed_, [](const Addressed& one) { return one.route->lane->holds_up(); }))
      link.hold_up(true);
    return;
  }
  fault_point("arrived");
  if (!link.blocked.empty() || !carry(link, publish, message.ticket)) link.block(message);
}

// Looked at after each message at QoS 0, so that what waits is no more than one.
bool Carrier::holds_up(const Link& link) {
  return std::ranges::any_of(link.routes(), [](const Route* route) { return route->lane->holds_up(); });
}

void Carrier::unblock(Link& link) {
  if (link.held_up() && !holds_up(link)) link.hold_up(false);
  while (!link.blocked.empty()) {
    const Link::Blocked& first = link.blocked.front();
    const Publish publish{first.again,  first.qos,       first.retain,
                          first.topic,  first.packet_id, Properties(first.properties),
                          first.payload};
    if (!carry(link, publish, first.ticket)) break;
    link.blocked.pop_front();
  }
}

void Carrier::on_ended(ReceiptId receipt) {
  const auto whole = receipts_.answered(receipt);
  if (whole && whole->link != nullptr) (void)whole->link->client().acknowledge(whole->ticket);
}

}  // namespace mq
