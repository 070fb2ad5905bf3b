// Answers by a command for each request (--exec): so many at once, in no order. What waits is bounded, what
// takes too long is ended, and both are answered as failures. Owns a copy of each request until then.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "exec/child.hpp"
#include "rr/answering.hpp"
#include "shared/local_time.hpp"

namespace mq {

class CommandAnswering : public Answering {
 public:
  // `settings` outlives it.
  CommandAnswering(const ServeSettings& settings, Loop& loop, Later later);
  ~CommandAnswering() override;  // kills what runs

  bool needs_reading() const override { return true; }
  std::optional<Answer> answer(const AskedMessage& asked) override;
  void go_on() override;
  void drop_waiting() override;
  void give_up() override;
  void kill() override;

 private:
  struct Job {
    std::uint64_t number = 0;
    Time deadline{};
    std::vector<std::string> environment;
    Buffer payload;
    std::size_t size = 0;
    std::unique_ptr<Child> child = nullptr;
    bool late = false;  // answered already, to be gone by its deadline
  };
  using Place = std::list<Job>::iterator;

  // False: not now, there is too little of something.
  bool start(Job& job);
  void ended(Place job, int status);
  void answer_for(const Job& job, int status);
  void fail_for(const Job& job, AnswerStatus status, std::string_view why);
  void time_passed();
  void watch_time();

  const ServeSettings& settings_;
  Loop& loop_;
  Later later_;
  Duration patience_;
  std::size_t longest_;
  std::vector<std::string> environment_;  // ours
  LocalTime time_;
  std::list<Job> waiting_, running_;
  std::size_t waiting_bytes_ = 0;
  Timer timer_;
  bool timed_ = false;  // the timer is set, for the earliest deadline or before
};

}  // namespace mq
