#include "engine/clock_watch.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <chrono>
#include <utility>

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t often = 20;  // questions in quick succession, then one now and then
constexpr Duration soon = 50ms, later = 1s;
constexpr Duration patience_with_goodbye = 1s;
// What two clocks may come apart in a second, in seconds, where nothing keeps them together.
constexpr double drift = 1e-4;

SessionConfig session_for(const LoadPlan& plan) {
  SessionConfig config = plan.scenario.populations.front().session;
  config.client_id = fmt::format("mqttkit-{:08x}-clock-{}", plan.scenario.run, plan.scenario.shard.index);
  config.clean_start = true;
  config.will.reset();
  // Nothing is to be left of it.
  config.properties.remove(PropertyId::session_expiry_interval);
  return config;
}

// Numbers with spaces between them.
template <std::size_t Count>
std::optional<std::array<std::int64_t, Count>> numbers_in(Bytes text) {
  std::array<std::int64_t, Count> numbers{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::int64_t& number : numbers) {
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc()) return std::nullopt;
    at = next;
  }
  return numbers;
}

}  // namespace

ClockWatch::ClockWatch(Poller& poller, const LoadPlan& plan, WayIn& way)
    : poller_(poller),
      plan_(plan),
      way_(way),
      connection_(poller, *this, session_for(plan)),
      topic_(fmt::format("mqttkit/clock/{:08x}", plan.scenario.run)) {}

void ClockWatch::tick() {
  const Time now = poller_.now();
  if (const auto deadline = connection_.deadline(); deadline && *deadline <= now) connection_.tick();
  if (left_) return;
  if (now < next_) return;
  next_ = now + (asked_ < often ? soon : later);
  if (connection_.idle()) {
    next_ = now + later;
    return connection_.open(plan_.targets.front(), way_, plan_.client.open.dial.timeout);
  }
  if (plan_.scenario.shard.index > 0 && subscribed_) ask();
}

void ClockWatch::leave() {
  left_ = true;
  if (connection_.open() && connection_.session().connected())
    connection_.leave(patience_with_goodbye);
  else
    connection_.drop();
}

void ClockWatch::on_event(Connection& /*connection*/, const Event& event) {
  const std::uint32_t shard = plan_.scenario.shard.index;
  if (std::holds_alternative<Connected>(event)) {
    const std::string filter = shard == 0 ? topic_ : fmt::format("{}/{}", topic_, shard);
    (void)connection_.session().subscribe({Subscription{.filter = filter}}, {}, poller_.now());
  } else if (std::holds_alternative<Subscribed>(event)) {
    subscribed_ = true;
    next_ = poller_.now();
  } else if (const auto* message = std::get_if<Message>(&event)) {
    if (shard == 0)
      answer(message->publish.payload);
    else
      take(message->publish.payload);
  }
}

void ClockWatch::on_room(Connection& /*connection*/) {}

void ClockWatch::on_end(Connection& /*connection*/, const std::optional<Error>& /*why*/) {
  subscribed_ = false;
}

void ClockWatch::send(const std::string& topic, const std::string& text) {
  Publish message;
  message.topic = topic;
  message.payload = text;
  (void)connection_.session().publish(message, poller_.now());
  connection_.flush();
}

void ClockWatch::ask() {
  const std::uint64_t number = asked_++;
  asked_at_[number % asked_at_.size()] = poller_.moment();
  send(topic_, fmt::format("{} {}", plan_.scenario.shard.index, number));
}

void ClockWatch::answer(Bytes question) {
  const auto numbers = numbers_in<2>(question);
  if (!numbers) return;
  const auto [shard, number] = *numbers;
  if (shard <= 0 || shard >= plan_.scenario.shard.count) return;
  send(fmt::format("{}/{}", topic_, shard), fmt::format("{} {}", number, wall()));
}

// Anybody may have written it: only the answer to a question counts.
void ClockWatch::take(Bytes answer) {
  const Time now = poller_.moment();
  const auto numbers = numbers_in<2>(answer);
  if (!numbers) return;
  const auto number = static_cast<std::uint64_t>((*numbers)[0]);
  const std::int64_t theirs = (*numbers)[1];
  if (number >= asked_ || asked_ - number > asked_at_.size() || theirs < 0) return;
  Time& asked = asked_at_[number % asked_at_.size()];
  if (asked == Time{}) return;  // it has been answered
  const Duration round_trip = now - std::exchange(asked, {});
  if (offset_ && static_cast<double>(round_trip.count()) / 2 >= uncertainty()) return;
  taken_ = now;
  round_trip_ = round_trip;
  // Both are nanoseconds since 1970, and so their difference can be told.
  offset_ = Duration(theirs - plan_.wall(now)) + round_trip / 2;
}

double ClockWatch::uncertainty() const {
  return static_cast<double>(round_trip_.count()) / 2 +
         drift * static_cast<double>((poller_.moment() - taken_).count());
}

std::optional<ClockOffset> ClockWatch::offset() const {
  if (!offset_) return std::nullopt;
  return ClockOffset{.shard = plan_.scenario.shard.index,
                     .microseconds = static_cast<double>(offset_->count()) / 1000,
                     .uncertainty = uncertainty() / 1000};
}

}  // namespace mq
