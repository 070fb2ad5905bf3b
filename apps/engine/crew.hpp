// Whoever carries out a part of a load for a Run: a thread of this process, or a worker process. Questions
// are answered later, from a turn of the Run's poller.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/troop.hpp"

namespace mq {

// How far the clients of one population are.
struct Progress {
  std::uint64_t clients = 0;
  std::uint64_t ready = 0;     // have been ready, or never will be
  std::uint64_t finished = 0;  // have nothing more to do
  std::uint64_t open = 0;      // are connected now
  std::uint64_t came = 0;      // have been connected
  std::uint64_t spent = 0;     // begin nothing more, but may wait for what they have begun

  void add(const Progress& other) {
    clients += other.clients;
    ready += other.ready;
    finished += other.finished;
    open += other.open;
    came += other.came;
    spent += other.spent;
  }
};

class Crew {
 public:
  struct Part {
    std::unique_ptr<Tally> tally;       // since the last time
    std::vector<ThreadHealth> threads;  // CPU time since they began; their time is not filled in
    SocketTimes sockets;                // of those that are open, since they were opened
    Delays delays{};                    // since the last time
    ReplaySpan replay{};                // since the run's start
  };

  virtual ~Crew() = default;

  virtual Progress progress(std::size_t population) const = 0;

  // As Troop's.
  virtual void start(std::size_t population, Time when) = 0;
  virtual void go(std::size_t population, Time when, Time measured_from) = 0;
  virtual void stop(std::size_t population) = 0;
  virtual void leave(std::size_t population) = 0;
  // As of `when`, or of now if that is later; by then the answer is asked for in good time.
  virtual void collect(Time when, std::move_only_function<void(Part)> answer) = 0;
  virtual void sent(std::move_only_function<void(StreamFacts)> answer) = 0;
  virtual void judge(std::shared_ptr<const StreamFacts> facts,
                     std::move_only_function<void(Troop::Verdict)> answer) = 0;

  // Answers that it still owes are not waited for any longer: where it is a process it is ended, and answers
  // that hold nothing are given at once.
  virtual void give_up() {}
  // It has ended before its time: what it counted since it was collected from is not known.
  virtual bool lost() const { return false; }
};

// A crew that is a thread of this process. Destroyed, it ends the thread.
Result<std::unique_ptr<Crew>> make_thread_crew(Poller& poller, const LoadPlan& plan, unsigned index,
                                               unsigned count);

}  // namespace mq
