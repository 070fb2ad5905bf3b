#include "sub/jobs.hpp"

#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "exec/command.hpp"

namespace mq {
namespace {

// So much may wait; a message that is larger waits alone.
constexpr std::size_t most_waiting = 1000;
constexpr std::size_t most_waiting_bytes = 16U << 20;
// So many failures are told one by one.
constexpr std::uint64_t told_failures = 10;

}  // namespace

Jobs::Jobs(Loop& loop, std::vector<std::string> words, std::size_t at_once, const Log& log,
           std::function<void()> changed)
    : loop_(loop),
      words_(std::move(words)),
      at_once_(at_once),
      log_(log),
      changed_(std::move(changed)),
      environment_(environment_without_messages()) {
  allow_descriptors(at_once, false);
}

Jobs::~Jobs() { kill(); }

void Jobs::take(const Publish& publish, const Reading& reading, LocalTime::Moment received) {
  time_.set(received);
  Job& job = waiting_.emplace_back(Job{.topic = std::string(publish.topic),
                                       .environment = message_environment(publish, time_.rfc3339(), reading),
                                       .payload = Buffer(publish.payload)});
  job.size = job.topic.size() + job.payload.size();
  for (const std::string& variable : job.environment) job.size += variable.size();
  waiting_bytes_ += job.size;
  ++taken_;
  start_what_can();
}

bool Jobs::full() const { return waiting_.size() >= most_waiting || waiting_bytes_ >= most_waiting_bytes; }

bool Jobs::runs(const std::string& topic) const {
  return std::ranges::find(running_, topic, &Job::topic) != running_.end();
}

void Jobs::start_what_can() {
  for (Place next = waiting_.begin(); next != waiting_.end() && running_.size() < at_once_;) {
    const Place job = next++;
    if (runs(job->topic)) continue;
    waiting_bytes_ -= job->size;
    running_.splice(running_.end(), waiting_, job);
    const Start started = start(*job);
    if (started == Start::failed) running_.erase(job);
    if (started != Start::not_now) continue;
    waiting_bytes_ += job->size;
    return waiting_.splice(next, running_, job);  // until one of the others has ended
  }
}

Jobs::Start Jobs::start(Job& job) {
  std::vector<std::string> environment = environment_;
  std::ranges::copy(job.environment, std::back_inserter(environment));
  const Place place = std::prev(running_.end());
  auto child = Child::start(loop_, words_, environment, job.payload,
                            [this, place](int status) { ended(place, status); });
  if (!child) {
    if (!child.error().permanent && running_.size() > 1) return Start::not_now;
    failed(job.topic, child.error().text);
    return Start::failed;
  }
  job.environment = {};
  job.child = std::move(*child);
  return Start::runs;
}

void Jobs::ended(Place job, int status) {
  note(job->topic, status);
  running_.erase(job);
  start_what_can();
  changed_();
}

void Jobs::note(const std::string& topic, int status) {
  if (WIFSIGNALED(status)) {
    const char* const name = ::strsignal(WTERMSIG(status));
    failed(topic, fmt::format("the command was ended by signal {} ({})", WTERMSIG(status), name));
  } else if (WEXITSTATUS(status) != 0) {
    failed(topic, fmt::format("the command ended with status {}", WEXITSTATUS(status)));
  }
}

void Jobs::failed(const std::string& topic, std::string_view how) {
  ++failures_;
  if (failures_ <= told_failures)
    log_.notice("command-failed", fmt::format("{}: {}", quoted(topic), how),
                {{"topic", topic}, {"why", how}});
  else if (failures_ == told_failures + 1)
    log_.warn("further failures of the command are only counted");
}

void Jobs::drop_waiting() {
  dropped_ += waiting_.size();
  waiting_.clear();
  waiting_bytes_ = 0;
}

void Jobs::kill() {
  drop_waiting();
  for (Place job = running_.begin(); job != running_.end();) {
    const auto status = job->child->wait(0);
    if (status) note(job->topic, *status);
    job = status ? running_.erase(job) : std::next(job);
  }
  killed_ += running_.size();
  std::vector<const Child*> left;
  for (const Job& job : running_) left.push_back(job.child.get());
  end_groups(std::move(left));
  running_.clear();
}

std::optional<Error> Jobs::owed() const {
  if (failures_ == 0 && dropped_ == 0 && killed_ == 0) return std::nullopt;
  std::string text;
  const auto add = [this, &text](std::uint64_t count, std::string_view what) {
    if (count == 0) return;
    text.append(fmt::format("{}{}{} of {} message{}", text.empty() ? "" : ", ", what, count, taken_,
                            taken_ == 1 ? "" : "s"));
  };
  add(failures_, "the command failed for ");
  add(killed_, "the command was stopped for ");
  add(dropped_, "there was no command for ");
  return Error{ErrorKind::io, std::move(text), 0, {}};
}

}  // namespace mq
