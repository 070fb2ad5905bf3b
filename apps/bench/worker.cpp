#include "bench/worker.hpp"

#include <fmt/core.h>

#include <memory>
#include <utility>
#include <vector>

#include "bench/crew_words.hpp"
#include "bench/line_link.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

// How often the parent hears how far the clients are.
constexpr auto tell_every = 10ms;

class Worker {
 public:
  Worker(int socket, const LoadPlan& plan)
      : plan_(plan),
        link_(
            poller_, socket, [this](const Value& line) { obey(order_of(line)); }, [this] { over_ = true; }) {
    for (unsigned i = 0; i < plan.scenario.threads; ++i) {
      auto crew = make_thread_crew(poller_, plan, i, plan.scenario.threads);
      if (!crew) {
        link_.say(to_value(crew.error()));
        over_ = true;
        return;
      }
      crews_.push_back(std::move(*crew));
    }
  }

  int run() {
    while (!over_) {
      poller_.turn(poller_.moment() + tell_every);
      tell();
    }
    return 0;
  }

 private:
  void tell() {
    std::vector<Progress> all(plan_.scenario.populations.size());
    for (std::size_t i = 0; i < all.size(); ++i)
      for (const auto& crew : crews_) all[i].add(crew->progress(i));
    Value value = to_value(all);
    if (value == told_) return;
    link_.say(value);
    told_ = std::move(value);
  }

  void obey(const CrewOrder& order) {
    using enum CrewOrder::What;
    switch (order.what) {
      case start:
        for (const auto& crew : crews_) crew->start(order.population, order.when);
        return;
      case go:
        for (const auto& crew : crews_) crew->go(order.population, order.when, order.measured_from);
        return;
      case stop:
        for (const auto& crew : crews_) crew->stop(order.population);
        return;
      case leave:
        for (const auto& crew : crews_) crew->leave(order.population);
        return;
      case collect:
        return collect_all(order.when);
      case sent:
        return ask_sent();
      case judge:
        return judge_all(std::make_shared<const StreamFacts>(order.facts));
    }
  }

  // Questions come one at a time: the parent waits for the answer to the last one.
  void collect_all(Time when) {
    waiting_for_ = crews_.size();
    part_ = {.tally = std::make_unique<Tally>(), .threads = {}, .sockets = {}, .delays = {}, .replay = {}};
    for (const auto& crew : crews_) {
      crew->collect(when, [this](Crew::Part part) {
        part_.tally->add(*part.tally);
        part_.threads.insert(part_.threads.end(), part.threads.begin(), part.threads.end());
        part_.sockets.add(part.sockets);
        part_.delays.add(part.delays);
        part_.replay.add(part.replay);
        if (--waiting_for_ == 0) link_.say(to_value(part_));
      });
    }
  }

  void ask_sent() {
    waiting_for_ = crews_.size();
    facts_ = {};
    for (const auto& crew : crews_) {
      crew->sent([this](StreamFacts facts) {
        facts_.add(std::move(facts));
        if (--waiting_for_ == 0) link_.say(to_value(facts_));
      });
    }
  }

  void judge_all(const std::shared_ptr<const StreamFacts>& facts) {
    waiting_for_ = crews_.size();
    for (const auto& crew : crews_) {
      crew->judge(facts, [this](const Troop::Verdict& verdict) {
        verdict_.breach_count += verdict.breach_count;
        verdict_.forgetful = verdict_.forgetful || verdict.forgetful;
        verdict_.breaches.insert(verdict_.breaches.end(), verdict.breaches.begin(), verdict.breaches.end());
        for (const auto& [text, times] : verdict.errors) verdict_.errors[text] += times;
        verdict_.kinds.insert(verdict.kinds.begin(), verdict.kinds.end());
        add_falls(verdict.falls, verdict_.falls);
        for (std::size_t qos = 0; qos < verdict.unacknowledged.size(); ++qos)
          verdict_.unacknowledged[qos] += verdict.unacknowledged[qos];
        if (--waiting_for_ == 0) link_.say(to_value(verdict_));
      });
    }
  }

  const LoadPlan& plan_;
  Poller poller_;
  bool over_ = false;
  LineLink link_;
  std::vector<std::unique_ptr<Crew>> crews_;
  Value told_;
  std::size_t waiting_for_ = 0;
  Crew::Part part_;
  StreamFacts facts_;
  Troop::Verdict verdict_;
};

}  // namespace

int work_for(int socket, const LoadPlan& plan) { return Worker(socket, plan).run(); }

}  // namespace mq
