#include "bridge/bridge.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <optional>

#include "bridge/barrier.hpp"
#include "bridge/carrier.hpp"
#include "bridge/figures.hpp"
#include "bridge/link.hpp"
#include "bridge/network.hpp"
#include "bridge/operation.hpp"
#include "bridge/plan_again.hpp"
#include "net/loop.hpp"
#include "shared/exit_code.hpp"
#include "shared/local_time.hpp"
#include "shared/watchdog.hpp"

namespace mq {
namespace {

constexpr Duration between_looks = std::chrono::milliseconds(200);  // at a store that another has
constexpr Duration patience = std::chrono::seconds(5);              // at the end, for what is under way

class Bridge final : public LinkOwner, public OutletOwner {
 public:
  Bridge(BridgePlan plan, ReadAgain read_again)
      : plan_(std::make_unique<BridgePlan>(std::move(plan))),
        read_again_(std::move(read_again)),
        operation_(
            loop_, *plan_, [this] { return figures(); }, [](const char* name) { return std::getenv(name); }),
        last_moment_(loop_),
        tick_(loop_) {}

  int run();

 private:
  Result<void> begin();
  Result<void> set_up();
  void give_up(const Error& why, std::string_view event);
  void go_on(Link& link);
  void tick();
  void on_signal(int number);
  void end_when_done();
  bool store_fails() const { return barrier_ && barrier_->failing(); }
  void reload();
  void report() const;
  BridgeFigures figures() const;

  void on_arrival(Link& link, const Message& message) override;
  void on_session_lost(Link& link) override;
  void on_room(Link& link) override { go_on(link); }
  void on_change(Link& /*link*/) override { operation_.changed(); }
  void on_held_back() override {
    if (barrier_) barrier_->touch();
  }
  void on_link_end(Link& link, const std::optional<Error>& why) override;
  void on_gone(Link& link) override { carrier_->forget(link); }
  void on_ended(ReceiptId receipt) override { carrier_->on_ended(receipt); }
  void on_refused(const Lane& lane, std::string_view why) override;
  void on_store_damaged(const Error& error) override;

  std::unique_ptr<BridgePlan> plan_;
  std::unique_ptr<BridgePlan> before_;  // of a reload that failed half way: some have parts of it to the end
  ReadAgain read_again_;
  Loop loop_;
  std::unique_ptr<Journal> journal_;
  std::optional<Barrier> barrier_;
  std::optional<Carrier> carrier_;
  std::int64_t started_ = wall_milliseconds();
  Operation operation_;
  std::optional<Network> network_;
  Timer last_moment_, tick_;
  bool damaged_ = false;
  std::string stands_by_;  // for whom
  bool stopping_ = false;
  bool leaving_ = false;
  int exit_code_ = exit_done;
};

Result<void> Bridge::set_up() {
  if (plan_->store == StoreKind::disk) {
    auto journal = Journal::open(plan_->store_path, loop_);
    if (!journal) return std::unexpected(std::move(journal.error()));
    journal_ = std::move(*journal);
    barrier_.emplace(
        loop_, *journal_, plan_->log,
        [this] {
          for (const auto& [id, link] : network_->links()) link->outlet().keep_changes();
        },
        [this] {
          for (const auto& [id, link] : network_->links()) go_on(*link);
        },
        [this] { operation_.changed(); });
  }
  carrier_.emplace(*plan_, loop_, journal_.get());
  network_.emplace(loop_, journal_.get(), barrier_ ? &*barrier_ : nullptr, operation_, *this, *this);
  auto treatments = treatments_of(*plan_);
  if (!treatments) return std::unexpected(std::move(treatments.error()));
  return network_->follow(*plan_, std::move(*treatments));
}

void Bridge::on_arrival(Link& link, const Message& message) {
  // What is not acknowledged comes again.
  if (stopping_) return;
  // While the store can't be written no more is taken in than the servers send without acknowledgement.
  if (store_fails() && message.publish.qos != QoS::at_most_once) return link.block(message);
  carrier_->take(link, message);
}

void Bridge::go_on(Link& link) {
  // At the end no more goes out of what stays on disk, so that what is under way can end.
  const bool keeps = stopping_ && plan_->store == StoreKind::disk;
  if (!keeps) link.outlet().send(wall_milliseconds());
  if (!stopping_ && !store_fails())
    for (const auto& [id, each] : network_->links()) carrier_->unblock(*each);
  if (barrier_ && (journal_->dirty() || !link.client().session().changes().empty())) barrier_->touch();
  if (stopping_) end_when_done();
}

void Bridge::on_refused(const Lane& lane, std::string_view why) {
  plan_->log.warn(
      "refused",
      fmt::format("{}: a message was refused by its destination: {}; more are counted", lane.name(), why),
      {{"route", lane.name()}, {"why", why}});
}

void Bridge::on_store_damaged(const Error& error) {
  damaged_ = true;
  (void)plan_->log.report(error, "store-damaged");
  operation_.changed();
}

void Bridge::on_session_lost(Link& link) {
  if (journal_) journal_->release_all(link.party());
}

void Bridge::on_link_end(Link& link, const std::optional<Error>& why) {
  if (why && !leaving_) {
    Error error = *why;
    error.text = fmt::format("{}: {}", link.endpoint().name, error.text);
    exit_code_ = plan_->log.report(error, "connection-given-up", {{"endpoint", link.endpoint().name}});
    return loop_.stop();
  }
  if (!leaving_) return network_->forget(link);
  if (std::ranges::all_of(network_->links(), [](const auto& each) { return each.second->left(); }))
    loop_.stop();
}

// What a disk keeps may stay there; of the rest, what is under way is given a moment.
void Bridge::end_when_done() {
  if (leaving_) return;
  for (const auto& [id, link] : network_->links()) {
    const Session& session = link->client().session();
    const bool waits = plan_->store != StoreKind::disk && link->outlet().waiting() > 0;
    if (session.connected() && (waits || session.unacknowledged() > 0)) return;
  }
  if (barrier_ && (journal_->dirty() || !barrier_->idle())) return barrier_->touch();
  if (!operation_.left()) return;
  leaving_ = true;
  for (const auto& [id, link] : network_->links()) link->leave();
}

void Bridge::on_signal(int number) {
  if (number == SIGHUP) return reload();
  Watchdog::loop_turned();
  if (stopping_ || !network_) return loop_.stop();
  stopping_ = true;
  operation_.stopping();
  last_moment_.set(loop_.now() + patience, [this] { loop_.stop(); });
  end_when_done();
}

// A plan that can't be used changes nothing.
void Bridge::reload() {
  if (stopping_) return;
  operation_.reloading(true);
  auto next = read_again_();
  Result<Treatments> treatments;
  if (next) {
    keep_what_stays(*plan_, *next);
    treatments = treatments_of(*next);
  } else {
    treatments = std::unexpected(std::move(next.error()));
  }
  if (treatments && network_)
    if (auto ready = network_->prepare(*next); !ready) treatments = std::unexpected(std::move(ready.error()));
  if (!treatments) {
    treatments.error().text += "; the bridge goes on as before";
    (void)plan_->log.report(treatments.error(), "not-reloaded");
    return operation_.reloading(false);
  }
  // Who holds the plan has the new one now; who holds a part of it has the old one's until it follows.
  std::swap(*plan_, *next);
  if (network_) {
    if (auto followed = network_->follow(*plan_, std::move(*treatments)); !followed) {
      before_ = std::make_unique<BridgePlan>(std::move(*next));
      return give_up(followed.error(), "not-reloaded");
    }
    network_->start();
  }
  plan_->log.notice("reloaded", "the configuration has been read again");
  operation_.reloading(false);
}

// What time alone changes.
void Bridge::tick() {
  for (const auto& [id, link] : network_->links()) {
    link->outlet().drop_overdue(wall_milliseconds());
    go_on(*link);
  }
  tick_.set(loop_.now() + std::chrono::seconds(1), [this] { tick(); });
}

void Bridge::report() const {
  for (const RouteFigures& route : figures().routes)
    plan_->log.notice("route", route_summary(route, plan_->store), {{"route", route.name}});
}

BridgeFigures Bridge::figures() const {
  BridgeFigures figures{.name = plan_->name,
                        .taken = wall_milliseconds(),
                        .started = started_,
                        .store = std::string(name_of(plan_->store)),
                        .store_works = !store_fails() && !damaged_,
                        .stands_by = stands_by_};
  if (network_) add_figures(*network_, figures);
  return figures;
}

// Where another has the store this one waits for its end: a second bridge of the same plan, that takes the
// sessions over.
Result<void> Bridge::begin() {
  if (plan_->standby) {
    if (auto owner = Journal::owner(plan_->store_path)) {
      if (stands_by_.empty())
        plan_->log.notice("standby", fmt::format("{} has the store: standing by", *owner),
                          {{"owner", *owner}});
      stands_by_ = std::move(*owner);
      if (auto listening = operation_.listen(); !listening) return listening;
      tick_.set(loop_.now() + between_looks, [this] {
        if (const auto begun = begin(); !begun) give_up(begun.error(), "not-started");
      });
      return {};
    }
    stands_by_.clear();
  }
  if (auto ready = set_up(); !ready) {
    // Another one in reserve was quicker.
    if (plan_->standby && !journal_ && Journal::owner(plan_->store_path)) return begin();
    return ready;
  }
  if (auto listening = operation_.listen(); !listening) return listening;
  network_->start();
  operation_.changed();
  tick();
  return {};
}

void Bridge::give_up(const Error& why, std::string_view event) {
  exit_code_ = plan_->log.report(why, event);
  loop_.stop();
}

int Bridge::run() {
  std::signal(SIGPIPE, SIG_IGN);
  const Signals signals(loop_, {SIGINT, SIGTERM, SIGHUP}, [this](int number) { on_signal(number); });
  if (auto ready = begin(); !ready) return plan_->log.report(ready.error(), "not-started");
  Watchdog::enter_loop();
  operation_.begin();
  loop_.run();
  Watchdog::loop_turned();
  report();
  return exit_code_;
}

}  // namespace

int run_bridge(BridgePlan plan, ReadAgain read_again) {
  return Bridge(std::move(plan), std::move(read_again)).run();
}

}  // namespace mq
