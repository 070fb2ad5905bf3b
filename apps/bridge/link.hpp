// A connection of the bridge: to one endpoint, with a session of its own, as source of its routes and as
// destination of others'.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/outlet.hpp"
#include "bridge/plan.hpp"
#include "bridge/subscriptions.hpp"
#include "client/client.hpp"

namespace mq {

class Link;

class LinkOwner {
 public:
  virtual ~LinkOwner() = default;
  virtual void on_arrival(Link& link, const Message& message) = 0;
  // The server knows nothing of what was before.
  virtual void on_session_lost(Link& link) = 0;
  virtual void on_room(Link& link) = 0;  // more can be published, or all that had come is taken
  virtual void on_held_back() = 0;       // something waits for the journal
  virtual void on_link_end(Link& link, const std::optional<Error>& why) = 0;
};

class Link final : private ClientOwner {
 public:
  // `store` is the plan's; `journal` may be nullptr. All outlive the link.
  Link(Loop& loop, const EndpointPlan& endpoint, std::string client_id, StoreKind store, Journal* journal,
       LinkOwner& owner, OutletOwner& outlet_owner);

  // Of which it is the source; they outlive the link or are replaced.
  void follow(std::vector<Route*> routes);
  const std::vector<Route*>& routes() const { return routes_; }
  void start() { client_.start(); }
  void leave() { client_.leave(); }

  const EndpointPlan& endpoint() const { return endpoint_; }
  const std::string& id() const { return client_id_; }
  Client& client() { return client_; }
  Outlet& outlet() { return outlet_; }
  PartyId party = 0;

  // Messages that are not acknowledged until there is room for them.
  struct Blocked {
    Ticket ticket = 0;
    PacketId packet_id = 0;  // 0: of a session that is lost
    QoS qos = QoS::at_least_once;
    bool retain = false;
    bool again = false;  // DUP
    std::string topic;
    Buffer properties, payload;
  };
  // Not acknowledged, so the server soon sends no more: as many as our receive maximum says.
  void block(const Message& message);
  // Nothing more is read from the server meanwhile: TCP slows it down.
  void hold_up(bool yes);
  bool held_up() const { return held_up_; }
  std::deque<Blocked> blocked;

  std::uint64_t connections = 0;  // that were accepted
  std::uint64_t unrouted = 0;     // messages that no route of this link takes

 private:
  static ClientConfig config_of(const EndpointPlan& endpoint, const std::string& client_id, StoreKind store);
  void subscribe(const std::vector<WantedSubscription>& wanted);
  void on_connected(const Connected& connected);
  void on_subscribed(const Subscribed& subscribed);

  void on_message(const Message& message) override { owner_.on_arrival(*this, message); }
  void on_event(const Event& event) override;
  void on_quiet() override { owner_.on_room(*this); }
  void on_written() override { owner_.on_room(*this); }
  void on_held_back() override { owner_.on_held_back(); }
  void on_retry(const Error& why, Duration pause, const Endpoint& next) override;
  void on_end(const std::optional<Error>& why) override { owner_.on_link_end(*this, why); }

  const EndpointPlan& endpoint_;
  std::string client_id_;
  LinkOwner& owner_;
  Client client_;
  Outlet outlet_;
  std::vector<Route*> routes_;
  bool held_up_ = false;
  std::vector<WantedSubscription> subscriptions_;
  std::vector<std::pair<Ticket, std::string>> asked_;  // SUBSCRIBEs without SUBACK, and their filters
};
}  // namespace mq
