#include "bridge/plan_again.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bridge/plan_check.hpp"

namespace mq {

void keep_what_stays(const BridgePlan& now, BridgePlan& next) {
  std::vector<std::string> kept;
  const auto keep = [&kept](std::string name, const auto& as, auto& wanted) {
    if (as == wanted) return;
    wanted = as;
    kept.push_back(std::move(name));
  };
  // Client identifiers that were not given hold the name.
  if (next.name != now.name)
    for (EndpointPlan& endpoint : next.endpoints)
      if (std::string& id = endpoint.connection.client.session.client_id;
          id == usual_client_id(next.name, endpoint.name))
        id = usual_client_id(now.name, endpoint.name);
  keep("name", now.name, next.name);
  keep("store", now.store, next.store);
  keep("store-path", now.store_path, next.store_path);
  keep("status-topic", now.status_topic, next.status_topic);
  keep("http", now.http_address, next.http_address);
  for (RoutePlan& route : next.routes) {
    const auto same = std::ranges::find(now.routes, route.name, &RoutePlan::name);
    if (same == now.routes.end()) continue;
    keep("latest-every of route " + route.name, same->treatment.latest_every, route.treatment.latest_every);
  }
  if (!kept.empty())
    now.log.warn("reload",
                 fmt::format("{} can't change while the bridge runs: start it again", fmt::join(kept, ", ")));
}

}  // namespace mq
