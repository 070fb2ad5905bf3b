// A connection of the bridge: to one endpoint, with a session of its own, as source of its routes and as
// destination of others'.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bridge/figures.hpp"
#include "bridge/outlet.hpp"
#include "bridge/plan.hpp"
#include "bridge/status.hpp"
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
  virtual void on_room(Link& link) = 0;    // more can be published, or all that had come is taken
  virtual void on_held_back() = 0;         // something waits for the journal
  virtual void on_change(Link& link) = 0;  // it is connected, or not connected for another reason
  virtual void on_link_end(Link& link, const std::optional<Error>& why) = 0;
  virtual void on_gone(Link& link) = 0;  // it is destroyed next, wanted by no route any more
};

class Link final : private ClientOwner {
 public:
  // `store` is the plan's; `journal` may be nullptr; `will` is status_will() where the link has the
  // endpoint's status. All outlive the link.
  Link(Loop& loop, const EndpointPlan& endpoint, std::string client_id, StoreKind store, Journal* journal,
       LinkOwner& owner, OutletOwner& outlet_owner, std::optional<WillConfig> will);

  // The same endpoint in a new plan, to be followed by start(). A connection that is to be another one now
  // ends first.
  void follow(const EndpointPlan& endpoint);
  // Of which it is the source; they outlive the link or are replaced. What has come to be subscribed to, or
  // not to be, is while it is connected.
  void follow(std::vector<Route*> routes);
  const std::vector<Route*>& routes() const { return routes_; }
  void start();
  void leave();
  bool left() const { return stage_ == Stage::left; }

  const EndpointPlan& endpoint() const { return *endpoint_; }
  const std::string& id() const { return client_id_; }
  Client& client() { return client_; }
  Outlet& outlet() { return outlet_; }
  PartyId party() const { return party_; }
  // Its name in the journal, and what a run before has subscribed to.
  Result<void> remember(PartyId party);

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

  StatusPost* post = nullptr;  // of the endpoint's status; another link may have it
  LinkFigures figures() const;

 private:
  ClientConfig config_of(const EndpointPlan& endpoint) const;
  void change();
  void subscribe(const std::vector<WantedSubscription>& wanted);
  void unsubscribe();
  void note_subscriptions();
  void on_connected(const Connected& connected);
  void on_subscribed(const Subscribed& subscribed);

  void on_message(const Message& message) override { owner_.on_arrival(*this, message); }
  void on_event(const Event& event) override;
  void on_quiet() override { owner_.on_room(*this); }
  void on_written() override;
  void on_held_back() override { owner_.on_held_back(); }
  void on_retry(const Error& why, Duration pause, const Endpoint& next) override;
  void on_end(const std::optional<Error>& why) override;

  enum class Stage : std::uint8_t { idle, running, changing, leaving, left };
  std::unique_ptr<const EndpointPlan> own_endpoint_;  // of one that leaves
  const EndpointPlan* endpoint_;
  std::string client_id_;
  StoreKind store_;
  Journal* journal_;
  PartyId party_ = 0;
  std::optional<WillConfig> will_;
  Stage stage_ = Stage::idle;
  std::int64_t since_;  // connected or not, milliseconds since 1970
  std::string why_;     // not connected
  LinkOwner& owner_;
  Client client_;
  Outlet outlet_;
  std::vector<Route*> routes_;
  bool held_up_ = false;
  bool subscribed_ = false;  // to what is wanted, as far as this run knows
  std::vector<WantedSubscription> subscriptions_;
  std::string noted_;                                     // of them, in the journal
  std::vector<std::pair<Ticket, std::string>> given_up_;  // UNSUBSCRIBEs without UNSUBACK, and their filters
  std::vector<std::string> unwanted_;                     // filters that the server may still have
  std::vector<std::pair<Ticket, std::string>> asked_;     // SUBSCRIBEs without SUBACK, and their filters
};

}  // namespace mq
