#include "engine/clock_watch.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr unsigned often = 20;  // questions in quick succession, then one now and then
constexpr Duration soon = 50ms, later = 1s;

SessionConfig session_for(const LoadPlan& plan) {
  SessionConfig config = plan.scenario.populations.front().session;
  config.client_id = fmt::format("mqttkit-{:08x}-clock-{}", plan.scenario.run, plan.scenario.shard.index);
  config.clean_start = true;
  config.will.reset();
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
      topic_(fmt::format("mqttkit/bench/{:08x}/clock", plan.scenario.run)) {}

void ClockWatch::tick() {
  const Time now = poller_.now();
  if (const auto deadline = connection_.deadline(); deadline && *deadline <= now) connection_.tick();
  if (now < next_) return;
  next_ = now + (asked_ < often ? soon : later);
  if (connection_.idle()) {
    next_ = now + later;
    return connection_.open(plan_.targets.front(), way_, plan_.client.open.dial.timeout);
  }
  if (plan_.scenario.shard.index > 0 && subscribed_) ask();
}

void ClockWatch::on_event(Connection& /*connection*/, const Event& event) {
  const std::uint32_t shard = plan_.scenario.shard.index;
  if (std::holds_alternative<Connected>(event)) {
    const std::string filter = shard == 0 ? topic_ : fmt::format("{}/{}", topic_, shard);
    (void)connection_.session().subscribe({Subscription{.filter = filter}}, {}, poller_.now());
  } else if (std::holds_alternative<Subscribed>(event)) {
    subscribed_ = true;
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
  ++asked_;
  send(topic_, fmt::format("{} {}", plan_.scenario.shard.index, wall()));
}

void ClockWatch::answer(Bytes question) {
  const auto numbers = numbers_in<2>(question);
  if (!numbers) return;
  const auto [shard, asked] = *numbers;
  if (shard <= 0 || shard >= plan_.scenario.shard.count) return;
  send(fmt::format("{}/{}", topic_, shard), fmt::format("{} {}", asked, wall()));
}

void ClockWatch::take(Bytes answer) {
  const std::int64_t now = wall();
  const auto numbers = numbers_in<2>(answer);
  if (!numbers) return;
  const auto [asked, theirs] = *numbers;
  const std::int64_t round_trip = now - asked;
  if (round_trip <= 0 || (best_ > 0 && round_trip >= best_)) return;
  best_ = round_trip;
  offset_ = ClockOffset{
      .shard = plan_.scenario.shard.index,
      .microseconds = (static_cast<double>(theirs - asked) - static_cast<double>(round_trip) / 2) / 1000,
      .uncertainty = static_cast<double>(round_trip) / 2000};
}

}  // namespace mq
