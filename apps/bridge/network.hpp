// The connections, routes and queues that a plan asks for: made at the start, and brought in line with
// another plan while they work. Who did not change does not notice.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bridge/barrier.hpp"
#include "bridge/link.hpp"
#include "bridge/operation.hpp"
#include "bridge/plan.hpp"
#include "bridge/route.hpp"

namespace mq {

// Of each route; nullptr: none.
using Treatments = std::vector<std::unique_ptr<Treatment>>;
Result<Treatments> treatments_of(const BridgePlan& plan);  // errors as of Treatment::make()

class Network {
 public:
  // `journal` and `barrier` are nullptr where the store is none. All outlive the network.
  Network(Loop& loop, Journal* journal, Barrier* barrier, Operation& operation, LinkOwner& link_owner,
          OutletOwner& outlet_owner)
      : loop_(loop),
        journal_(journal),
        barrier_(barrier),
        operation_(operation),
        link_owner_(link_owner),
        outlet_owner_(outlet_owner) {}

  // Makes what follow() would write: a journal that can't be written is an error here, and nothing has
  // changed.
  Result<void> prepare(const BridgePlan& plan);
  // Does as `plan` says, which outlives it or is replaced by the next; start() then starts who is new. An
  // error is the journal's, and leaves nothing that could go on.
  Result<void> follow(const BridgePlan& plan, Treatments treatments);
  void start();

  const std::map<std::string, std::unique_ptr<Link>>& links() const { return links_; }  // by client id
  const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }
  // One that has ended, if it is wanted no more.
  void forget(Link& link);

 private:
  Result<Link*> link_to(const BridgePlan& plan, std::size_t endpoint, const std::string& suffix);
  Result<Lane*> lane_of(Link& link, const std::string& route, const RoutePlan* plan);
  Result<void> add_routes(const BridgePlan& plan, Treatments treatments);
  Result<void> add_left_lanes(const Log& log);
  Result<void> restore();
  void drop(const std::string& id);
  void retire(const std::vector<Link*>& wanted);

  Loop& loop_;
  Journal* journal_;
  Barrier* barrier_;
  Operation& operation_;
  LinkOwner& link_owner_;
  OutletOwner& outlet_owner_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::map<std::string, std::unique_ptr<Link>> links_;
  std::vector<Link*> new_;  // not restored yet
};

}  // namespace mq
