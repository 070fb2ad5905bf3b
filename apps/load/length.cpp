#include "load/length.hpp"

#include <algorithm>
#include <cmath>

namespace mq {
namespace {

// Nanoseconds that a Duration still holds.
constexpr double longest = 9e18;

// Of so many things of each client at an even rate.
std::optional<Duration> length_of(const Rate& rate, std::uint64_t count, std::uint64_t clients) {
  if (count == 0 || rate.pace == Pace::flood || !(rate.per_second > 0)) return std::nullopt;
  const double all = static_cast<double>(count) * (rate.in_total ? static_cast<double>(clients) : 1.0);
  const double length = std::ceil(all / rate.per_second * 1e9);
  if (!(length < longest)) return std::nullopt;
  return Duration(static_cast<Duration::rep>(length));
}

}  // namespace

std::optional<Duration> scheduled_length(const Scenario& scenario, const Population& population) {
  std::optional<Duration> length = scenario.duration;
  const auto bound = [&length](const std::optional<Duration>& other) {
    if (other) length = length ? std::min(*length, *other) : *other;
  };
  if (!scenario.stages.empty()) {
    Duration stages{};
    for (const Stage& stage : scenario.stages) stages += stage.length;
    bound(stages);
    return length;  // at a rate that changes a count says nothing
  }
  if (population.publish)
    bound(length_of(population.publish->rate, population.publish->count, population.clients));
  if (population.request)
    bound(length_of(population.request->publish.rate, population.request->publish.count, population.clients));
  if (population.churn) bound(length_of(population.churn->rate, population.churn->count, population.clients));
  return length;
}

}  // namespace mq
