// What a test wants to go wrong on the way to a subscriber.
#include <utility>
#include <vector>

#include "sink/delivery.hpp"

namespace mq::sink {

void Delivery::deliver_as_fated(Session& session, Passing& passing, const Grant& grant) {
  const Fate fate = faults_.fate(session.client_id, passing.packet);
  switch (fate.kind) {
    case Fate::Kind::drop:
      return;
    case Fate::Kind::hold:
      session.extras().held_back.push_back({to_wait(passing, grant), fate.after});
      return;
    case Fate::Kind::delay:
      return give_later(session, to_wait(passing, grant), fate.time);
    case Fate::Kind::deliver:
      give(session, passing, grant);
      break;
    case Fate::Kind::twice:
      give(session, passing, grant);
      give(session, passing, grant);
      break;
    case Fate::Kind::corrupt: {
      Buffer payload(passing.packet.payload);
      if (!payload.empty()) payload[fate.at % payload.size()] ^= 0x55;
      Publish packet = passing.packet;
      packet.payload = payload;
      Passing corrupted{.packet = packet, .expires = passing.expires};
      give(session, corrupted, grant);
      break;
    }
  }
  if (session.extra != nullptr) count_down(session);
}

void Delivery::give_later(Session& session, Waiting waiting, Duration time) {
  poller_.at(poller_.now() + time,
             [this, id = session.client_id, serial = session.serial, waiting = std::move(waiting)] {
               Session* const later = sessions_.find(id);
               if (later == nullptr || later->serial != serial) return;
               give(*later, waiting);
               if (later->extra != nullptr) count_down(*later);
             });
}

void Delivery::count_down(Session& session) {
  std::vector<Waiting> due;
  std::erase_if(session.extra->held_back, [&due](HeldBack& held) {
    if (held.left > 1) {
      --held.left;
      return false;
    }
    due.push_back(std::move(held.message));
    return true;
  });
  for (Waiting& waiting : due) give(session, std::move(waiting));
}

}  // namespace mq::sink
