#include <fcntl.h>
#include <fmt/core.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "engine/crew.hpp"

namespace mq {
namespace {

class ThreadCrew final : public Crew {
 public:
  // The poller of a thread is made in it: what it sets of the kernel's timers is a thread's own.
  ThreadCrew(Poller& poller, std::unique_ptr<Troop> troop, std::string name)
      : poller_(poller),
        troop_(std::move(troop)),
        name_(std::move(name)),
        thread_([this] { troop_->work(); }) {}

  ~ThreadCrew() override {
    troop_->post([troop = troop_.get()] { troop->end(); });
    thread_.join();
  }
  ThreadCrew(const ThreadCrew&) = delete;
  ThreadCrew& operator=(const ThreadCrew&) = delete;

  Progress progress(std::size_t population) const override {
    const Troop::Status& status = troop_->status(population);
    return {.clients = troop_->clients(population),
            .ready = status.ready.load(std::memory_order_relaxed),
            .finished = status.finished.load(std::memory_order_relaxed),
            .open = status.open.load(std::memory_order_relaxed),
            .came = status.came.load(std::memory_order_relaxed),
            .spent = status.spent.load(std::memory_order_relaxed)};
  }

  void start(std::size_t population, Time when) override {
    troop_->post([troop = troop_.get(), population, when] { troop->start(population, when); });
  }
  void go(std::size_t population, Time when, Time measured_from) override {
    troop_->post([troop = troop_.get(), population, when, measured_from] {
      troop->go(population, when, measured_from);
    });
  }
  void stop(std::size_t population) override {
    troop_->post([troop = troop_.get(), population] { troop->stop(population); });
  }
  void leave(std::size_t population) override {
    troop_->post([troop = troop_.get(), population] { troop->leave(population); });
  }

  void collect(Time when, std::move_only_function<void(Part)> answer) override {
    troop_->post([this, when, answer = std::move(answer)]() mutable {
      troop_->cut_at(when, [this, answer = std::move(answer)]() mutable {
        Part part{.tally = troop_->collect(),
                  .threads = {{.name = name_,
                               .cpu_seconds = troop_->cpu_seconds(),
                               .seconds = 0,
                               .waited_seconds = troop_->waited_seconds()}},
                  .sockets = troop_->socket_times(),
                  .delays = troop_->take_delays(),
                  .replay = troop_->replay()};
        poller_.post(
            [answer = std::move(answer), part = std::move(part)]() mutable { answer(std::move(part)); });
      });
    });
  }
  void sent(std::move_only_function<void(StreamFacts)> answer) override {
    troop_->post([this, answer = std::move(answer)]() mutable {
      poller_.post(
          [answer = std::move(answer), facts = troop_->sent()]() mutable { answer(std::move(facts)); });
    });
  }
  void judge(std::shared_ptr<const StreamFacts> facts,
             std::move_only_function<void(Troop::Verdict)> answer) override {
    troop_->post([this, facts = std::move(facts), answer = std::move(answer)]() mutable {
      poller_.post([answer = std::move(answer), verdict = troop_->judge(*facts)]() mutable {
        answer(std::move(verdict));
      });
    });
  }

 private:
  Poller& poller_;
  std::unique_ptr<Troop> troop_;
  std::string name_;
  std::thread thread_;
};

// The kernel makes a process's table of descriptors larger at every power of two, and once there are threads
// each time stops whoever opens a socket for some 15 ms: a fifth of the time of 10,000 connects. So it is
// made large before there are any.
void reserve_descriptors(const Scenario& scenario) {
  constexpr rlim_t others = 64;
  rlim_t wanted = others;
  for (const Population& population : scenario.populations)
    wanted += population.clients / scenario.shard.count;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == 0) return;
  const int any = ::eventfd(0, EFD_CLOEXEC);
  const int last = ::fcntl(any, F_DUPFD_CLOEXEC, static_cast<int>(std::min(wanted, limit.rlim_cur - 1)));
  if (last >= 0) ::close(last);
  if (any >= 0) ::close(any);
}

}  // namespace

Result<std::unique_ptr<Crew>> make_thread_crew(Poller& poller, const LoadPlan& plan, unsigned index,
                                               unsigned count) {
  if (index == 0) reserve_descriptors(plan.scenario);
  auto troop = Troop::make(plan, index, count);
  if (!troop) return std::unexpected(std::move(troop.error()));
  return std::make_unique<ThreadCrew>(poller, std::move(*troop), fmt::format("load-{}", index + 1));
}

}  // namespace mq
