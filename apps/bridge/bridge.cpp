#include "bridge/bridge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <optional>

#include "bridge/barrier.hpp"
#include "bridge/carrier.hpp"
#include "bridge/link.hpp"
#include "net/loop.hpp"
#include "shared/exit_code.hpp"
#include "shared/watchdog.hpp"

namespace mq {
namespace {

constexpr Duration patience = std::chrono::seconds(5);  // at the end, for what is under way

class Bridge final : public LinkOwner, public OutletOwner {
 public:
  explicit Bridge(const BridgePlan& plan) : plan_(plan), last_moment_(loop_), tick_(loop_) {}

  int run();

 private:
  Result<void> set_up();
  Result<Link*> link_to(std::size_t endpoint, const std::string& suffix);
  Result<Lane*> lane_of(Link& link, const std::string& route, const RoutePlan* plan);
  Result<void> add_routes();
  Result<void> add_left_lanes();
  void go_on(Link& link);
  void tick();
  void on_signal(int number);
  void end_when_done();
  void report() const;

  void on_arrival(Link& link, const Message& message) override;
  void on_session_lost(Link& link) override;
  void on_room(Link& link) override { go_on(link); }
  void on_held_back() override {
    if (barrier_) barrier_->touch();
  }
  void on_link_end(Link& link, const std::optional<Error>& why) override;
  void on_ended(ReceiptId receipt) override { carrier_->on_ended(receipt); }

  const BridgePlan& plan_;
  Loop loop_;
  std::unique_ptr<Journal> journal_;
  std::vector<std::unique_ptr<Route>> routes_;
  std::map<std::string, std::unique_ptr<Link>> links_;  // by client id
  std::optional<Barrier> barrier_;
  std::optional<Carrier> carrier_;
  Timer last_moment_, tick_;
  bool stopping_ = false;
  bool leaving_ = false;
  std::size_t ended_ = 0;
  int exit_code_ = exit_done;
};

Result<Link*> Bridge::link_to(std::size_t endpoint, const std::string& suffix) {
  const EndpointPlan& plan = plan_.endpoints[endpoint];
  const std::string id = plan.connection.client.session.client_id + suffix;
  auto& link = links_[id];
  if (link) return link.get();
  link = std::make_unique<Link>(loop_, plan, id, plan_.store, journal_.get(), *this, *this);
  if (journal_) {
    const auto party = journal_->party(id);
    if (!party) return std::unexpected(party.error());
    link->party = *party;
    barrier_->add(link->client());
  }
  return link.get();
}

// The journal knows a lane by its route and its link: names of routes hold no space.
constexpr std::string_view lane_word = "queue ";

Result<Lane*> Bridge::lane_of(Link& link, const std::string& route, const RoutePlan* plan) {
  PartyId number = 0;
  if (journal_) {
    const auto party = journal_->party(fmt::format("{}{} {}", lane_word, route, link.id()));
    if (!party) return std::unexpected(party.error());
    number = *party;
  }
  return &link.outlet().add(Lane::make(route, plan, number, journal_.get()));
}

// What a plan may ask for and this version does not carry out. Better no bridge than one that leaves it out.
Result<void> all_built(const BridgePlan& plan) {
  const auto refuse = [](const std::string& what) -> Result<void> {
    return fail(ErrorKind::usage, what + " is not carried out by this version", 0,
                "run the bridge without it");
  };
  if (!plan.status_topic.empty()) return refuse("status-topic");
  if (!plan.http_address.empty()) return refuse("http");
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
  carrier_.emplace(plan_, loop_, journal_.get());
  if (auto added = add_routes(); !added) return added;
  if (auto added = add_left_lanes(); !added) return added;
  for (const auto& [id, link] : links_)
    if (auto restored = link->outlet().restore(link->party, wall_milliseconds()); !restored) return restored;
  return {};
}

Result<void> Bridge::add_routes() {
  std::map<Link*, std::vector<Route*>> of;
  for (const RoutePlan& plan : plan_.routes) {
    Route& route = *routes_.emplace_back(std::make_unique<Route>());
    route.plan = &plan;
    const auto to = link_to(plan.to, "");
    if (!to) return std::unexpected(to.error());
    route.to = *to;
    const auto lane = lane_of(**to, plan.name, &plan);
    if (!lane) return std::unexpected(lane.error());
    route.lane = *lane;
    auto treatment = Treatment::make(plan);
    if (!treatment) return std::unexpected(std::move(treatment.error()));
    route.treatment = std::move(*treatment);
    const auto from = link_to(plan.from, plan.own_connection ? "-" + plan.name : "");
    if (!from) return std::unexpected(from.error());
    of[*from].push_back(&route);
  }
  for (auto& [link, routes] : of) link->follow(std::move(routes));
  return {};
}

// Of routes that the plan had before: what waits there goes out, if their destination is still known.
Result<void> Bridge::add_left_lanes() {
  if (!journal_) return {};
  for (const std::string& name : journal_->parties()) {
    if (!name.starts_with(lane_word)) continue;
    const std::size_t space = name.find(' ', lane_word.size());
    const std::string route = name.substr(lane_word.size(), space - lane_word.size());
    const auto party = journal_->party(name);
    if (!party) return std::unexpected(party.error());
    const auto left = journal_->backlog(*party);
    if (!left) return std::unexpected(left.error());
    if (left->records == 0) continue;
    const auto link = links_.find(name.substr(space + 1));
    if (link == links_.end()) {
      plan_.log.warn(fmt::format(
          "{} message{} of route {} stay in the store: no endpoint has the client identifier {} any more",
          left->records, left->records == 1 ? "" : "s", route, name.substr(space + 1)));
    } else if (link->second->outlet().lane_of(route) == nullptr) {
      if (auto lane = lane_of(*link->second, route, nullptr); !lane) return std::unexpected(lane.error());
    }
  }
  return {};
}

void Bridge::on_arrival(Link& link, const Message& message) {
  // What is not acknowledged comes again.
  if (!stopping_) carrier_->take(link, message);
}

void Bridge::go_on(Link& link) {
  link.outlet().send(wall_milliseconds());
  if (!stopping_)
    for (const auto& [id, each] : links_) carrier_->unblock(*each);
  if (barrier_ && (journal_->dirty() || !link.client().session().changes().empty())) barrier_->touch();
  if (stopping_) end_when_done();
}

void Bridge::on_session_lost(Link& link) {
  if (journal_) journal_->release_all(link.party);
}

void Bridge::on_link_end(Link& link, const std::optional<Error>& why) {
  if (why && !leaving_) {
    Error error = *why;
    error.text = fmt::format("{}: {}", link.endpoint().name, error.text);
    exit_code_ = plan_.log.report(error);
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
  leaving_ = true;
  for (const auto& [id, link] : links_) link->leave();
}

void Bridge::on_signal(int /*number*/) {
  Watchdog::loop_turned();
  if (stopping_) return loop_.stop();
  stopping_ = true;
  last_moment_.set(loop_.now() + patience, [this] { loop_.stop(); });
  end_when_done();
}

// What time alone changes.
void Bridge::tick() {
  for (const auto& [id, link] : links_) {
    link->outlet().drop_overdue(wall_milliseconds());
    go_on(*link);
  }
  tick_.set(loop_.now() + std::chrono::seconds(1), [this] { tick(); });
}

void Bridge::report() const {
  for (const auto& [id, link] : links_) {
    for (const auto& lane : link->outlet().lanes()) {
      const Traffic& traffic = lane->traffic;
      std::string text = fmt::format("{}: {} came", lane->name(), traffic.received);
      for (std::size_t i = 0; i < fates; ++i)
        if (traffic.ended[i] > 0) text += fmt::format(", {} {}", traffic.ended[i], fate_rows()[i].summary);
      if (const std::uint64_t carried = traffic.invalid - traffic[Fate::invalid]; carried > 0)
        text += fmt::format(", {} carried though invalid", carried);
      if (traffic.waiting > 0)
        text += fmt::format(", {} {}", traffic.waiting,
                            plan_.store == StoreKind::disk ? "kept for later" : "not delivered");
      plan_.log.notice("route", text, {{"route", lane->name()}});
    }
  }
}

int Bridge::run() {
  std::signal(SIGPIPE, SIG_IGN);
  if (auto ready = set_up(); !ready) return plan_.log.report(ready.error());
  const Signals signals(loop_, {SIGINT, SIGTERM}, [this](int number) { on_signal(number); });
  Watchdog::enter_loop();
  for (const auto& [id, link] : links_) link->start();
  tick();
  loop_.run();
  Watchdog::loop_turned();
  report();
  return exit_code_;
}

}  // namespace

int run_bridge(const BridgePlan& plan) { return Bridge(plan).run(); }

}  // namespace mq
