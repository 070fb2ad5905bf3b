// How a bridge that runs is looked after: figures and health over HTTP, the status topic, and the service
// manager. All of it reads the bridge's figures; nothing of it touches a message.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "bridge/figures.hpp"
#include "bridge/plan.hpp"
#include "bridge/service_manager.hpp"
#include "bridge/status.hpp"
#include "net/http_server.hpp"
#include "net/loop.hpp"

namespace mq {

class Operation {
 public:
  // All outlive it. `figures` is called from the loop.
  Operation(Loop& loop, const BridgePlan& plan, std::function<BridgeFigures()> figures,
            const Environment& environment);

  // Listens where the plan says, once. Kind usage or io.
  Result<void> listen();
  // The status of the endpoint goes over this connection, which has status_will() as its will. nullptr: there
  // is no status topic. The post lives as long as this.
  StatusPost* add_post(Client& client, const EndpointPlan& endpoint);

  void drop_post(const StatusPost& post);

  void reloading(bool under_way);
  void begin();    // the bridge runs: its loop turns from now on
  void changed();  // a connection stands or is lost, the store fails or works: told at the end of this turn
  void stopping();
  // Has the bridge said to be offline wherever it can; true when all that is done. To be asked again after
  // each answer.
  bool left();

 private:
  void tell();
  void tick();
  void feed_watchdog();

  Loop& loop_;
  const BridgePlan& plan_;
  std::function<BridgeFigures()> figures_;
  ServiceManager manager_;
  std::unique_ptr<HttpServer> http_;
  std::vector<std::unique_ptr<StatusPost>> posts_;
  Timer tick_, watchdog_, soon_;
  bool running_ = false;
  bool leaving_ = false;
  std::string told_;  // the manager
};

}  // namespace mq
