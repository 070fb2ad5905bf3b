#include "engine/run.hpp"

#include <algorithm>
#include <utility>

namespace mq {
namespace {

using namespace std::chrono_literals;

// How often it is looked whether something has come to its end.
constexpr auto look_every = 5ms;
// Between the moment when all are ready and the first message: for what the server does after its SUBACKs.
constexpr auto breath = 50ms;
// QoS 0 that is not there after so long without any arrival does not come any more.
constexpr auto silence_at_qos_0 = 1s;
constexpr auto look_again_every = 50ms;  // whether all is there
constexpr auto patience_with_leavers = 5s;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Run::Run(Poller& poller, const LoadPlan& plan, std::vector<std::unique_ptr<Crew>> crews, Options options,
         RunOwner& owner)
    : poller_(poller),
      plan_(plan),
      crews_(std::move(crews)),
      options_(options),
      owner_(owner),
      parts_(plan.scenario.populations.size()),
      measured_from_(Time::max()),
      gathering_(std::make_unique<Tally>()) {}

Run::Kind Run::kind(std::size_t population) const {
  const Population& what = plan_.scenario.populations[population];
  return what.publish || what.request || what.churn || what.leaves_when_ready ? Kind::active : Kind::passive;
}

Progress Run::progress(std::size_t population) const {
  Progress all;
  for (const auto& crew : crews_) {
    const Progress part = crew->progress(population);
    all.clients += part.clients;
    all.ready += part.ready;
    all.finished += part.finished;
    all.open += part.open;
    all.idle += part.idle;
  }
  return all;
}

Result<LoadOutcome> Run::execute() {
  const Scenario& scenario = plan_.scenario;
  begun_ = interval_begun_ = poller_.moment();
  outcome_.scenario = scenario.name;
  outcome_.run = scenario.run;
  outcome_.ceiling = options_.ceiling;
  outcome_.started = plan_.wall(begun_) / 1000;
  outcome_.warm_up = seconds(scenario.warm_up);
  outcome_.shards = {scenario.shard};
  for (std::size_t i = 0; i < parts_.size(); ++i)
    outcome_.populations.push_back(
        {.name = scenario.populations[i].name, .clients = progress(i).clients, .connected = 0});
  for (const Target& target : plan_.targets) outcome_.servers.push_back(target.endpoint.text());
  // Where nobody does anything but be there, it is the connecting that is measured.
  idle_ = std::ranges::none_of(scenario.populations, [](const Population& population) {
    return population.publish || population.request || population.churn || population.subscribe ||
           population.respond;
  });
  if (idle_) {
    measured_from_ = begun_;
    measuring_ = true;
  }
  while (!done_) {
    poller_.turn(poller_.moment() + look_every);
    tick();
    if (options_.clock != nullptr) options_.clock->tick();
  }
  if (outcome_.tally[Count::connected] == 0 && !outcome_.errors.empty())
    return fail(ErrorKind::connect, outcome_.errors.begin()->first);
  return std::move(outcome_);
}

void Run::interrupt() {
  ++interrupts_;
  outcome_.interrupted = true;
}

void Run::tick() {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    PopulationOutcome& shown = outcome_.populations[i];
    shown.connected = std::max(shown.connected, progress(i).open);
  }
  switch (phase_) {
    case RunState::Phase::connecting:
    case RunState::Phase::running:
      begin_populations();
      end_actives();
      break;
    case RunState::Phase::draining:
      drain();
      break;
    case RunState::Phase::leaving:
      leave();
      break;
    case RunState::Phase::ended:
      break;
  }
  const bool boundary = measured_from_ != Time::max() && !measuring_ && poller_.now() >= measured_from_;
  if (phase_ != RunState::Phase::ended && (boundary || poller_.now() - interval_begun_ >= options_.interval))
    collect();
}

void Run::begin_populations() {
  const Scenario& scenario = plan_.scenario;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    const Population& population = scenario.populations[i];
    if (!part.started && interrupts_ == 0) {
      const bool may = std::ranges::all_of(population.after, [this](const Population::After& after) {
        if (!parts_[after.population].started) return false;
        const Progress of = progress(after.population);
        return (after.finished ? of.finished : of.ready) == of.clients;
      });
      if (!may) continue;
      part.started = true;
      for (const auto& crew : crews_) crew->start(i, poller_.now());
    }
    const Progress now = progress(i);
    if (!part.started || part.going || now.ready < now.clients) continue;
    part.going = true;
    Time when = poller_.now() + breath;
    if (options_.start_at) when = std::max(when, *options_.start_at);
    part.gone = when;
    const Time measured = when + scenario.warm_up;
    for (const auto& crew : crews_) crew->go(i, when, measured);
    if (kind(i) == Kind::active && !population.leaves_when_ready)
      measured_from_ = std::min(measured_from_, measured);
    phase_ = RunState::Phase::running;
    if (idle_ && all_begun()) collect();
  }
}

bool Run::all_begun() const {
  return std::ranges::all_of(parts_, [](const Part& part) { return part.going; });
}

bool Run::actives_done() const {
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (kind(i) != Kind::active) continue;
    const Progress now = progress(i);
    if (now.finished < now.clients) return false;
  }
  return true;
}

// Those that act end by themselves with their count or their schedule; what is as fast as can be, and whoever
// can't keep up, with the duration.
void Run::end_actives() {
  const Scenario& scenario = plan_.scenario;
  bool any_active = false;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    if (kind(i) != Kind::active) continue;
    any_active = any_active || !scenario.populations[i].leaves_when_ready;
    if (part.stopped || (!part.going && interrupts_ == 0)) continue;
    const bool over = scenario.duration && part.going && poller_.now() >= part.gone + *scenario.duration;
    if (!over && interrupts_ == 0) continue;
    part.stopped = true;
    for (const auto& crew : crews_) crew->stop(i);
  }
  const Time now = poller_.now();
  if (interrupts_ > 0) {
    if (interrupts_ > 1 || actives_done()) {
      phase_ = RunState::Phase::draining;
      drain_begun_ = last_progress_ = now;
    } else if (drain_begun_ == Time{}) {
      drain_begun_ = now;
    } else if (now - drain_begun_ > scenario.drain) {
      phase_ = RunState::Phase::draining;
    }
    return;
  }
  if (!all_begun()) return;
  if (any_active) {
    bool all_stopped = true;
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (kind(i) == Kind::active) all_stopped = all_stopped && parts_[i].stopped;
    if (actives_done()) {
      settle();
    } else if (all_stopped) {
      // What was sent is still to be acknowledged.
      if (drain_begun_ == Time{}) drain_begun_ = now;
      if (now - drain_begun_ > scenario.drain) settle();
    }
    return;
  }
  // Nobody acts: subscribers of what others send, or clients that are just there.
  bool counted = true, all_finished = true;
  Time last = begun_;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Population& population = scenario.populations[i];
    const Progress of = progress(i);
    counted = counted && population.subscribe && population.subscribe->count > 0;
    all_finished = all_finished && of.finished == of.clients;
    last = std::max(last, parts_[i].gone);
  }
  measured_from_ = std::min(measured_from_, last + scenario.warm_up);
  if ((counted && all_finished) || (scenario.duration && now >= last + *scenario.duration)) settle();
}

void Run::settle() {
  phase_ = RunState::Phase::draining;
  drain_begun_ = last_progress_ = poller_.now();
  // Here the measured time ends.
  collect();
}

bool Run::wants_more() const {
  const Tally& tally = outcome_.tally;
  return tally.all(MessageCount::received) < tally.all(MessageCount::expected);
}

void Run::drain() {
  if (waiting_for_ > 0) return;
  const Time now = poller_.now();
  const std::uint64_t received = outcome_.tally.all(MessageCount::received);
  if (std::exchange(last_received_, received) != received) last_progress_ = now;
  const Tally& tally = outcome_.tally;
  bool only_qos_0 = true;
  for (int qos = 1; qos <= 2; ++qos)
    only_qos_0 = only_qos_0 && tally.at(qos, MessageCount::received) >= tally.at(qos, MessageCount::expected);
  // A shard can't know what others send to its subscribers, and whether theirs have got what it has sent.
  const bool shared = plan_.scenario.shard.count > 1;
  const Duration limit = plan_.scenario.drain;
  const Duration silence = only_qos_0 && !shared ? std::min<Duration>(silence_at_qos_0, limit) : limit;
  const bool enough = (!shared && !wants_more()) || now - last_progress_ > silence || interrupts_ > 1;
  if (!enough) {
    if (now - interval_begun_ >= look_again_every) collect();
    return;
  }
  phase_ = RunState::Phase::leaving;
  leave_begun_ = now;
  if (options_.clock != nullptr) options_.clock->leave();
  for (std::size_t i = 0; i < parts_.size(); ++i)
    for (const auto& crew : crews_) crew->leave(i);
}

void Run::leave() {
  bool all = true;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Progress now = progress(i);
    all = all && now.open == 0;
  }
  if (waiting_for_ > 0) return;
  if (!all && poller_.now() - leave_begun_ < patience_with_leavers && interrupts_ < 2) return;
  phase_ = RunState::Phase::ended;
  collect();
}

template <class Ask>
void Run::ask_all(Ask ask) {
  waiting_for_ = crews_.size();
  for (const auto& crew : crews_) ask(*crew);
}

void Run::collect() {
  if (waiting_for_ > 0) return;
  threads_.clear();
  sockets_ = {};
  ask_all([this](Crew& crew) { crew.collect([this](Crew::Part part) { collected(std::move(part)); }); });
}

void Run::collected(Crew::Part part) {
  gathering_->add(*part.tally);
  threads_.insert(threads_.end(), part.threads.begin(), part.threads.end());
  sockets_.add(part.sockets);
  if (--waiting_for_ == 0) close_interval();
}

void Run::close_interval() {
  const Time now = poller_.moment();
  Interval interval;
  interval.at = seconds(now - begun_);
  interval.seconds = seconds(now - interval_begun_);
  for (std::size_t i = 0; i < parts_.size(); ++i) interval.open += progress(i).open;
  interval.counts = gathering_->counts;
  for (std::size_t i = 0; i < message_count_kinds; ++i)
    interval.messages[i] = gathering_->all(static_cast<MessageCount>(i));
  for (std::size_t i = 0; i < latency_kinds; ++i) {
    interval.due[i] = percentiles(gathering_->latencies[i].due);
    interval.done[i] = percentiles(gathering_->latencies[i].done);
  }
  const bool is_measured = measuring_ && phase_ <= RunState::Phase::draining && !measured_;
  if (is_measured) {
    interval.measured = true;
    outcome_.seconds += interval.seconds;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      if (outcome_.threads.size() <= i) outcome_.threads.push_back({.name = threads_[i].name});
      outcome_.threads[i].seconds += interval.seconds;
      outcome_.threads[i].cpu_seconds +=
          threads_[i].cpu_seconds - (i < threads_before_.size() ? threads_before_[i].cpu_seconds : 0);
    }
    if (phase_ == RunState::Phase::draining || (idle_ && all_begun())) measured_ = true;
  } else {
    Tally counts;
    counts.counts = gathering_->counts;
    counts.messages = gathering_->messages;
    outcome_.outside.add(counts);
  }
  threads_before_ = threads_;
  if (measured_from_ != Time::max() && now >= measured_from_) measuring_ = true;
  outcome_.tally.add(*gathering_);
  gathering_->clear();
  interval_begun_ = now;
  const bool empty = interval.seconds < 0.01;
  if (!empty) outcome_.series.push_back(interval);
  // While it drains it is asked again and again: that makes no intervals of their own.
  if (phase_ == RunState::Phase::ended) return judge();
  if (!empty) owner_.on_interval(outcome_, state());
}

void Run::judge() {
  ask_all([this](Crew& crew) {
    crew.sent([this](std::vector<std::uint64_t> sent) {
      if (sent_.size() < sent.size()) sent_.resize(sent.size());
      for (std::size_t i = 0; i < sent.size(); ++i) sent_[i] += sent[i];
      if (--waiting_for_ == 0) ask_verdicts();
    });
  });
}

void Run::ask_verdicts() {
  auto sent = std::make_shared<const std::vector<std::uint64_t>>(std::move(sent_));
  ask_all([this, &sent](Crew& crew) {
    crew.judge(sent, [this](Troop::Verdict verdict) {
      outcome_.violation_count += verdict.breach_count;
      for (const Breach& breach : verdict.breaches)
        if (outcome_.violations.size() < Troop::most_breaches) outcome_.violations.push_back(breach);
      for (const auto& [text, times] : verdict.errors) outcome_.errors[text] += times;
      for (int qos = 0; qos <= 2; ++qos)
        outcome_.tally.at(qos, MessageCount::unacknowledged) +=
            verdict.unacknowledged[static_cast<std::size_t>(qos)];
      if (--waiting_for_ == 0) finish();
    });
  });
}

void Run::finish() {
  Tally& tally = outcome_.tally;
  for (int qos = 0; qos <= 2; ++qos) {
    const std::uint64_t expected = tally.at(qos, MessageCount::expected);
    const std::uint64_t received = tally.at(qos, MessageCount::received);
    tally.at(qos, MessageCount::lost) = expected > received ? expected - received : 0;
  }
  // What was not acknowledged may have arrived or not.
  if (tally.all(MessageCount::unacknowledged) > 0) outcome_.accounted = false;
  if (options_.clock != nullptr)
    if (const auto offset = options_.clock->offset()) outcome_.clocks = {*offset};
  outcome_.limit = limit_of(outcome_, sockets_, plan_);
  done_ = true;
  owner_.on_interval(outcome_, state());
}

RunState Run::state() const {
  RunState state;
  state.phase = phase_;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Progress of = progress(i);
    state.clients += of.clients;
    state.ready += of.ready;
    state.open += of.open;
  }
  const Scenario& scenario = plan_.scenario;
  if (phase_ >= RunState::Phase::draining) {
    state.share = 1;
  } else if (scenario.duration && measured_from_ != Time::max()) {
    const Time from = measured_from_ - scenario.warm_up;
    const Duration passed = std::clamp(poller_.now() - from, Duration::zero(), *scenario.duration);
    state.share = seconds(passed) / std::max(1e-9, seconds(*scenario.duration));
    state.left = *scenario.duration - passed;
  } else {
    std::uint64_t wanted = 0;
    for (const Population& population : scenario.populations) {
      if (population.publish) wanted += population.publish->count * population.clients;
      if (population.request) wanted += population.request->publish.count * population.clients;
    }
    const std::uint64_t made = outcome_.tally.all(MessageCount::sent) + outcome_.tally[Count::requests];
    if (wanted > 0) state.share = static_cast<double>(made) / static_cast<double>(wanted);
  }
  return state;
}

}  // namespace mq
