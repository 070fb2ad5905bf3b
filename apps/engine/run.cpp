#include "engine/run.hpp"

#include <algorithm>
#include <utility>

#include "load/length.hpp"

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
// With an answer, once a second interrupt has come: a healthy crew needs much less.
constexpr auto little_patience = 2s;

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
      came_(std::make_unique<Tally>()),
      gathering_(std::make_unique<Tally>()) {}

Run::Kind Run::kind(std::size_t population) const {
  const Population& what = plan_.scenario.populations[population];
  return what.publish || what.request || what.churn || what.leaves_when_ready ? Kind::active : Kind::passive;
}

Progress Run::progress(std::size_t population) const {
  Progress all;
  for (const auto& crew : crews_) all.add(crew->progress(population));
  return all;
}

Result<LoadOutcome> Run::execute() {
  const Scenario& scenario = plan_.scenario;
  begun_ = interval_begun_ = ticked_ = poller_.moment();
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
    opens_ = measuring_ = true;
  }
  while (!done_) {
    poller_.turn(poller_.moment() + look_every);
    tick();
    if (options_.clock != nullptr) options_.clock->tick();
  }
  if (outcome_.tally[Count::connected] == 0 && !outcome_.errors.empty()) return std::unexpected(failure());
  if (auto nothing = why_nothing()) return std::unexpected(std::move(*nothing));
  return std::move(outcome_);
}

// What went wrong most often.
Error Run::failure() const {
  const auto most =
      std::ranges::max_element(outcome_.errors, {}, [](const auto& error) { return error.second; });
  const auto kind = kinds_.find(most->first);
  return {.kind = kind == kinds_.end() ? ErrorKind::connect : kind->second, .text = most->first};
}

// Messages were to be sent, and none was.
std::optional<Error> Run::why_nothing() const {
  const Tally& tally = outcome_.tally;
  const bool wanted = tally.all(MessageCount::unsent) > 0 || tally.all(MessageCount::refused) > 0;
  if (!wanted || outcome_.interrupted || outcome_.errors.empty() || tally.all(MessageCount::sent) > 0 ||
      tally[Count::requests] > 0)
    return std::nullopt;
  const bool lost = tally[Count::connections_lost] > 0;
  return Error{lost ? ErrorKind::lost : ErrorKind::denied, "no message was sent: " + failure().text, 0, {}};
}

void Run::interrupt() {
  ++interrupts_;
  outcome_.interrupted = true;
  end_measuring(poller_.moment());
  if (phase_ != RunState::Phase::ended) owner_.on_interval(outcome_, state());
}

// A crew that is stopped or hangs does not hold the others up for good. What we were stopped ourselves does
// not count.
void Run::hurry() {
  const Time now = poller_.now();
  waited_ += std::min<Duration>(now - std::exchange(ticked_, now), 10 * look_every);
  if (waiting_for_ == 0) return;
  Duration patience = options_.patience;
  if (interrupts_ > 1) patience = std::min<Duration>(patience, little_patience);
  if (waited_ < patience) return;
  // The last answer may lead to the next question, and that one is nobody's fault.
  const std::uint64_t question = questions_;
  for (const auto& crew : crews_) {
    if (waiting_for_ == 0 || questions_ != question) break;
    crew->give_up();
  }
}

void Run::tick() {
  hurry();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    PopulationOutcome& shown = outcome_.populations[i];
    shown.connected = std::max(shown.connected, progress(i).came);
  }
  switch (phase_) {
    case RunState::Phase::connecting:
    case RunState::Phase::running:
      look_for_end();
      cut();
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
  if (phase_ != RunState::Phase::ended) cut();
}

void Run::begin_populations() {
  const Scenario& scenario = plan_.scenario;
  // Whoever comes when all is sent comes when the measured time has ended.
  const bool ending = !ends_ && measured_until_ <= poller_.now();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = parts_[i];
    const Population& population = scenario.populations[i];
    if (!part.started && interrupts_ == 0 && !ending) {
      const bool may = std::ranges::all_of(population.after, [&](const Population::After& after) {
        if (!parts_[after.population].started) return false;
        const Progress of = progress(after.population);
        if (!after.finished) return of.ready == of.clients;
        // Those of other shards may still wait for what was acknowledged here.
        return of.finished == of.clients && time_is_over(after.population, scenario.drain);
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
    if (idle_ && all_begun()) end_measuring(poller_.now());
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
    if (interrupts_ == 0 && (!time_is_over(i, {}) || waits_for_its_time(i))) return false;
  }
  return true;
}

// A shard sees its own clients only, and may have none of those who act: for the others' there is the clock,
// as far as there is a schedule.
bool Run::time_is_over(std::size_t population, Duration more) const {
  const Population& what = plan_.scenario.populations[population];
  if (!is_shard() || what.leaves_when_ready) return true;
  const auto length = scheduled_length(plan_.scenario, what);
  return !length || (parts_[population].going && poller_.now() - parts_[population].gone >= *length + more);
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
      settle();
    } else if (drain_begun_ == Time{}) {
      drain_begun_ = now;
    } else if (now - drain_begun_ > scenario.drain) {
      phase_ = RunState::Phase::draining;
      settled_ = questions_;
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
  if (scenario.duration && !idle_) end_measuring(last + *scenario.duration);
  if ((counted && all_finished) || (scenario.duration && now >= last + *scenario.duration)) settle();
}

void Run::settle() {
  phase_ = RunState::Phase::draining;
  drain_begun_ = last_progress_ = poller_.now();
  settled_ = questions_;
  end_measuring(drain_begun_);
}

bool Run::wants_more() const {
  const Tally& tally = outcome_.tally;
  return tally.all(MessageCount::received) < tally.all(MessageCount::expected);
}

void Run::drain() {
  if (waiting_for_ > 0 || !measured_) return;
  if (questions_ == settled_) return collect(false);
  const Time now = poller_.now();
  const std::uint64_t received = outcome_.tally.all(MessageCount::received);
  if (std::exchange(last_received_, received) != received) last_progress_ = now;
  const Tally& tally = outcome_.tally;
  bool only_qos_0 = true;
  for (int qos = 1; qos <= 2; ++qos)
    only_qos_0 = only_qos_0 && tally.at(qos, MessageCount::received) >= tally.at(qos, MessageCount::expected);
  // A shard can't know what others send to its subscribers, and whether theirs have got what it has sent.
  const bool shared = is_shard();
  const Duration limit = plan_.scenario.drain;
  const Duration silence = only_qos_0 && !shared ? std::min<Duration>(silence_at_qos_0, limit) : limit;
  const bool enough = (!shared && !wants_more()) || now - last_progress_ > silence || interrupts_ > 1;
  if (!enough) {
    if (now - looked_ >= look_again_every) collect(now - interval_begun_ >= options_.interval);
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

void Run::judge() {
  ask_all([this](Crew& crew) {
    crew.sent([this](StreamFacts facts) {
      facts_.add(std::move(facts));
      if (--waiting_for_ == 0) ask_verdicts();
    });
  });
}

void Run::ask_verdicts() {
  auto facts = std::make_shared<const StreamFacts>(std::move(facts_));
  ask_all([this, &facts](Crew& crew) {
    crew.judge(facts, [this](Troop::Verdict verdict) {
      outcome_.violation_count += verdict.breach_count;
      for (const Breach& breach : verdict.breaches)
        if (outcome_.violations.size() < most_breaches) outcome_.violations.push_back(breach);
      for (const auto& [text, times] : verdict.errors) outcome_.errors[text] += times;
      kinds_.merge(verdict.kinds);
      forgetful_ = forgetful_ || verdict.forgetful;
      add_falls(verdict.falls, falls_);
      for (int qos = 0; qos <= 2; ++qos)
        outcome_.tally.at(qos, MessageCount::unacknowledged) +=
            verdict.unacknowledged[static_cast<std::size_t>(qos)];
      if (--waiting_for_ == 0) finish();
    });
  });
}

void Run::finish() {
  outcome_.complete = std::ranges::none_of(crews_, [](const auto& crew) { return crew->lost(); });
  account(outcome_);
  if (is_shard()) {  // what one sends others receive
    outcome_.accounted = false;
    for (int qos = 0; qos <= 2; ++qos) outcome_.tally.at(qos, MessageCount::lost) = 0;
  }
  if (forgetful_) {
    outcome_.accounted = false;
    outcome_.notes.emplace_back(
        "more messages were missing at the same time than could be kept in mind: what came late of them may "
        "be copies");
  }
  if (std::ranges::any_of(plan_.scenario.populations, [](const Population& population) {
        return population.publish && population.publish->stamp == StampPlace::none;
      })) {
    outcome_.accounted = false;
    outcome_.notes.emplace_back(
        "messages without a stamp can't be told from others: whether they arrived is not known");
  }
  if (options_.clock != nullptr)
    if (const auto offset = options_.clock->offset()) outcome_.clocks = {*offset};
  outcome_.failure = failure_of(outcome_, plan_.scenario, falls_);
  outcome_.limit = limit_of(outcome_, sockets_, delays_, plan_);
  done_ = true;
  owner_.on_interval(outcome_, state());
}

RunState Run::state() const {
  RunState state;
  state.stopping = interrupts_ > 0;
  state.phase = phase_;
  if (phase_ == RunState::Phase::running && (state.stopping || (measured_ && !idle_)))
    state.phase = RunState::Phase::draining;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const Progress of = progress(i);
    state.clients += of.clients;
    state.ready += of.ready;
    state.open += of.open;
  }
  const Scenario& scenario = plan_.scenario;
  if (state.phase >= RunState::Phase::draining) {
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
