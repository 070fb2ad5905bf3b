// What a route does to a message on its way: holds it to schemas, leaves out doubles, changes its format and
// what it says (TreatmentPlan). Pace and conflation are the queue's (bridge/lane.hpp).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "bridge/parcel.hpp"
#include "bridge/plan.hpp"
#include "bridge/traffic.hpp"

namespace mq {

class Treatment {
 public:
  // nullptr when the route asks for none. Errors of its files and of its jq program: kind usage or io, with
  // the route. `plan` outlives the treatment.
  static Result<std::unique_ptr<Treatment>> make(const RoutePlan& plan);

  virtual ~Treatment() = default;

  struct Treated {
    std::span<const Parcel> parcels;  // what goes on: none, one, or what a jq program makes of one
    std::optional<Fate> ends{};       // why none does
    bool invalid = false;             // counted, whatever became of it
    // The run ends, and a jq program that would not was stopped (shared/watchdog.hpp): none of the above. The
    // message must not be acknowledged, then it comes again.
    bool unfinished = false;
  };
  // `parcel` has the topic and the properties with which it would be published; `topic` is the source's,
  // which the payload map knows; `again`: it came marked as a duplicate (DUP), so it is no double of what
  // came before [MQTT-3.3.1-1]. What is given back lives until the next call.
  virtual Treated treat(std::string_view topic, bool again, const Parcel& parcel, Time now) = 0;
};

}  // namespace mq
