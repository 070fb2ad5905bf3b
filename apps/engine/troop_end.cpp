#include <algorithm>
#include <utility>

#include "engine/troop.hpp"
#include "load/client_random.hpp"

// How clients come to an end: stopped, leaving, lost for good; and what becomes of all that they had still to
// send, or were waiting for.

namespace mq {
namespace {

constexpr auto patience_with_goodbye = std::chrono::seconds(2);
// A server may take its time for an acknowledgement, however little is waited for at the end.
constexpr Duration least_patience = std::chrono::seconds(1);

}  // namespace

void Troop::stop(std::size_t population) {
  Squad& squad = squads_[population];
  squad.over = true;
  for (LoadClient& client : squad.clients) {
    if (squad.going && squad.sends() && client.times > 0) {
      if (!client.sending) make_sending(client);
      const Sending& sending = *client.sending;
      // What is due by now, and only waits for its turn, is not late.
      if (client.state == LoadClient::State::ready && sending.arrivals && !sending.over && !sending.blocked)
        send_due(client);
      settle(client, false);
    }
    if (squad.population->churn && client.state == LoadClient::State::ready) {
      leave(client);
    } else if ((client.state == LoadClient::State::waiting && client.idle()) ||
               client.state == LoadClient::State::gone) {
      finish(client);
    } else {
      check_finished(client);
    }
  }
}

void Troop::leave(std::size_t population) {
  squads_[population].over = true;
  for (LoadClient& client : squads_[population].clients) {
    if (client.sending) {
      settle(client, false);
      count_unanswered(client);
    }
    leave(client);
  }
}

void Troop::leave(LoadClient& client) {
  client.wants_to_leave = !client.squad->population->churn;
  if (client.state == LoadClient::State::leaving || client.state == LoadClient::State::gone) return;
  const bool was_open = client.open() && client.session().connected();
  if (!was_open) {
    if (client.state == LoadClient::State::connecting) {
      --client.squad->connecting;
      ++(*tally_)[Count::connect_failures];
      note({ErrorKind::timeout, "the run ended before the connection was there", 0, {}});
    }
    client.drop();
    client.state = LoadClient::State::gone;
    finish(client);
    return;
  }
  client.state = LoadClient::State::leaving;
  ++(*tally_)[Count::disconnects];
  client.leave(patience_with_goodbye);
  arm(client);
}

// It was lost, and does not come again.
void Troop::gone(LoadClient& client) {
  const Squad& squad = *client.squad;
  client.state = LoadClient::State::gone;
  // What it should have sent goes on being due: the run takes as long as it was to take.
  const bool owes = squad.sends() && client.times > 0 && !(client.sending && client.sending->over);
  if (owes && plan_.scenario.duration && !squad.over) return;
  if (owes) settle(client, true);
  finish(client);
}

// From now on it sends nothing. What was due and was never sent counts as being so late as it is now; of a
// `whole` load, which has a number instead of a time, all that is missing of that number is unsent.
void Troop::settle(LoadClient& client, bool whole) {
  const PublishPlan& plan = client.squad->plan();
  std::uint64_t& unsent = tally_->at(static_cast<int>(plan.qos), MessageCount::unsent);
  if (!client.sending) {
    if (whole) unsent += plan.count;
    return;
  }
  Sending& sending = *client.sending;
  if (std::exchange(sending.settled, true) || std::exchange(sending.over, true)) return;
  std::uint64_t number = sending.next;
  const auto more = [&] { return plan.count == 0 || number < plan.count; };
  if (sending.arrivals) {
    while (sending.due && *sending.due <= poller_.now() && more()) {
      count_unsent(client, *sending.due);
      ++number;
      const auto next = sending.arrivals->next();
      sending.due = next ? std::optional(client.squad->gone + *next) : std::nullopt;
    }
  }
  if (whole && more()) number = std::max(number, plan.count);
  unsent += number - sending.next;
}

void Troop::count_unsent(const LoadClient& client, Time due) {
  if (due < client.squad->measured_from) return;
  Tally& tally = *tally_;
  const auto age = std::chrono::duration_cast<std::chrono::microseconds>(poller_.now() - due).count();
  const auto late = static_cast<std::uint64_t>(std::max<std::int64_t>(age, 0));
  tally[Latency::lag].record(late, late);
  delays_.count(poller_.now() - due, client.state != LoadClient::State::ready || client.sending->blocked ||
                                         due < client.sending->held_until);
  if (client.squad->population->request) return tally[Latency::request].due.record(late);
  if (client.squad->plan().qos != QoS::at_most_once) tally[Latency::acknowledge].due.record(late);
  if (const std::uint32_t receivers = receivers_of(client); receivers > 0)
    tally[Latency::end_to_end].due.record(late, receivers);
}

// No answer up to the end: it took at least so long.
void Troop::count_unanswered(const LoadClient& client) {
  const bool asks = client.squad->population->request.has_value();
  Timing& timing = (*tally_)[asks ? Latency::request : Latency::acknowledge];
  if (asks) (*tally_)[Count::requests_failed] += client.sending->open.size();
  client.sending->open.visit([&](std::uint64_t, const OpenRequests::Times& times) {
    if (times.due >= client.squad->measured_from)
      timing.record(poller_.now() - times.due, poller_.now() - times.sent);
  });
}

// Of loads that end with their number alone: when the server neither acknowledges nor takes anything for so
// long as the end would be waited for, that is the end.
void Troop::check_progress(LoadClient& client) {
  if (client.finished || !client.sending) return;
  Sending& sending = *client.sending;
  const Time now = poller_.now();
  const Duration patience = std::max(plan_.scenario.drain, least_patience);
  Time since = now;
  if (client.state == LoadClient::State::ready) {
    if (sending.open.size() > 0) {
      sending.open.visit(
          [&](std::uint64_t, const OpenRequests::Times& times) { since = std::min(since, times.sent); });
      since = std::max(since, sending.progress);
    } else if (client.session().output_size() > 0) {
      if (std::exchange(sending.bytes_then, client.bytes_sent()) != client.bytes_sent())
        sending.progress = now;
      since = sending.progress;
    }
  }
  if (now < since + patience) return agenda_.add(since + patience, client.place, Agenda::Kind::progress);
  note({ErrorKind::timeout, "the server took no messages of a client any more", 0, {}});
  settle(client, true);
  finish(client);
}

void Troop::check_finished(LoadClient& client) {
  if (client.finished || !client.sending || !client.sending->over) return;
  spend(client);
  if (client.sending->open.size() == 0 && client.session().output_size() == 0) finish(client);
}

void Troop::spend(LoadClient& client) {
  if (std::exchange(client.spent, true)) return;
  status_[client.squad->index].spent.fetch_add(1, std::memory_order_relaxed);
}

void Troop::finish(LoadClient& client) {
  spend(client);
  if (std::exchange(client.finished, true)) return;
  status_[client.squad->index].finished.fetch_add(1, std::memory_order_relaxed);
}

// Doubles with every failure in a row, spread by a quarter to both sides: not all of them in the same moment.
Duration Troop::pause_before(const LoadClient& client) const {
  const RetryPolicy& retry = plan_.client.retry;
  Duration pause = retry.least;
  for (std::uint32_t i = 1; i < client.failures && pause < retry.most; ++i) pause *= 2;
  Random random = client_random(plan_.scenario.seed, RandomUse::pauses, client.number, client.attempts);
  const double spread = 0.75 + 0.5 * static_cast<double>(random.next() >> 11) * 0x1p-53;
  pause = std::chrono::duration_cast<Duration>(std::min(pause, retry.most) * spread);
  return std::min(pause, retry.most);
}

}  // namespace mq
