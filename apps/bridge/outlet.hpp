// What is on its way to one destination: takes from the lanes of its routes, in the order of arrival, as much
// as the session's window and each lane's pace take, and tells the journal what the session does with it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "bridge/lane.hpp"
#include "bridge/parcel.hpp"
#include "client/client.hpp"
#include "journal/journal.hpp"
#include "net/loop.hpp"

namespace mq {

class OutletOwner {
 public:
  virtual ~OutletOwner() = default;
  // A source's message has been delivered, or has ended otherwise.
  virtual void on_ended(ReceiptId receipt) = 0;
  virtual void on_refused(const Lane& lane, std::string_view why) = 0;  // the first of a lane
  virtual void on_store_damaged(const Error& error) = 0;                // once
};

class Outlet {
 public:
  // `journal` is nullptr where the store is none; all outlive the outlet.
  Outlet(Loop& loop, Client& client, Journal* journal, OutletOwner& owner)
      : client_(client), journal_(journal), owner_(owner), timer_(loop), loop_(loop) {}

  // For a route of that name, or for what one has left; the outlet has it from now on.
  Lane& add(std::unique_ptr<Lane> lane) { return *lanes_.emplace_back(std::move(lane)); }
  Lane* lane_of(std::string_view route) const;
  const std::vector<std::unique_ptr<Lane>>& lanes() const { return lanes_; }

  // Goes on where the journal's last owner stopped; when all lanes are there, before the client starts.
  // `session`: the client's party.
  Result<void> restore(PartyId session, std::int64_t wall);

  // Whether take() would keep it; what may be dropped for it counts as room.
  bool has_room(const Lane& lane, const Parcel& parcel) const;
  void take(Lane& lane, const Parcel& parcel, ReceiptId receipt);

  void on_published(const Published& published);
  void on_dropped(const Dropped& dropped);
  // Tells the journal what the session has done since.
  void keep_changes();
  // What can go now; `wall`: milliseconds since 1970.
  void send(std::int64_t wall);
  // What time alone ends: what has waited too long, also while the destination is away, and the patience with
  // one that is slow.
  void drop_overdue(std::int64_t wall);
  // The destination is slow, for a moment: whoever has more for it at QoS 0 does well to wait.
  bool holds_up() const;

  // Nobody has a way to the destination any more: what the journal does not keep ends.
  void abandon();

  std::uint64_t waiting() const;                         // not yet with the session
  std::optional<std::int64_t> oldest(Lane& lane) const;  // arrival of what has not ended

 private:
  struct Flight {
    RecordId id = 0;  // 0: not in the journal
    Lane* lane = nullptr;
    std::size_t bytes = 0;
    std::int64_t arrived = 0;
    ReceiptId receipt = 0;
  };

  bool can_go(QoS qos) const;
  bool may_wait(const Lane& lane, QoS qos) const;
  void give_up_unstored();
  bool make_room(Lane& lane, const Parcel& parcel);
  void store(const Lane& lane, const Parcel& parcel);
  void publish(const Parcel& parcel, const Flight& flight);
  void land(Ticket ticket, Fate fate, std::string_view why);
  void end(const Flight& flight, Fate fate);
  void drop(Lane& lane, const Waiting& dropped, Fate fate);
  static bool is_over(const Lane& lane, const Waiting& waiting, std::int64_t wall);
  Lane* next(Time now, std::int64_t wall) const;
  void refused(Lane& lane, std::string_view why);
  void arm(Time now);

  Client& client_;
  Journal* journal_;
  OutletOwner& owner_;
  Timer timer_;
  Loop& loop_;
  PartyId session_ = 0;
  RecordId last_id_ = 0;
  std::optional<Time> slow_since_;
  bool told_trouble_ = false;
  bool stuck_ = false;  // slow for so long that nobody waits for it any more
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unordered_map<Ticket, Flight> flights_;
};

}  // namespace mq
