#include "rr/command_answering.hpp"

#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iterator>
#include <utility>

#include "exec/command.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_waiting_bytes = 64U << 20;
constexpr Duration usual_patience = 30s;
// Of what a command says on standard error, for whoever asked.
constexpr std::size_t most_error = 4096;
// Between SIGTERM and SIGKILL.
constexpr Duration grace = 200ms;

constexpr std::string_view leaving = "the responder is leaving";

// Without the beginning of a character that a bound has cut.
Bytes whole_characters(Bytes text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(text.size(), 3); ++back) {
    const unsigned char byte = octet(text[text.size() - back]);
    if (byte < 0x80) break;
    if (byte < 0xC0) continue;
    const std::size_t needed = byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    return needed > back ? text.substr(0, text.size() - back) : text;
  }
  return text;
}

}  // namespace

CommandAnswering::CommandAnswering(const ServeSettings& settings, Loop& loop, Later later)
    : settings_(settings),
      loop_(loop),
      later_(std::move(later)),
      patience_(settings.request_timeout.value_or(usual_patience)),
      longest_(settings.max_answer.value_or(ServeSettings::usual_max_answer)),
      environment_(environment_without_messages()),
      timer_(loop) {
  allow_descriptors(settings.jobs, true);
}

CommandAnswering::~CommandAnswering() { kill(); }

std::optional<Answer> CommandAnswering::answer(const AskedMessage& asked) {
  const bool must_wait = running_.size() >= settings_.jobs || !waiting_.empty();
  if (must_wait && (waiting_.size() >= settings_.queue || waiting_bytes_ >= most_waiting_bytes))
    return failed_answer(AnswerStatus::busy, "too many requests wait already");
  time_.set(std::chrono::system_clock::now());
  Job& job = waiting_.emplace_back(
      Job{.number = asked.number,
          .deadline = loop_.now() + patience_,
          .environment = message_environment(asked.publish, time_.rfc3339(), *asked.reading),
          .payload = Buffer(asked.publish.payload)});
  job.size = sizeof(Job) + asked.kept + job.payload.size();
  for (const std::string& variable : job.environment) job.size += sizeof(std::string) + variable.size();
  waiting_bytes_ += job.size;
  return std::nullopt;
}

void CommandAnswering::go_on() {
  while (!waiting_.empty() && running_.size() < settings_.jobs) {
    const Place job = waiting_.begin();
    const std::size_t size = job->size;
    waiting_bytes_ -= size;
    running_.splice(running_.end(), waiting_, job);
    if (start(*job)) continue;
    waiting_bytes_ += size;
    waiting_.splice(waiting_.begin(), running_, job);  // until one of the others has ended
    break;
  }
  watch_time();
}

bool CommandAnswering::start(Job& job) {
  std::vector<std::string> environment = environment_;
  std::ranges::move(job.environment, std::back_inserter(environment));
  const Place place = std::prev(running_.end());
  auto child = Child::start(
      loop_, settings_.command, environment, job.payload, [this, place](int status) { ended(place, status); },
      CaptureBounds{.output = longest_, .error = most_error});
  if (child) {
    job.environment = {};
    job.child = std::move(*child);
    return true;
  }
  if (!child.error().permanent && running_.size() > 1) {
    job.environment.assign(
        std::make_move_iterator(environment.begin() + static_cast<std::ptrdiff_t>(environment_.size())),
        std::make_move_iterator(environment.end()));
    return false;
  }
  fail_for(job, AnswerStatus::failed, child.error().text);
  running_.erase(place);
  return true;
}

void CommandAnswering::ended(Place job, int status) {
  if (job->late) {
    if (job->child->group_left()) job->child->signal(SIGKILL);
  } else {
    answer_for(*job, status);
  }
  running_.erase(job);
  go_on();
}

void CommandAnswering::answer_for(const Job& job, int status) {
  const Child& child = *job.child;
  if (child.output_too_long())
    return fail_for(job, AnswerStatus::failed, fmt::format("the answer is longer than {} bytes", longest_));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return later_(job.number, {.payload = child.output()});
  Answer answer{.status = AnswerStatus::failed};
  std::string why;
  if (WIFSIGNALED(status)) {
    why = fmt::format("the command was ended by signal {} ({})", WTERMSIG(status),
                      ::strsignal(WTERMSIG(status)));
  } else {
    answer.exit_code = WEXITSTATUS(status);
    why = fmt::format("the command ended with status {}", *answer.exit_code);
  }
  answer.why = why;
  const Bytes said = child.error().size() < most_error ? child.error() : whole_characters(child.error());
  answer.payload = said.empty() ? Bytes(why) : said;
  later_(job.number, answer);
}

void CommandAnswering::fail_for(const Job& job, AnswerStatus status, std::string_view why) {
  later_(job.number, failed_answer(status, why));
}

// Deadlines come in the order of requests, so that the timer need not be put forward.
void CommandAnswering::watch_time() {
  if (timed_ || (waiting_.empty() && running_.empty())) return;
  Time next = Time::max();
  if (!waiting_.empty()) next = waiting_.front().deadline;
  for (const Job& job : running_) next = std::min(next, job.deadline);
  timed_ = true;
  timer_.set(next, [this] {
    timed_ = false;
    time_passed();
  });
}

void CommandAnswering::time_passed() {
  const Time now = loop_.now();
  const std::string why =
      fmt::format("there was no answer within {:g} s", std::chrono::duration<double>(patience_).count());
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    waiting_bytes_ -= waiting_.front().size;
    fail_for(waiting_.front(), AnswerStatus::timeout, why);
    waiting_.pop_front();
  }
  for (Job& job : running_) {
    if (job.deadline > now) continue;
    job.child->signal(job.late ? SIGKILL : SIGTERM);
    job.deadline = job.late ? Time::max() : now + grace;
    if (!std::exchange(job.late, true)) fail_for(job, AnswerStatus::timeout, why);
  }
  go_on();
}

void CommandAnswering::drop_waiting() {
  for (const Job& job : waiting_) fail_for(job, AnswerStatus::busy, leaving);
  waiting_.clear();
  waiting_bytes_ = 0;
}

void CommandAnswering::give_up() {
  drop_waiting();
  for (Job& job : running_)
    if (!std::exchange(job.late, true)) fail_for(job, AnswerStatus::busy, leaving);
}

void CommandAnswering::kill() {
  waiting_.clear();
  waiting_bytes_ = 0;
  std::vector<const Child*> left;
  for (const Job& job : running_) left.push_back(job.child.get());
  end_groups(std::move(left));
  running_.clear();
}

}  // namespace mq
