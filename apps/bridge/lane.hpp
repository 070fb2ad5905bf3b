// What waits of one route for its destination. A lane outlives its route: what a plan of before has left in
// the store goes out too.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "bridge/parcel.hpp"
#include "bridge/plan.hpp"
#include "bridge/traffic.hpp"
#include "journal/journal.hpp"

namespace mq {

// Names what is to be acknowledged to a source once its messages have ended; 0: nothing is.
using ReceiptId = std::uint32_t;

struct Waiting {
  RecordId id = 0;      // by it the lanes of a destination go out in the order of arrival
  bool stored = false;  // the journal has it under that id
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::int64_t arrived = 0;  // milliseconds since 1970
  std::string topic;
  Buffer properties, payload;
  ReceiptId receipt = 0;

  Waiting() = default;
  Waiting(const Parcel& parcel, RecordId as, bool is_stored, ReceiptId for_receipt);
  explicit Waiting(Record record);
  Parcel parcel() const { return {qos, retain, topic, Properties(properties), payload, arrived}; }
  std::size_t size() const { return topic.size() + properties.size() + payload.size(); }
};

// So many in a second, evenly; what was not used is not saved up.
class Pace {
 public:
  void set(double most_per_second);  // 0: no limit
  bool limited() const { return interval_.count() > 0; }
  bool allows(Time now) const { return next_ <= now; }
  Time next() const { return next_; }
  void took(Time now);

 private:
  Duration interval_{};
  Time next_{};
};

class Lane {
 public:
  // `party`: its records' destination in the journal, which may be nullptr and outlives the lane.
  static std::unique_ptr<Lane> make(std::string name, const RoutePlan* plan, PartyId party, Journal* journal);
  virtual ~Lane() = default;

  const std::string& name() const { return name_; }  // of its route
  PartyId party() const { return party_; }
  // nullptr: none has this lane any more, what is left goes out without bounds. Outlives the lane or is
  // replaced.
  void follow(const RoutePlan* plan);
  const QueuePlan& bounds() const { return bounds_; }

  // Takes over what the journal has. `in_flight`: how many of its records a session has already.
  virtual Result<void> restore(std::size_t in_flight) = 0;

  // Whether the bounds allow another one of that topic and size, given what it would supersede.
  virtual bool has_room(std::string_view topic, std::size_t bytes) const;
  virtual bool keeps_unstored() const { return false; }  // messages at QoS 0, whatever the bounds say
  // Nothing waits, and it may go at once: it need not be put here.
  virtual bool open(Time now) const = 0;
  // Gives back what it supersedes.
  virtual std::optional<Waiting> put(Waiting waiting, Time now) = 0;
  // What goes next, now; nullptr: nothing. Lives until the lane is changed.
  virtual const Waiting* first(Time now) = 0;
  virtual Waiting pop(Time now) = 0;  // that one, to be sent
  // What is dropped first, whether it may go or not; nullptr: nothing that can be.
  virtual const Waiting* oldest() = 0;
  virtual Waiting drop_oldest() = 0;
  // When first() will have something that it does not have now, if nothing else changes.
  virtual std::optional<Time> due(Time now) = 0;
  virtual std::uint64_t size() const = 0;
  // Messages at QoS 0 that wait although the bounds don't ask for it: for a moment, while their destination
  // is slow.
  virtual bool holds_up() const { return false; }
  virtual Waiting drop_unstored() = 0;  // the oldest of those, if holds_up()

  std::optional<Error> trouble;  // what it has in the journal can't be read: it stops there
  Pace pace;
  Traffic traffic;
  // From the arrival of what was delivered last to its acknowledgement.
  std::optional<Duration> lag;

 protected:
  Lane(std::string name, PartyId party, Journal* journal)
      : journal_(journal), name_(std::move(name)), party_(party) {}

  Journal* journal_;

 private:
  std::string name_;
  PartyId party_;
  QueuePlan bounds_;
};

}  // namespace mq
