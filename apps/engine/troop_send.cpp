#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "engine/troop.hpp"
#include "load/client_random.hpp"

// What a client publishes or asks: when it is due, whether there is room for it, what became of it.

namespace mq {
namespace {

// Of one client in one go, so that the others have their turn.
constexpr int at_once = 1024;
// As fast as can be: so much is handed to the socket in one write.
constexpr std::size_t flood_output = 64U << 10;
// There reading the clock for each message would take a fifth of the time: once for so many, which together
// take no more than the microsecond in which times are told.
constexpr int flood_clock = 8;

}  // namespace

void Troop::make_sending(LoadClient& client) {
  const Squad& squad = *client.squad;
  const Population& population = *squad.population;
  client.sending = std::make_unique<Sending>();
  Sending& sending = *client.sending;
  const Rate& rate = client.squad->plan().rate;
  if (rate.pace != Pace::flood) {
    sending.arrivals.emplace(rate, *squad.timetable, population.clients,
                             client.number - population.first_client,
                             client_random(plan_.scenario.seed, RandomUse::arrivals, client.number));
    if (const auto first = sending.arrivals->next()) sending.due = squad.gone + *first;
  }
}

void Troop::begin_sending(LoadClient& client) {
  if (!client.squad->sends()) return;
  make_sending(client);
  // With a duration the end comes by itself.
  if (!plan_.scenario.duration && client.squad->population->publish) check_progress(client);
  send_due(client);
}

bool Troop::has_room(const LoadClient& client) {
  const PublishPlan& plan = client.squad->plan();
  const Session& session = client.session();
  if (!client.open() || !session.connected() || !session.can_publish(plan.qos)) return false;
  if (client.squad->population->request && client.sending->open.size() >= plan.window) return false;
  if (!client.sending->arrivals && session.output_size() >= flood_output) return false;
  return plan.qos == QoS::at_most_once || !session.holds_back();
}

// As fast as can be: with a quarter of the window free there is enough for one write, message by message
// there would be a system call for each.
bool Troop::worth_it(const LoadClient& client) {
  const Sending& sending = *client.sending;
  const std::size_t window = client.squad->plan().window;
  return sending.arrivals || sending.open.size() <= window - (window + 3) / 4;
}

void Troop::send_due(LoadClient& client) {
  Sending& sending = *client.sending;
  const PublishPlan& plan = client.squad->plan();
  const bool scheduled = sending.arrivals.has_value();
  if (std::exchange(sending.blocked, false)) sending.held_until = poller_.now();
  Time now{};
  int count = 0;
  for (; count < at_once; ++count) {
    if (plan.count > 0 && sending.next == plan.count) sending.over = true;
    if (scheduled && !sending.due) sending.over = true;
    if (scheduled || count % flood_clock == 0) now = poller_.moment();
    if (!scheduled && now < client.squad->gone) sending.due = client.squad->gone;
    if (sending.over || (sending.due && *sending.due > now)) break;
    if (!has_room(client)) {
      sending.blocked = true;
      break;
    }
    if (!publish(client, sending.due.value_or(now), now)) break;
    sending.due.reset();
    if (!scheduled) continue;
    if (const auto next = sending.arrivals->next()) sending.due = client.squad->gone + *next;
  }
  client.flush();
  if (sending.over) return check_finished(client);
  if (sending.blocked || sending.queued) return;
  sending.queued = true;
  agenda_.add(count < at_once && sending.due ? *sending.due : poller_.now(), client.place,
              Agenda::Kind::work);
}

bool Troop::publish(LoadClient& client, Time due, Time now) {
  Squad& squad = *client.squad;
  Sending& sending = *client.sending;
  const PublishPlan& plan = client.squad->plan();
  Tally& tally = *tally_;
  const Stamp stamp{
      .run = plan_.scenario.run,
      .stream = client.number,
      .number = sending.next,
      .due = plan_.wall(due),
      .late = static_cast<std::uint32_t>(std::min<std::int64_t>((now - due).count() / 1000, ~0U))};
  Publish* message = squad.maker->make(stamp);
  if (message == nullptr) {
    note(squad.maker->error());
    sending.over = true;
    return false;
  }
  const int qos = static_cast<int>(plan.qos);
  if (squad.population->request) return ask(client, *message, {.due = due, .sent = now});
  const auto ticket = client.session().publish(std::move(*message), now);
  if (!ticket) {
    note(ticket.error());
    // It stays due until the connection is back.
    sending.blocked = ticket.error().kind == ErrorKind::lost;
    if (sending.blocked) return false;
    // What the server's limits forbid once they forbid always.
    ++tally.at(qos, MessageCount::refused);
    sending.over = true;
    return false;
  }
  ++tally.at(qos, MessageCount::sent);
  if (sending.arrivals && due >= squad.measured_from) {
    tally[Latency::lag].record(now - due);
    delays_.count(now - due, due < sending.held_until);
  }
  if (plan.qos == QoS::at_most_once) {
    tally.at(0, MessageCount::expected) += receivers_of(client);
  } else {
    sending.note_ticket(*ticket);
    sending.open.add(*ticket, {.due = due, .sent = now});
  }
  ++sending.next;
  return true;
}

void Troop::published(LoadClient& client, Ticket ticket, ReasonCode reason) {
  if (!client.sending || !client.squad->population->publish) return;
  const auto times = client.sending->open.take(ticket);
  if (!times) return;
  const int qos = static_cast<int>(client.squad->population->publish->qos);
  Tally& tally = *tally_;
  client.sending->progress = poller_.now();
  if (static_cast<std::uint8_t>(reason) >= 0x80) {
    ++tally.at(qos, MessageCount::refused);
    client.sending->made_exceptions().unsure.add(client.sending->number_of(ticket));
    note({ErrorKind::denied, "the server refused a message", static_cast<std::uint8_t>(reason), {}});
    return;
  }
  ++tally.at(qos, MessageCount::acknowledged);
  tally.at(qos, MessageCount::expected) += receivers_of(client);
  if (times->due < client.squad->measured_from) return;
  const Time now = poller_.now();
  tally[Latency::acknowledge].record(now - times->due, now - times->sent);
}

bool Troop::ask(LoadClient& client, const Publish& message, OpenRequests::Times times) {
  Sending& sending = *client.sending;
  const RequestPlan& plan = *client.squad->population->request;
  Publish request = message;
  const std::uint64_t index = client.number - client.squad->population->first_client;
  request_properties_.clear();
  for (const Property& property : message.properties) request_properties_.add(property);
  if (client.session().config().version == Version::v5) {
    std::array<char, sizeof(std::uint64_t)> number{};
    std::memcpy(number.data(), &sending.next, sizeof sending.next);
    (void)request_properties_.add(PropertyId::response_topic, client.squad->names->response_topic(index));
    (void)request_properties_.add(PropertyId::correlation_data, Bytes(number.data(), number.size()));
    request.properties = request_properties_.view();
  }
  const auto ticket = client.session().publish(std::move(request), times.sent);
  if (!ticket) {
    note(ticket.error());
    ++(*tally_)[Count::requests_failed];
    sending.over = ticket.error().kind != ErrorKind::lost;
    return !sending.over;
  }
  ++(*tally_)[Count::requests];
  if (sending.arrivals && times.due >= client.squad->measured_from) {
    (*tally_)[Latency::lag].record(times.sent - times.due);
    delays_.count(times.sent - times.due, times.due < sending.held_until);
  }
  sending.open.add(++sending.next, times);
  if (sending.open.size() == 1) {
    sending.oldest = sending.next;
    agenda_.add(times.sent + plan.timeout, client.place, Agenda::Kind::request_limit);
  }
  return true;
}

void Troop::expire_requests(LoadClient& client) {
  if (!client.sending) return;
  Sending& sending = *client.sending;
  const Duration timeout = client.squad->population->request->timeout;
  for (; sending.oldest <= sending.next; ++sending.oldest) {
    const auto times = sending.open.find(sending.oldest);
    if (!times) continue;
    if (times->sent + timeout > poller_.now())
      return agenda_.add(times->sent + timeout, client.place, Agenda::Kind::request_limit);
    (void)sending.open.take(sending.oldest);
    ++(*tally_)[Count::requests_failed];
  }
  if (sending.blocked && client.state == LoadClient::State::ready) return send_due(client);
  check_finished(client);
}

}  // namespace mq
