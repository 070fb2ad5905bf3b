#include "bench/process_crew.hpp"

#include <fmt/core.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <deque>
#include <utility>

#include "base/system_error.hpp"
#include "bench/crew_words.hpp"
#include "bench/line_link.hpp"
#include "bench/worker.hpp"

namespace mq {
namespace {

using What = CrewOrder::What;

class ProcessCrew final : public Crew {
 public:
  ProcessCrew(Poller& poller, int socket, pid_t process, unsigned index, std::vector<Progress> clients)
      : process_(process),
        index_(index),
        progress_(std::move(clients)),
        failure_{.kind = ErrorKind::io,
                 .text = fmt::format("worker process {} has ended before its time", index + 1)},
        link_(poller, socket, [this](const Value& line) { hear(line); }, [this] { end(); }) {}

  // Whatever it is doing, nobody asks for it any more. It may be stopped: then it would never see its end of
  // the link closed.
  ~ProcessCrew() override {
    link_.close();
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ProcessCrew(const ProcessCrew&) = delete;
  ProcessCrew& operator=(const ProcessCrew&) = delete;

  Progress progress(std::size_t population) const override { return progress_[population]; }

  void start(std::size_t population, Time when) override {
    order({.what = What::start, .population = population, .when = when});
  }
  void go(std::size_t population, Time when, Time measured_from) override {
    order({.what = What::go, .population = population, .when = when, .measured_from = measured_from});
  }
  void stop(std::size_t population) override { order({.what = What::stop, .population = population}); }
  void leave(std::size_t population) override { order({.what = What::leave, .population = population}); }
  void collect(Time when, std::move_only_function<void(Part)> answer) override {
    ask({.what = What::collect, .when = when}, [this, answer = std::move(answer)](const Value& line) mutable {
      Part part = part_of(line);
      for (ThreadHealth& thread : part.threads) thread.name = fmt::format("{}/{}", index_ + 1, thread.name);
      answer(std::move(part));
    });
  }
  void sent(std::move_only_function<void(StreamFacts)> answer) override {
    ask({.what = What::sent},
        [answer = std::move(answer)](const Value& line) mutable { answer(facts_of(line)); });
  }
  void judge(std::shared_ptr<const StreamFacts> facts,
             std::move_only_function<void(Troop::Verdict)> answer) override {
    ask({.what = What::judge, .facts = *facts},
        [this, answer = std::move(answer)](const Value& line) mutable {
          Troop::Verdict verdict = verdict_of(line);
          if (lost_) {
            verdict.errors[failure_.text] = 1;
            verdict.kinds[failure_.text] = failure_.kind;
          }
          answer(std::move(verdict));
        });
  }

  void give_up() override {
    if (questions_.empty() || lost_) return;
    failure_.text = fmt::format("worker process {} has not answered any more", index_ + 1);
    ::kill(process_, SIGKILL);
    end();
  }
  bool lost() const override { return lost_; }

 private:
  using Answer = std::move_only_function<void(const Value&)>;

  void order(const CrewOrder& order) {
    if (!lost_) link_.say(to_value(order));
  }
  void ask(const CrewOrder& question, Answer answer) {
    questions_.push_back(std::move(answer));
    if (lost_) return link_.later([this] { answer_all(); });
    order(question);
  }
  void hear(const Value& line) {
    if (lost_) return;
    if (auto failure = failure_of(line)) {
      failure_ = std::move(*failure);
      return;
    }
    if (line.member("progress") != nullptr) {
      auto progress = progress_of(line);
      if (progress.size() == progress_.size()) progress_ = std::move(progress);
      return;
    }
    take_answer(line);
  }
  void take_answer(const Value& line) {
    if (questions_.empty()) return;
    Answer answer = std::move(questions_.front());
    questions_.pop_front();
    answer(line);
  }
  void end() {
    if (std::exchange(lost_, true)) return;
    for (Progress& of : progress_) {
      of.ready = of.finished = of.spent = of.clients;
      of.open = 0;
    }
    answer_all();
  }
  void answer_all() {
    while (!questions_.empty()) take_answer(Value::object());
  }

  pid_t process_;
  unsigned index_;
  std::vector<Progress> progress_;
  std::deque<Answer> questions_;
  bool lost_ = false;
  Error failure_;  // what a lost one is told by
  LineLink link_;
};

}  // namespace

Result<std::unique_ptr<Crew>> make_process_crew(Poller& poller, const LoadPlan& plan, unsigned index,
                                                unsigned count) {
  LoadPlan share = plan;
  const Shard& whole = plan.scenario.shard;
  share.scenario.shard = {.index = whole.index + index * whole.count, .count = whole.count * count};
  share.first_slice = plan.first_slice + index * plan.scenario.threads;
  std::vector<Progress> clients;
  for (const Population& population : plan.scenario.populations) {
    Progress of;
    const Shard& own = share.scenario.shard;
    if (population.clients > own.index) of.clients = (population.clients - own.index - 1) / own.count + 1;
    clients.push_back(of);
  }
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0)
    return fail(ErrorKind::io, fmt::format("cannot start a worker process: {}", system_error(errno)));
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) {
    const int error = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(ErrorKind::io, fmt::format("cannot start a worker process: {}", system_error(error)));
  }
  if (process == 0) {
    // Ctrl-C reaches all processes of a terminal: the parent says what it means.
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);  // it was too late
    // Nothing of the parent's but this end of the link: the others' links would never close.
    constexpr int own_end = 3;
    if (ends[1] != own_end) ::dup2(ends[1], own_end);
    ::close_range(own_end + 1, ~0U, 0);
    ::_exit(work_for(own_end, share));
  }
  ::close(ends[1]);
  return std::make_unique<ProcessCrew>(poller, ends[0], process, index, std::move(clients));
}

}  // namespace mq
