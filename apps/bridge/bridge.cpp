#include "bridge/bridge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>

#include "bridge/barrier.hpp"
#include "bridge/link.hpp"
#include "bridge/operation.hpp"
#include "bridge/receipts.hpp"
#include "bridge/router.hpp"
#include "bridge/via.hpp"
#include "net/loop.hpp"
#include "shared/exit_code.hpp"
#include "shared/local_time.hpp"

namespace mq {
namespace {

constexpr Duration patience = std::chrono::seconds(5);  // at the end, for what is under way

class Bridge final : public LinkOwner, public OutletOwner {
 public:
  explicit Bridge(const BridgePlan& plan)
      : plan_(plan),
        router_(plan),
        operation_(
            loop_, plan, [this] { return figures(); }, [](const char* name) { return std::getenv(name); }),
        last_moment_(loop_),
        tick_(loop_) {}

  int run();

 private:
  Result<void> set_up();
  Link& link_to(std::size_t endpoint, const std::string& suffix);
  bool carry(Link& link, const Publish& publish, Ticket ticket);
  void block(Link& link, const Message& message);
  void unblock();
  void go_on(Link& link);
  void on_signal(int number);
  void end_when_done();
  void report() const;
  BridgeFigures figures() const;

 public:
  void on_arrival(Link& link, const Message& message) override;
  void on_session_lost(Link& link) override;
  void on_room(Link& link) override;
  void on_change(Link& /*link*/) override { operation_.changed(); }
  void on_held_back() override {
    if (barrier_) barrier_->touch();
  }
  void on_link_end(Link& link, const std::optional<Error>& why) override;
  void on_ended(ReceiptId receipt) override;
  RouteState* route_of(std::uint32_t party) override;

 private:
  const BridgePlan& plan_;
  Loop loop_;
  Router router_;
  std::unique_ptr<Journal> journal_;
  std::vector<RouteState> routes_;
  std::map<std::string, std::unique_ptr<Link>> links_;  // by client id
  std::vector<Link*> to_;                               // of each route
  std::optional<Barrier> barrier_;
  Receipts receipts_;
  PropertyList properties_;  // of the message under way
  std::int64_t started_ = wall_milliseconds();
  Operation operation_;
  Timer last_moment_, tick_;
  bool stopping_ = false;
  bool leaving_ = false;
  std::size_t ended_ = 0;
  int exit_code_ = exit_done;
};

Link& Bridge::link_to(std::size_t endpoint, const std::string& suffix) {
  const EndpointPlan& plan = plan_.endpoints[endpoint];
  const std::string id = plan.connection.client.session.client_id + suffix;
  auto& link = links_[id];
  if (link) return *link;
  // The first connection of an endpoint has its status.
  const bool has_status = std::ranges::none_of(
      links_, [&plan](const auto& other) { return other.second && &other.second->endpoint() == &plan; });
  link = std::make_unique<Link>(loop_, plan, id, plan_.store, journal_.get(), *this, *this,
                                has_status ? status_will(plan_, plan) : std::nullopt);
  if (has_status) link->post = operation_.add_post(link->client(), plan);
  return *link;
}

// What a plan may ask for and this version does not carry out. Better no bridge than one that leaves it out.
Result<void> all_built(const BridgePlan& plan) {
  const auto refuse = [](const std::string& what) -> Result<void> {
    return fail(ErrorKind::usage, what + " is not carried out by this version", 0,
                "run the bridge without it");
  };
  for (const RoutePlan& route : plan.routes) {
    const TreatmentPlan& treatment = route.treatment;
    if (!treatment.payload_map.empty() || !treatment.jq.empty() || !treatment.from_format.empty() ||
        !treatment.to_format.empty() || treatment.most_per_second > 0 ||
        treatment.doubles_within.count() > 0 || treatment.latest_every.count() > 0)
      return refuse("the treatment of route " + route.name);
    if (route.queue.qos0) return refuse("qos0 in the queue of route " + route.name);
  }
  return {};
}

Result<void> Bridge::set_up() {
  if (auto built = all_built(plan_); !built) return built;
  if (plan_.store == StoreKind::disk) {
    auto journal = Journal::open(plan_.store_path, loop_);
    if (!journal) return std::unexpected(std::move(journal.error()));
    journal_ = std::move(*journal);
    barrier_.emplace(
        loop_, *journal_, plan_.log,
        [this] {
          for (const auto& [id, link] : links_) link->outlet().keep_changes();
        },
        [this] {
          for (const auto& [id, link] : links_) go_on(*link);
        });
  }
  routes_.resize(plan_.routes.size());
  for (std::size_t i = 0; i < plan_.routes.size(); ++i) {
    const RoutePlan& route = plan_.routes[i];
    routes_[i].plan = &route;
    if (journal_) {
      const auto party = journal_->party("route " + route.name);
      if (!party) return std::unexpected(party.error());
      routes_[i].party = *party;
    }
    to_.push_back(&link_to(route.to, ""));
    link_to(route.from, route.own_connection ? "-" + route.name : "").add_route(routes_[i]);
  }
  for (const auto& [id, link] : links_) {
    if (journal_) {
      const auto party = journal_->party(id);
      if (!party) return std::unexpected(party.error());
      link->party = *party;
      barrier_->add(link->client());
    }
    if (auto restored = link->outlet().restore(link->party, wall_milliseconds()); !restored) return restored;
  }
  return {};
}

// A message that has come: to all that take it, or, as long as one of them has no room, to none, so that none
// has it twice.
bool Bridge::carry(Link& link, const Publish& publish, Ticket ticket) {
  const std::vector<Destination>& found = router_.routes_for(link.routes(), publish);
  const auto to = [this](const Destination& one) -> Link& {
    return *to_[static_cast<std::size_t>(one.route - routes_.data())];
  };
  std::size_t answers = 0;
  if (publish.qos != QoS::at_most_once) {
    const std::size_t bytes =
        publish.topic.size() + publish.properties.block().size() + publish.payload.size();
    for (const Destination& one : found) {
      if (one.ends) continue;
      if (!to(one).outlet().has_room(*one.route, bytes)) return false;
      ++answers;
    }
  }
  const bool through = plan_.store == StoreKind::through && answers > 0;
  const ReceiptId receipt = through ? receipts_.open(link, ticket, answers) : 0;
  if (found.empty()) ++link.unrouted;
  for (const Destination& one : found) {
    ++one.route->received;
    if (one.ends) {
      one.route->end(*one.ends);
      continue;
    }
    Link& destination = to(one);
    const Session& session = destination.client().session();
    Properties properties;
    if (session.config().version == Version::v5) {
      pass_on(publish.properties, plan_.name, link.endpoint().name, properties_);
      properties = properties_.view();
    }
    const bool retain =
        publish.retain && one.route->plan->retain != RetainPolicy::clear && session.limits().retain;
    destination.outlet().take(
        *one.route,
        {.qos = std::min({publish.qos, one.route->plan->most_qos, session.limits().maximum_qos}),
         .retain = retain,
         .topic = one.topic,
         .properties = properties,
         .payload = publish.payload,
         .arrived = wall_milliseconds()},
        receipt);
  }
  if (publish.qos == QoS::exactly_once && journal_) journal_->hold(link.party, publish.packet_id);
  if (ticket != 0 && !through) (void)link.client().acknowledge(ticket);
  return true;
}

void Bridge::on_arrival(Link& link, const Message& message) {
  // What is not acknowledged comes again.
  if (stopping_) return;
  const Publish& publish = message.publish;
  if (publish.qos == QoS::at_most_once) {
    (void)carry(link, publish, 0);
    return;
  }
  if (!link.blocked.empty() || !carry(link, publish, message.ticket)) block(link, message);
}

// Not acknowledged, so the server soon sends no more: as many as our receive maximum says.
void Bridge::block(Link& link, const Message& message) {
  const Publish& publish = message.publish;
  link.blocked.push_back({.ticket = message.ticket,
                          .packet_id = publish.packet_id,
                          .qos = publish.qos,
                          .retain = publish.retain,
                          .topic = std::string(publish.topic),
                          .properties = Buffer(publish.properties.block()),
                          .payload = Buffer(publish.payload),
                          .arrived = wall_milliseconds()});
}

void Bridge::unblock() {
  for (const auto& [id, link] : links_) {
    while (!link->blocked.empty()) {
      const Link::Blocked& first = link->blocked.front();
      const Publish publish{false,        first.qos,       first.retain,
                            first.topic,  first.packet_id, Properties(first.properties),
                            first.payload};
      if (!carry(*link, publish, first.ticket)) break;
      link->blocked.pop_front();
    }
  }
}

void Bridge::go_on(Link& link) {
  link.outlet().send(wall_milliseconds());
  if (!stopping_) unblock();
  if (barrier_ && (journal_->dirty() || !link.client().session().changes().empty())) barrier_->touch();
  if (stopping_) end_when_done();
}

void Bridge::on_room(Link& link) { go_on(link); }

void Bridge::on_session_lost(Link& link) {
  if (journal_) journal_->release_all(link.party);
}

void Bridge::on_ended(ReceiptId receipt) {
  if (const auto whole = receipts_.answered(receipt)) (void)whole->link->client().acknowledge(whole->ticket);
}

RouteState* Bridge::route_of(std::uint32_t party) {
  const auto found = std::ranges::find(routes_, party, &RouteState::party);
  return found == routes_.end() ? nullptr : &*found;
}

void Bridge::on_link_end(Link& link, const std::optional<Error>& why) {
  if (why && !leaving_) {
    Error error = *why;
    error.text = fmt::format("{}: {}", link.endpoint().name, error.text);
    exit_code_ = plan_.log.report(error, "connection-given-up", {{"endpoint", link.endpoint().name}});
    return loop_.stop();
  }
  if (++ended_ == links_.size()) loop_.stop();
}

// What a disk keeps may stay there; of the rest, what is under way is given a moment.
void Bridge::end_when_done() {
  if (leaving_) return;
  for (const auto& [id, link] : links_) {
    if (plan_.store != StoreKind::disk && link->client().session().connected() &&
        (link->outlet().waiting() > 0 || link->client().session().unacknowledged() > 0))
      return;
  }
  if (barrier_ && (journal_->dirty() || !barrier_->idle())) return barrier_->touch();
  if (!operation_.left()) return;
  leaving_ = true;
  for (const auto& [id, link] : links_) link->leave();
}

void Bridge::on_signal(int /*number*/) {
  if (stopping_) return loop_.stop();
  stopping_ = true;
  operation_.stopping();
  last_moment_.set(loop_.now() + patience, [this] { loop_.stop(); });
  end_when_done();
}

void Bridge::report() const {
  for (const RouteState& route : routes_) {
    std::string text = fmt::format("{}: {} came", route.plan->name, route.received);
    for (std::size_t i = 0; i < fates; ++i)
      if (route.ended[i] > 0) text += fmt::format(", {} {}", route.ended[i], fate_rows()[i].summary);
    if (route.waiting > 0)
      text += fmt::format(", {} {}", route.waiting,
                          plan_.store == StoreKind::disk ? "kept for later" : "not delivered");
    plan_.log.notice("route", text, {{"route", route.plan->name}});
  }
}

BridgeFigures Bridge::figures() const {
  constexpr std::string_view stores[] = {"disk", "through", "memory"};
  BridgeFigures figures{.name = plan_.name,
                        .taken = wall_milliseconds(),
                        .started = started_,
                        .store = std::string(stores[static_cast<std::size_t>(plan_.store)]),
                        .store_works = !barrier_ || !barrier_->failing()};
  for (const auto& [id, link] : links_) figures.links.push_back(link->figures());
  for (const RouteState& route : routes_)
    figures.routes.push_back({.name = route.plan->name,
                              .from = plan_.endpoints[route.plan->from].name,
                              .to = plan_.endpoints[route.plan->to].name,
                              .traffic = route});
  return figures;
}

int Bridge::run() {
  std::signal(SIGPIPE, SIG_IGN);
  Result<void> ready = set_up();
  if (ready) ready = operation_.listen();
  if (!ready) return plan_.log.report(ready.error(), "not-started");
  const Signals signals(loop_, {SIGINT, SIGTERM}, [this](int number) { on_signal(number); });
  for (const auto& [id, link] : links_) link->start();
  operation_.begin();
  loop_.run();
  report();
  return exit_code_;
}

}  // namespace

int run_bridge(const BridgePlan& plan) { return Bridge(plan).run(); }

}  // namespace mq
