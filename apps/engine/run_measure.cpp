#include <algorithm>
#include <utility>

#include "engine/run.hpp"

// What a run measures: where its measured time begins and ends, and what crews have counted, interval by
// interval.

namespace mq {
namespace {

using namespace std::chrono_literals;

// A crew is asked so much before the moment as of which it is to answer.
constexpr auto ahead = 30ms;
// As of that moment it has answered, unless its answer came so much later.
constexpr auto punctual = 100ms;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

// It sends, asks, or comes and goes: that is what is measured.
bool Run::acts(std::size_t population) const {
  return kind(population) == Kind::active && !plan_.scenario.populations[population].leaves_when_ready;
}

// Between the last thing that is due and the end of the duration nobody has anything to do, and it belongs to
// the rate all the same: of two bursts in two seconds the second one comes after one.
bool Run::waits_for_its_time(std::size_t population) const {
  const Scenario& scenario = plan_.scenario;
  const Part& part = parts_[population];
  if (!scenario.duration || !part.going || part.stopped || !scenario.stages.empty()) return false;
  const Population& what = scenario.populations[population];
  if (!acts(population)) return false;
  const Rate& rate = what.publish   ? what.publish->rate
                     : what.request ? what.request->publish.rate
                                    : what.churn->rate;
  if (rate.pace == Pace::flood || !(rate.per_second > 0)) return false;
  const double each = rate.in_total ? rate.per_second / static_cast<double>(what.clients) : rate.per_second;
  const double left = seconds(part.gone + *scenario.duration - poller_.now());
  return left > 0 && left <= (rate.pace == Pace::poisson ? 10 : rate.burst) / each;
}

void Run::look_for_end() {
  if (measured_ || interrupts_ > 0) return;
  const Scenario& scenario = plan_.scenario;
  bool any = false;
  bool over = true;
  Time last{};
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (!acts(i)) continue;
    any = true;
    const Part& part = parts_[i];
    if (!part.going) return;
    const Progress now = progress(i);
    over =
        over && (part.stopped || (now.spent == now.clients && !waits_for_its_time(i) && time_is_over(i, {})));
    last = std::max(last, part.gone);
  }
  if (!any) return;
  if (over) return end_measuring(poller_.now());
  if (scenario.duration) end_measuring(last + *scenario.duration);
}

// Ends an interval when it is time for it. What is measured is cut out exactly, wherever the threads are
// then: the first burst belongs to it, and so does the last one.
void Run::cut() {
  const Time now = poller_.now();
  const auto near = [now](Time when) { return when != Time::max() && now >= when - ahead; };
  if (waiting_for_ == 0 && !ends_ && near(measured_until_)) {
    opens_ = ends_ = true;
    collect(true, measured_until_);
  } else if (waiting_for_ == 0 && !opens_ && near(measured_from_)) {
    opens_ = true;
    collect(true, measured_from_);
  } else if (now - interval_begun_ >= options_.interval) {
    collect();
  }
}

void Run::collect(bool closes, Time when) {
  // What waits for an answer already may close it as well.
  closes_ = closes_ || closes;
  if (waiting_for_ > 0) return;
  threads_.clear();
  sockets_ = {};
  collected_at_ = when == Time{} ? when : std::max(when, poller_.moment());
  ask_all([this, when](Crew& crew) {
    crew.collect(when, [this](Crew::Part part) { collected(std::move(part)); });
  });
}

void Run::collected(Crew::Part part) {
  came_->add(*part.tally);
  threads_.insert(threads_.end(), part.threads.begin(), part.threads.end());
  sockets_.add(part.sockets);
  delays_.add(part.delays);
  replay_.add(part.replay);
  if (--waiting_for_ == 0) add_up();
}

void Run::add_up() {
  looked_ = poller_.now();
  outcome_.tally.add(*came_);
  gathering_->add(*came_);
  came_->clear();
  if (replay_.last > replay_.first) outcome_.replay_seconds = seconds(replay_.last - replay_.first);
  if (std::exchange(closes_, false)) close_interval();
}

void Run::close_interval() {
  Time now = poller_.moment();
  const bool timely = collected_at_ != Time{} && now - collected_at_ < punctual;
  if (timely) now = std::max(collected_at_, interval_begun_);
  Interval interval;
  interval.at = seconds(now - begun_);
  interval.seconds = seconds(now - interval_begun_);
  for (std::size_t i = 0; i < parts_.size(); ++i) interval.open += progress(i).open;
  interval.counts = gathering_->counts;
  for (std::size_t i = 0; i < message_count_kinds; ++i)
    interval.messages[i] = gathering_->all(static_cast<MessageCount>(i));
  if (measuring_) {
    interval.measured = true;
    outcome_.seconds += interval.seconds;
    add_threads(interval.seconds);
  } else {
    Tally counts;
    counts.counts = gathering_->counts;
    counts.messages = gathering_->messages;
    outcome_.outside.add(counts);
  }
  threads_before_ = threads_;
  measured_ = ends_;
  measuring_ = opens_ && !ends_;
  interval_begun_ = now;
  const bool empty = interval.seconds < 0.01;
  if (!empty) series_.add(interval, gathering_->latencies, outcome_.series);
  gathering_->clear();
  if (phase_ == RunState::Phase::ended) return judge();
  if (!empty) owner_.on_interval(outcome_, state());
}

// By their names: crews answer in any order, and a lost one not at all.
void Run::add_threads(double seconds) {
  for (const ThreadHealth& thread : threads_) {
    auto health = std::ranges::find(outcome_.threads, thread.name, &ThreadHealth::name);
    if (health == outcome_.threads.end()) health = outcome_.threads.insert(health, {.name = thread.name});
    const auto before = std::ranges::find(threads_before_, thread.name, &ThreadHealth::name);
    health->seconds += seconds;
    const bool is_new = before == threads_before_.end();
    health->cpu_seconds += thread.cpu_seconds - (is_new ? 0 : before->cpu_seconds);
    health->waited_seconds += thread.waited_seconds - (is_new ? 0 : before->waited_seconds);
  }
}

}  // namespace mq
