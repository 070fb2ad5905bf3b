// What waits for one destination and what is on its way there: a queue in the order of arrival, its head in
// memory, the rest, where the store is a disk, there alone. Publishes as much as the session's window takes.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "bridge/parcel.hpp"
#include "bridge/traffic.hpp"
#include "client/client.hpp"
#include "journal/journal.hpp"

namespace mq {

// Names what is to be acknowledged to a source once its messages have ended; 0: nothing is.
using ReceiptId = std::uint32_t;

class OutletOwner {
 public:
  virtual ~OutletOwner() = default;
  virtual void on_ended(ReceiptId receipt) = 0;
  virtual RouteState* route_of(std::uint32_t party) = 0;  // nullptr: no longer in the plan
};

class Outlet {
 public:
  // `journal` is nullptr where the store is none; all outlive the outlet.
  Outlet(Client& client, Journal* journal, OutletOwner& owner)
      : client_(client), journal_(journal), owner_(owner) {}

  // Goes on where the journal's last owner stopped; before the client starts.
  Result<void> restore(PartyId party, std::int64_t wall);

  // Whether the route's bounds take another message of that size; what it may drop for it counts as room.
  bool has_room(const RouteState& route, std::size_t bytes) const;
  void take(RouteState& route, const Parcel& parcel, ReceiptId receipt);

  void on_published(const Published& published);
  void on_dropped(const Dropped& dropped);
  // Tells the journal what the session has done since.
  void keep_changes();
  void send(std::int64_t wall);  // milliseconds since 1970

  std::uint64_t waiting() const { return head_.size() + on_disk_; }  // not yet with the session

 private:
  struct Waiting {
    Record record;
    RouteState* route = nullptr;
    ReceiptId receipt = 0;
  };
  struct Flight {
    RecordId id = 0;
    RouteState* route = nullptr;
    std::size_t bytes = 0;
    ReceiptId receipt = 0;
  };

  bool publish(RouteState* route, const Parcel& parcel, RecordId id, ReceiptId receipt);
  void publish_unstored(RouteState& route, const Parcel& parcel);
  void end(const Flight& flight, Fate fate);
  void drop_oldest(RouteState& route);
  bool is_over(const Waiting& waiting, std::int64_t wall) const;
  void refill();
  RecordId store(const RouteState& route, const Parcel& parcel);

  Client& client_;
  Journal* journal_;
  OutletOwner& owner_;
  PartyId party_ = 0;
  RecordId last_id_ = 0;  // without a journal
  std::deque<Waiting> head_;
  std::size_t head_bytes_ = 0;
  std::uint64_t on_disk_ = 0;  // behind the head
  RecordId last_in_head_ = 0;
  std::unordered_map<Ticket, Flight> flights_;
};

}  // namespace mq
