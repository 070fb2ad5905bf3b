// The status topic: at every endpoint a retained message that says whether the bridge is there and what it
// has carried; the will of the connection that has it says the opposite when that breaks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/figures.hpp"
#include "bridge/plan.hpp"
#include "client/client.hpp"
#include "session/config.hpp"

namespace mq {

enum class Presence : std::uint8_t { online, offline };

// The message, JSON, over the connection `client_id` of the endpoint. Without `whole` the routes are left
// out.
std::string status_json(const BridgeFigures& figures, std::string_view endpoint, std::string_view client_id,
                        Presence presence, bool whole = true);

// What the server publishes when the connection breaks; nullopt when the plan has no status topic.
std::optional<WillConfig> status_will(const BridgePlan& plan, const EndpointPlan& endpoint);

// The status at one endpoint: publishes it over a connection, at most one message at a time.
class StatusPost {
 public:
  // `client` and `endpoint` outlive the post. `topic` is not empty.
  StatusPost(Client& client, const EndpointPlan& endpoint, std::string topic,
             std::function<BridgeFigures()> figures)
      : client_(client), endpoint_(&endpoint), topic_(std::move(topic)), figures_(std::move(figures)) {}

  // Connected, Published and Dropped of that connection; before others publish there in answer, so that a
  // full window has room for it.
  void on_event(const Event& event);
  // Publishes what has changed since, when there is a connection and nothing is under way.
  void renew();
  // From now on the bridge is offline.
  void leave();
  // After leave(): the server knows it, or there is none to tell.
  bool left() const;

  // The same endpoint in a new plan: if it was to leave, it is wanted again.
  void follow(const EndpointPlan& endpoint) {
    endpoint_ = &endpoint;
    presence_ = Presence::online;
  }

 private:
  void say();
  Result<void> publish(std::string_view text);

  Client& client_;
  const EndpointPlan* endpoint_;
  std::string topic_;
  std::function<BridgeFigures()> figures_;
  std::string said_;  // what was published last on this connection; empty: nothing
  Ticket under_way_ = 0;
  Presence presence_ = Presence::online;
  bool waits_ = false;  // for the end of what is under way, or for room
  // The server has, and is not asked again: mosquitto without a bound of its queues (max_queued_messages 0)
  // ends a connection that publishes what it may not.
  bool refused_ = false;
};

}  // namespace mq
