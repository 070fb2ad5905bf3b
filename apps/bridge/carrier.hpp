// Takes what has come over a link along its routes to the queues of their destinations, and acknowledges it
// when it is safe there. What finds no room stays with its link, unacknowledged, and holds up what follows.
#pragma once

#include <cstdint>
#include <vector>

#include "bridge/link.hpp"
#include "bridge/plan.hpp"
#include "bridge/receipts.hpp"
#include "bridge/router.hpp"

namespace mq {

class Carrier {
 public:
  // `journal` is nullptr where the store is none. All outlive the carrier.
  Carrier(const BridgePlan& plan, Loop& loop, Journal* journal)
      : plan_(plan), loop_(loop), journal_(journal), router_(plan) {}

  void take(Link& link, const Message& message);
  void unblock(Link& link);  // what now has room
  void on_ended(ReceiptId receipt);

 private:
  bool carry(Link& link, const Publish& publish, Ticket ticket);
  static bool has_room(const Publish& publish, const std::vector<Destination>& found);
  static bool holds_up(const Link& link);
  bool treat(Link& link, const Publish& publish, const Destination& one);

  // For a queue, views that live until the message under way has been taken.
  struct Addressed {
    Route* route;
    Parcel parcel;
  };

  const BridgePlan& plan_;
  Loop& loop_;
  Journal* journal_;
  Router router_;
  Receipts receipts_;
  std::vector<Addressed> addressed_;
  PropertyList properties_;  // of the message under way, with its way
};

}  // namespace mq
