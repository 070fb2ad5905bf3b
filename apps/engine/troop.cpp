#include "engine/troop.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "client/ended.hpp"
#include "engine/client_names.hpp"
#include "engine/limit.hpp"
#include "load/client_random.hpp"

namespace mq {
namespace {

// Connections being opened at the same time in one thread, where they are to come as fast as can be.
constexpr std::size_t connecting_at_once = 256;
constexpr std::size_t most_errors = 100;
constexpr std::uint16_t most_in_flight = 65535;

}  // namespace

Troop::Troop(const LoadPlan& plan, unsigned index, unsigned count)
    : plan_(plan),
      index_(index),
      count_(count),
      status_(std::make_unique<Status[]>(plan.scenario.populations.size())),
      tally_(std::make_unique<Tally>()),
      spare_(std::make_unique<Tally>()) {}

Troop::~Troop() = default;

Result<std::unique_ptr<Troop>> Troop::make(const LoadPlan& plan, unsigned index, unsigned count) {
  std::unique_ptr<Troop> troop(new Troop(plan, index, count));
  if (auto prepared = troop->prepare(); !prepared) return std::unexpected(std::move(prepared.error()));
  return troop;
}

Result<void> Troop::prepare() {
  way_.options = &plan_.client.open;
  if (std::ranges::any_of(plan_.targets, [](const Target& target) { return target.endpoint.tls; })) {
    auto context = TlsContext::make(plan_.client.tls);
    if (!context) return std::unexpected(std::move(context.error()));
    way_.tls = std::move(*context);
  }
  times_connects_ = measures_connecting(plan_.scenario);
  const unsigned slice = plan_.first_slice + index_;
  for (std::size_t i = 0; i < plan_.targets.size(); ++i) {
    auto ports = Ports::make({.sources = plan_.scenario.source_addresses,
                              .slice = slice,
                              .slices = plan_.slices,
                              .connections = plan_.expected_connections / plan_.targets.size()},
                             plan_.machine);
    if (!ports) return std::unexpected(std::move(ports.error()));
    way_.ports.push_back(std::move(*ports));
  }
  for (std::size_t i = 0; i < plan_.scenario.populations.size(); ++i)
    if (auto done = enlist(i); !done) return done;
  return {};
}

Result<void> Troop::enlist(std::size_t index) {
  const Scenario& scenario = plan_.scenario;
  const Population& population = scenario.populations[index];
  Squad& squad = squads_.emplace_back();
  squad.index = index;
  squad.population = &population;
  if (population.connect.pace != Pace::flood) {
    static const Timetable always({});
    Rate rate = population.connect;
    if (!rate.in_total) rate.per_second *= static_cast<double>(population.clients);
    rate.in_total = true;
    squad.connects.emplace(rate, always, 1, 0,
                           client_random(scenario.seed, RandomUse::arrivals, population.first_client));
  }
  if (population.publish || population.request) {
    auto maker = MessageMaker::make(scenario, index, plan_.environment, plan_.log);
    if (!maker) return std::unexpected(std::move(maker.error()));
    squad.maker = std::move(*maker);
  }
  squad.timetable.emplace(scenario.stages, scenario.duration);
  auto names = ClientNames::make(scenario, index, plan_.environment);
  if (!names) return std::unexpected(std::move(names.error()));
  squad.names = std::move(*names);
  for (std::uint64_t i = scenario.shard.index; i < population.clients; i += scenario.shard.count) {
    if ((i / scenario.shard.count) % count_ != index_) continue;
    SessionConfig config = population.session;
    config.client_id = squad.names->client_id(i);
    if (population.publish) config.max_in_flight = population.publish->window;
    // Requests and answers are bounded by what waits for an answer, not by acknowledgements.
    if (population.request || population.respond) config.max_in_flight = most_in_flight;
    LoadClient& client = squad.clients.emplace_back(poller_, *this, std::move(config), squad);
    client.number = static_cast<std::uint32_t>(population.first_client + i);
    client.place = static_cast<std::uint32_t>(clients_.size());
    clients_.push_back(&client);
    if (population.subscribe || population.resumes) client.receiving = std::make_unique<Receiving>();
  }
  return {};
}

void Troop::work() {
  while (!ended_) {
    poller_.turn(agenda_.next());
    while (const auto entry = agenda_.take(poller_.now())) act(*entry);
  }
}

void Troop::act(const Agenda::Entry& entry) {
  if (entry.kind == Agenda::Kind::connects) return connect_due(squads_[entry.who]);
  if (entry.kind == Agenda::Kind::cut) return std::exchange(cut_, nullptr)();
  LoadClient& client = *clients_[entry.who];
  switch (entry.kind) {
    case Agenda::Kind::deadline:
      if (client.armed == entry.when) client.armed.reset();
      if (const auto deadline = client.deadline(); deadline && *deadline <= poller_.now()) client.tick();
      return arm(client);
    case Agenda::Kind::request_limit:
      return expire_requests(client);
    case Agenda::Kind::suback_limit:
      return expire_subscribe(client);
    case Agenda::Kind::progress:
      return check_progress(client);
    default:
      break;
  }
  if (client.sending) client.sending->queued = false;
  if (client.state == LoadClient::State::waiting) {
    Squad& squad = *client.squad;
    if (squad.population->churn || squad.connecting < connecting_at_once)
      return connect(client, client.connect_due);
    client.was_held = true;
    return squad.returning.push_back(&client);
  }
  if (client.state != LoadClient::State::ready) return;
  if (client.squad->population->churn) return leave(client);
  if (client.sending) send_due(client);
}

void Troop::start(std::size_t population, Time when) {
  Squad& squad = squads_[population];
  squad.started = when;
  if (squad.population->churn) {
    // Those who come and go don't come before their time, and never in the population's turn.
    squad.next_own = squad.clients.size();
    status_[population].ready = squad.clients.size();
    return;
  }
  agenda_.add(when, static_cast<std::uint32_t>(population), Agenda::Kind::connects);
}

void Troop::connect_due(Squad& squad) {
  while (squad.next_own < squad.clients.size() && !squad.over) {
    LoadClient& client = squad.clients[squad.next_own];
    Time due = poller_.now();
    if (squad.connects) {
      const std::uint64_t index = client.number - squad.population->first_client;
      for (; squad.next_connect <= index; ++squad.next_connect)
        squad.connect_at = squad.started + squad.connects->next().value_or(Duration::zero());
      due = squad.connect_at;
      if (due > poller_.now())
        return agenda_.add(due, static_cast<std::uint32_t>(squad.index), Agenda::Kind::connects);
    } else if (squad.connecting >= connecting_at_once) {
      return;
    }
    ++squad.next_own;
    connect(client, due);
  }
}

// One connection less is being opened.
void Troop::connect_more(Squad& squad) {
  while (!squad.returning.empty() && squad.connecting < connecting_at_once) {
    LoadClient& client = *squad.returning.front();
    squad.returning.pop_front();
    if (client.state == LoadClient::State::waiting) connect(client, client.connect_due);
  }
  if (!squad.connects) connect_due(squad);
}

void Troop::connect(LoadClient& client, Time due) {
  client.state = LoadClient::State::connecting;
  client.connect_due = due;
  client.connect_begun = poller_.moment();
  ++client.squad->connecting;
  ++client.attempts;
  ++(*tally_)[Count::connects];
  if (times_connects_) {
    (*tally_)[Latency::lag].record(client.connect_begun - due);
    delays_.count(client.connect_begun - due, client.was_held);
  }
  // In turn among the clients of this very thread: each thread has ports for a part of each server's
  // connections. Clients of equal places in two populations, which may be a pair, have the same server.
  const std::uint64_t index = client.number - client.squad->population->first_client;
  const std::uint64_t turn = index / plan_.scenario.shard.count / count_;
  client.open(plan_.targets[turn % plan_.targets.size()], way_, plan_.client.open.dial.timeout);
  arm(client);
}

void Troop::come_again(LoadClient& client) {
  const auto next = client.coming ? client.coming->next() : std::nullopt;
  const ChurnPlan& plan = *client.squad->population->churn;
  const bool enough = plan.count > 0 && client.attempts >= plan.count;
  if (client.squad->over || enough || (client.coming && !next)) return finish(client);
  client.state = LoadClient::State::waiting;
  client.connect_due = client.coming ? client.squad->gone + *next : poller_.now();
  client.was_held = client.attempts > 0 && client.connect_due < poller_.now();
  agenda_.add(client.connect_due, client.place, Agenda::Kind::work);
}

void Troop::connected(LoadClient& client, const Connected& event) {
  const Time now = poller_.now();
  if (++client.times == 1) status_[client.squad->index].came.fetch_add(1, std::memory_order_relaxed);
  client.failures = 0;
  client.fell = false;
  --client.squad->connecting;
  ++(*tally_)[Count::connected];
  Status& status = status_[client.squad->index];
  status.open.fetch_add(1, std::memory_order_relaxed);
  (*tally_)[Latency::connect].record(now - client.connect_due, now - client.connect_begun);
  if (const auto tls = client.tls_time()) (*tally_)[Latency::tls].record(*tls);
  connect_more(*client.squad);
  arm(client);
  const Population& population = *client.squad->population;
  const bool kept = event.connack.session_present;
  if (Receiving* receiving = client.receiving.get()) {
    if (!kept && (receiving->away || population.resumes)) lapse(client);
    if (kept && client.times == 1 && population.subscribe)
      receiving->granted = static_cast<int>(population.subscribe->qos);
    receiving->away = false;
  }
  if (event.possible_doubles > 0 && client.sending && population.publish)
    client.sending->open.visit([&sending = *client.sending](Ticket ticket, const OpenRequests::Times&) {
      sending.made_exceptions().repeated.add(sending.number_of(ticket));
    });
  const bool has_filters = population.subscribe || population.respond || population.request;
  if (has_filters && !kept) return subscribe(client);
  ready(client);
}

void Troop::subscribe(LoadClient& client) {
  const Population& population = *client.squad->population;
  const std::uint64_t index = client.number - population.first_client;
  const std::vector<std::string> filters = client.squad->names->filters(index);
  std::vector<Subscription> subscriptions;
  PropertyList properties;
  for (const std::string& filter : filters) {
    Subscription subscription{.filter = filter};
    if (population.subscribe) {
      subscription.qos = population.subscribe->qos;
      subscription.no_local = population.subscribe->no_local;
    } else {
      subscription.qos = population.respond ? population.respond->qos : population.request->publish.qos;
    }
    subscriptions.push_back(subscription);
  }
  if (population.subscribe) properties = population.subscribe->properties;
  client.state = LoadClient::State::subscribing;
  client.asked = poller_.now();
  if (client.receiving) {
    client.receiving->subscribed_at = client.asked;
    client.receiving->granted = -1;
  }
  if (auto asked = client.session().subscribe(subscriptions, properties.view(), poller_.now()); !asked) {
    note(asked.error());
    (*tally_)[Count::subscribe_failures] += filters.size();
    return ready(client);
  }
  client.flush();
  agenda_.add(client.asked + plan_.client.open.dial.timeout, client.place, Agenda::Kind::suback_limit);
}

// The run goes on without it.
void Troop::expire_subscribe(LoadClient& client) {
  if (client.state != LoadClient::State::subscribing) return;
  if (client.asked + plan_.client.open.dial.timeout > poller_.now()) return;  // of an earlier connection
  note({ErrorKind::timeout, "no answer to SUBSCRIBE within the time limit", 0, {}});
  const std::uint64_t index = client.number - client.squad->population->first_client;
  (*tally_)[Count::subscribe_failures] += client.squad->names->filters(index).size();
  ready(client);
}

void Troop::subscribed(LoadClient& client, const Subscribed& event) {
  // Too late: it is counted as failed already.
  if (client.state != LoadClient::State::subscribing) return;
  (*tally_)[Latency::subscribe].record(poller_.now() - client.asked);
  int lowest = 2;
  for (const char code : event.suback.codes) {
    const bool granted = static_cast<std::uint8_t>(code) < 0x80;
    lowest = granted ? std::min<int>(lowest, code) : -1;
    ++(*tally_)[granted ? Count::subscriptions : Count::subscribe_failures];
    if (!granted) note({ErrorKind::denied, "the server refused a subscription", 0, {}});
  }
  if (client.receiving) client.receiving->granted = lowest;
  ready(client);
}

void Troop::ready(LoadClient& client) {
  client.state = LoadClient::State::ready;
  const Population& population = *client.squad->population;
  if (!std::exchange(client.was_ready, true))
    status_[client.squad->index].ready.fetch_add(1, std::memory_order_relaxed);
  if (population.leaves_when_ready || client.wants_to_leave) return leave(client);
  if (population.churn)
    return agenda_.add(poller_.now() + population.churn->stay, client.place, Agenda::Kind::work);
  if (!client.squad->going) return;
  if (!client.sending) return begin_sending(client);
  client.sending->held_until = poller_.now();
  send_due(client);
}

void Troop::go(std::size_t population, Time when, Time measured_from) {
  Squad& squad = squads_[population];
  squad.gone = when;
  squad.measured_from = measured_from;
  squad.going = true;
  const Population& what = *squad.population;
  for (LoadClient& client : squad.clients) {
    if (what.churn) {
      if (what.churn->rate.pace != Pace::flood)
        client.coming = std::make_unique<Arrivals>(
            what.churn->rate, *squad.timetable, what.clients, client.number - what.first_client,
            client_random(plan_.scenario.seed, RandomUse::arrivals, client.number));
      come_again(client);
    } else if (client.state == LoadClient::State::ready) {
      begin_sending(client);
    }
  }
}

void Troop::on_event(Connection& connection, const Event& event) {
  auto& client = static_cast<LoadClient&>(connection);
  if (const auto* message = std::get_if<Message>(&event)) return received(client, message->publish);
  if (const auto* done = std::get_if<Published>(&event)) return published(client, done->ticket, done->reason);
  if (const auto* up = std::get_if<Connected>(&event)) return connected(client, *up);
  if (const auto* granted = std::get_if<Subscribed>(&event)) return subscribed(client, *granted);
  if (const auto* dropped = std::get_if<Dropped>(&event)) {
    note(dropped->error);
    published(client, dropped->ticket, ReasonCode::unspecified_error);
  }
}

void Troop::on_room(Connection& connection) {
  auto& client = static_cast<LoadClient&>(connection);
  count_bytes(client);
  if (!client.sending) return;
  if (client.sending->blocked && client.state == LoadClient::State::ready && worth_it(client))
    send_due(client);
  check_finished(client);
}

void Troop::on_end(Connection& connection, const std::optional<Error>& why) {
  auto& client = static_cast<LoadClient&>(connection);
  count_bytes(client);
  Status& status = status_[client.squad->index];
  const bool had_begun = client.state == LoadClient::State::connecting;
  if (had_begun)
    --client.squad->connecting;
  else
    status.open.fetch_sub(1, std::memory_order_relaxed);
  if (!why) {
    const bool churns = client.squad->population->churn.has_value();
    if (churns && !client.squad->over) return come_again(client);
    client.state = LoadClient::State::gone;
    finish(client);
    return;
  }
  note(*why);
  ++(*tally_)[!had_begun                        ? Count::connections_lost
              : why->kind == ErrorKind::refused ? Count::refused
                                                : Count::connect_failures];
  if (!client.finished && !client.squad->over) fall(client, *why, !had_begun);
  if (!client.was_ready) {
    client.was_ready = true;
    status.ready.fetch_add(1, std::memory_order_relaxed);
  }
  if (client.receiving && !had_begun) client.receiving->away = true;
  if (had_begun) {
    client.state = LoadClient::State::waiting;
    connect_more(*client.squad);
  }
  if (client.squad->population->churn) return come_again(client);
  const RetryPolicy& retry = plan_.client.retry;
  ++client.failures;
  const bool again = client.times > 0 ? !retry.after_loss || client.failures <= *retry.after_loss
                                      : client.failures <= retry.before_first;
  const bool useless = !worth_another_try(*why) || client.wants_to_leave;
  if (!again || useless || (client.squad->over && !client.receiving)) return gone(client);
  client.state = LoadClient::State::waiting;
  client.connect_due = poller_.now() + pause_before(client);
  agenda_.add(client.connect_due, client.place, Agenda::Kind::work);
}

void Troop::arm(LoadClient& client) {
  const auto deadline = client.deadline();
  if (!deadline || (client.armed && *client.armed <= *deadline)) return;
  client.armed = deadline;
  agenda_.add(*deadline, client.place, Agenda::Kind::deadline);
}

void Troop::note(const Error& error) {
  if (verdict_.errors.size() >= most_errors && !verdict_.errors.contains(error.text)) return;
  ++verdict_.errors[error.text];
  verdict_.kinds.try_emplace(error.text, error.kind);
}

// Until it is connected again. Of several reasons the one for the loss is told, not those why nothing could
// be had back.
void Troop::fall(LoadClient& client, const Error& why, bool was_connected) {
  client.fell = true;
  Squad& squad = *client.squad;
  if (squad.lost_any && !was_connected && !squad.population->churn) return;
  squad.lost_any = squad.lost_any || was_connected;
  squad.fell_by = why.kind;
  squad.fell_why = why.text;
}

void Troop::count_bytes(LoadClient& client) {
  (*tally_)[Count::bytes_sent] +=
      client.bytes_sent() - std::exchange(client.counted_sent, client.bytes_sent());
  (*tally_)[Count::bytes_received] +=
      client.bytes_received() - std::exchange(client.counted_received, client.bytes_received());
}

SocketTimes Troop::socket_times() const {
  SocketTimes times;
  // A sample says enough: asking costs a system call each.
  const std::size_t step = clients_.size() / 64 + 1;
  for (std::size_t i = 0; i < clients_.size(); i += step) clients_[i]->add_socket_times(times);
  return times;
}

void Troop::cut_at(Time when, Loop::Handler cut) {
  if (when <= poller_.moment()) return cut();
  cut_ = std::move(cut);
  agenda_.add(when - Duration(1), 0, Agenda::Kind::cut);
}

std::unique_ptr<Tally> Troop::collect() {
  std::swap(tally_, spare_);
  auto result = std::move(spare_);
  spare_ = std::make_unique<Tally>();
  return result;
}

double Troop::cpu_seconds() const {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double Troop::waited_seconds() const {
  const int file = ::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  std::array<char, 128> text{};
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  // Nanoseconds of work, of waiting, and how many times.
  const char* const end = text.data() + std::max<ssize_t>(size, 0);
  const char* const wait = std::find(static_cast<const char*>(text.data()), end, ' ');
  std::uint64_t waited = 0;
  if (wait != end) (void)std::from_chars(wait + 1, end, waited);
  return static_cast<double>(waited) / 1e9;
}

}  // namespace mq
