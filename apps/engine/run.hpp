// A scenario from its first connection to its outcome: tells its crews which population begins when, sees who
// is ready and who has finished, waits for what is still on its way, and adds up what they counted. One
// thread's, whose poller it turns.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/clock_watch.hpp"
#include "engine/crew.hpp"
#include "engine/limit.hpp"
#include "engine/load_plan.hpp"
#include "engine/poller.hpp"
#include "load/outcome.hpp"
#include "load/series.hpp"

namespace mq {

// What a live view needs beside the outcome so far.
struct RunState {
  enum class Phase : std::uint8_t { connecting, running, draining, leaving, ended };
  Phase phase = Phase::connecting;
  std::uint64_t clients = 0, ready = 0, open = 0;
  std::optional<double> share;  // of the run that is done, if that can be known
  std::optional<Duration> left;
  bool stopping = false;  // by an interrupt
};

class RunOwner {
 public:
  virtual ~RunOwner() = default;
  // About once a second, at an interrupt and at the end: the last interval is the newest.
  virtual void on_interval(const LoadOutcome& so_far, const RunState& state) = 0;
};

class Run {
 public:
  struct Options {
    std::optional<Time> start_at{};   // not before that
    ClockWatch* clock = nullptr;      // of hosts that share the load
    std::optional<double> ceiling{};  // LoadOutcome::ceiling
    Duration interval = std::chrono::seconds(1);
    Duration patience = std::chrono::seconds(10);  // with a crew that owes an answer
  };

  // All that it is given outlives it.
  Run(Poller& poller, const LoadPlan& plan, std::vector<std::unique_ptr<Crew>> crews, Options options,
      RunOwner& owner);

  // To the end. An error only if there was nothing to measure: no client was ever connected.
  Result<LoadOutcome> execute();
  // The end as soon as possible: nothing new is begun, what is on its way is not waited for long. A second
  // time: at once.
  void interrupt();
  // As of the last interval.
  const LoadOutcome& so_far() const { return outcome_; }
  RunState state() const;

 private:
  enum class Kind : std::uint8_t { active, passive };
  struct Part {
    bool started = false, going = false, stopped = false;
    Time gone{};
  };

  Progress progress(std::size_t population) const;
  Kind kind(std::size_t population) const;
  void tick();
  void hurry();
  void begin_populations();
  void end_actives();
  void drain();
  void leave();
  bool wants_more() const;
  bool all_begun() const;
  bool actives_done() const;
  bool time_is_over(std::size_t population, Duration more) const;
  bool waits_for_its_time(std::size_t population) const;
  bool acts(std::size_t population) const;
  void look_for_end();
  void end_measuring(Time when) { measured_until_ = std::min(measured_until_, when); }
  void cut();
  bool is_shard() const { return plan_.scenario.shard.count > 1; }
  // Adds up what has come; `closes` the interval with it.
  void collect(bool closes = true, Time when = {});
  void collected(Crew::Part part);
  void add_up();
  void close_interval();
  void add_threads(double seconds);
  void judge();
  void ask_verdicts();
  void finish();
  Error failure() const;
  void settle();
  std::optional<Error> why_nothing() const;

  template <class Ask>
  void ask_all(Ask ask) {
    waiting_for_ = crews_.size();
    waited_ = {};
    ++questions_;
    for (const auto& crew : crews_) ask(*crew);
  }

  Poller& poller_;
  const LoadPlan& plan_;
  std::vector<std::unique_ptr<Crew>> crews_;
  Options options_;
  RunOwner& owner_;

  RunState::Phase phase_ = RunState::Phase::connecting;
  std::vector<Part> parts_;
  LoadOutcome outcome_;
  Series series_;
  Time begun_{};
  // When the first population's measuring begins, and when the last one's ends: from then on nobody begins
  // anything. Time::max(): not known yet.
  Time measured_from_{}, measured_until_ = Time::max();
  Time drain_begun_{}, last_progress_{}, leave_begun_{};
  std::uint64_t last_received_ = 0;
  int interrupts_ = 0;

  // What is being collected, and the interval that it belongs to.
  std::unique_ptr<Tally> came_, gathering_;
  bool closes_ = false;
  Time collected_at_{};  // not before that
  std::vector<ThreadHealth> threads_, threads_before_;
  SocketTimes sockets_;
  Delays delays_;
  ReplaySpan replay_;
  std::size_t waiting_for_ = 0;  // crews that have not answered yet
  Time ticked_{};
  Duration waited_{};            // for them
  std::uint64_t questions_ = 0;  // so far
  std::uint64_t settled_ = 0;    // of these, when draining began
  Time interval_begun_{}, looked_{};
  bool idle_ = false;
  // Asked for: the collection that ends the last interval before what is measured, and the last one of it.
  bool opens_ = false, ends_ = false;
  bool measuring_ = false;  // the interval that is under way is measured
  bool measured_ = false;   // and no later one is
  StreamFacts facts_;
  bool forgetful_ = false;
  std::vector<Falls> falls_;
  std::map<std::string, ErrorKind> kinds_;  // of the outcome's errors
  bool done_ = false;
};

}  // namespace mq
