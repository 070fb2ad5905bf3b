#include "rr/ping.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "client/ended.hpp"
#include "rr/random_id.hpp"

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t number_size = 8;
// Lines that a slow reader leaves waiting; those beyond are not shown.
constexpr std::size_t most_waiting = 1 << 20;
// When a signal ends it, what is still under way has so long to come back, and a slow reader to read.
constexpr std::chrono::milliseconds last_moment(200);
// As long as nothing has come back, nobody knows how slow the way is.
constexpr Duration patience_with_none = 10s;

void put_number(std::uint64_t number, char* to) {
  for (std::size_t i = 0; i < number_size; ++i) to[i] = static_cast<char>(number >> (8 * i));
}

std::uint64_t number_in(Bytes bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < number_size; ++i) number |= std::uint64_t{octet(bytes[i])} << (8 * i);
  return number;
}

double milliseconds(std::uint64_t microseconds) { return static_cast<double>(microseconds) / 1000; }

std::string messages(std::uint64_t count) {
  return fmt::format("{} message{}", count, count == 1 ? "" : "s");
}

}  // namespace

Pinger::Pinger(const PingSettings& settings)
    : ClientProgram(settings.connection),
      settings_(settings),
      output_(STDOUT_FILENO),
      topic_(settings.topic.empty() ? "mqttkit/ping/" + to_hex(random_id(8)) : settings.topic),
      run_(random_id(8)),
      timer_(loop()) {
  payload_ = run_;
  payload_.resize(settings.size);
}

void Pinger::handle(const Event& event) {
  if (const auto* connected = std::get_if<Connected>(&event)) {
    if (pinging_ && connected->connack.session_present) {
      ready_ = true;
    } else {
      subscribe();
    }
  } else if (const auto* subscribed = std::get_if<Subscribed>(&event)) {
    on_subscribed(subscribed->suback);
  } else if (const auto* published = std::get_if<Published>(&event)) {
    if (is_failure(published->reason))
      return end_with({ErrorKind::denied,
                       "the server refused a message: " +
                           in_words(published->reason, PacketType::puback, published->properties),
                       value_of(published->reason),
                       {}});
    if (held_) go_on();
  } else if (const auto* dropped = std::get_if<Dropped>(&event)) {
    end_with(dropped->error);
  }
}

void Pinger::subscribe() {
  auto asked = client().subscribe({{.filter = topic_, .qos = settings_.qos}}, {});
  if (!asked) end_with(asked.error());
}

void Pinger::on_subscribed(const Suback& suback) {
  const auto code = static_cast<ReasonCode>(octet(suback.codes.front()));
  if (is_failure(code))
    return end_with({ErrorKind::denied,
                     fmt::format("the server refused the subscription {}: {}", quoted(topic_),
                                 in_words(code, PacketType::suback, suback.properties)),
                     value_of(code),
                     {}});
  ready_ = true;
  if (std::exchange(pinging_, true)) return;
  due_ = loop().now();
  go_on();
}

void Pinger::on_retry(const Error& why, Duration pause, const Endpoint& next) {
  ClientProgram::on_retry(why, pause, next);
  ready_ = false;
  if (held_) go_on();
}

void Pinger::on_written() {
  if (held_) go_on();
}

// Each message whose turn has come: all of them, so that one that is late puts off none behind it.
void Pinger::go_on() {
  while (!ending() && !stopping_ && due_ <= loop().now()) {
    if (!take_turn()) return;
    due_ += settings_.interval;
    if (trips_.turns() == settings_.count) return stop_sending();
  }
  if (ending() || stopping_) return;
  held_ = false;
  timer_.set(due_, [this] { go_on(); });
}

// False: it must wait, or all is over. Its time counts from its turn if the server made it wait; otherwise
// from when it leaves, as that we are woken late is not the server's doing.
bool Pinger::take_turn() {
  if (!ready_) {
    trips_.not_sent();
    return true;
  }
  if (!client().session().can_publish(settings_.qos)) {
    held_ = true;
    return false;
  }
  put_number(trips_.next(), payload_.data() + number_size);
  auto sent =
      client().publish({.qos = settings_.qos, .topic = topic_, .properties = {}, .payload = payload_});
  if (!sent) {
    end_with(sent.error());
    return false;
  }
  trips_.sent(held_ ? due_ : loop().now());
  return true;
}

// What takes longer is lost: twice what the slowest took, and at least a second.
Duration Pinger::patience() const {
  return std::max<Duration>(1s, std::chrono::microseconds(2 * trips_.times().max()));
}

void Pinger::stop_sending() {
  stopping_ = true;
  stopped_ = loop().now();
  wait_for_the_rest();
}

void Pinger::wait_for_the_rest() {
  Duration linger = trips_.came() == 0 ? patience_with_none : patience();
  if (interrupted_by() != 0) linger = last_moment;
  const Time until = stopped_ + linger;
  if (trips_.all_back() || loop().now() >= until) return end();
  timer_.set(until, [this] { wait_for_the_rest(); });
}

void Pinger::on_interrupt() {
  if (!pinging_) return end();
  stop_sending();
}

// Without a number of messages it is the time that says how many there are.
std::optional<Error> Pinger::time_up(Error timed_out) {
  if (pinging_ && settings_.count == 0) return std::nullopt;
  return timed_out;
}

void Pinger::on_message(const Message& message) {
  const Bytes payload = message.publish.payload;
  if (payload.size() != payload_.size() || !payload.starts_with(run_)) return;
  const std::uint64_t number = number_in(payload.substr(number_size));
  const RoundTrips::Back back = trips_.back(number, loop().now());
  if (back.arrival == RoundTrips::Arrival::first || back.arrival == RoundTrips::Arrival::again)
    show(number, back);
  if (stopping_ && !ending()) wait_for_the_rest();
}

void Pinger::show(std::uint64_t number, const RoundTrips::Back& back) {
  if (output_.size() > most_waiting) {
    ++not_shown_;
    return;
  }
  const bool again = back.arrival == RoundTrips::Arrival::again;
  if (settings_.json) {
    output_.buffer() += fmt::format("{{\"number\":{},\"microseconds\":{}{}}}\n", number, back.microseconds,
                                    again ? ",\"again\":true" : "");
  } else {
    output_.buffer() += fmt::format("{} bytes to {} and back: number {}, {:.3f} ms{}\n", payload_.size(),
                                    client().server().text(), number, milliseconds(back.microseconds),
                                    again ? ", again" : "");
  }
}

void Pinger::on_quiet() {
  const auto state = output_.flush();
  if (!state) return end_with(state.error());
  if (*state != Output::State::closed) return;
  unread_ = true;
  end_unread();
}

void Pinger::on_finish() {
  if (unread_ || !pinging_) return;
  const std::uint64_t lost = trips_.lost(loop().now(), patience());
  show_statistics(lost);
  const auto written = output_.finish(hurried() ? std::optional(last_moment) : std::nullopt);
  if (!written) fail_with(written.error());
  if (failure()) return;
  const std::uint64_t sent = trips_.sent();
  std::string wrong;
  if (const std::uint64_t missed = trips_.came() == 0 ? sent : lost; missed > 0)
    wrong = fmt::format("{} of {} did not come back", missed, messages(sent));
  if (trips_.unsent() > 0)
    wrong += fmt::format("{}{} could not be sent for want of a connection", wrong.empty() ? "" : ", ",
                         messages(trips_.unsent()));
  if (!wrong.empty()) fail_with({ErrorKind::timeout, wrong, 0, {}});
}

// Ctrl-C is its ordinary end.
int Pinger::on_result(int code) {
  if (interrupted_by() != SIGINT || !pinging_) return code;
  return failure() ? exit_code(failure()->kind) : exit_done;
}

void Pinger::show_statistics(std::uint64_t lost) {
  const Histogram& times = trips_.times();
  const std::uint64_t sent = trips_.sent();
  const std::uint64_t came = trips_.came();
  const std::uint64_t under_way = sent - came - lost;
  const double share = sent == 0 ? 0 : 100.0 * static_cast<double>(lost) / static_cast<double>(sent);
  std::string& out = output_.buffer();
  if (settings_.json) {
    out += fmt::format(
        "{{\"sent\":{},\"back\":{},\"lost\":{},\"lost_percent\":{:.1f},\"under_way\":{},\"unsent\":{},"
        "\"doubled\":{},\"late\":{},\"not_shown\":{},\"microseconds\":",
        sent, came, lost, share, under_way, trips_.unsent(), trips_.doubled(), trips_.late(), not_shown_);
    out += came == 0 ? "null}\n"
                     : fmt::format(
                           "{{\"min\":{},\"mean\":{:.0f},\"deviation\":{:.0f},\"p50\":{},\"p90\":{},"
                           "\"p99\":{},\"max\":{}}}}}\n",
                           times.min(), times.mean(), times.standard_deviation(), times.percentile(50),
                           times.percentile(90), times.percentile(99), times.max());
    return;
  }
  out += fmt::format("{} sent, {} came back, {} lost ({:.1f} %)", sent, came, lost, share);
  for (const auto& [count, what] : {std::pair(under_way, "still under way"),
                                    {trips_.unsent(), "not sent for want of a connection"},
                                    {trips_.doubled(), "came twice"},
                                    {trips_.late(), "came too late to count"},
                                    {not_shown_, "not shown"}})
    if (count > 0) out += fmt::format(", {} {}", count, what);
  if (came > 0)
    out += fmt::format("\nmin {:.3f}, mean {:.3f}, p50 {:.3f}, p90 {:.3f}, p99 {:.3f}, max {:.3f} ms",
                       milliseconds(times.min()), times.mean() / 1000, milliseconds(times.percentile(50)),
                       milliseconds(times.percentile(90)), milliseconds(times.percentile(99)),
                       milliseconds(times.max()));
  out += '\n';
}

std::string Pinger::missing() const {
  if (!pinging_) return "the server has not answered the subscription";
  return fmt::format("{} of {} came back", trips_.came(), messages(trips_.sent()));
}

int run_ping(int argc, char** argv) {
  const auto variable = [](const char* name) -> const char* { return std::getenv(name); };
  auto settings = parse_ping(argc, argv, variable);
  if (!settings) return Log{.quiet = quiet_asked(arguments_of(argc, argv))}.report(settings.error());
  if (const auto ended = prepare(settings->connection, {argv, static_cast<std::size_t>(argc)})) return *ended;
  return Pinger(*settings).run();
}

}  // namespace mq
