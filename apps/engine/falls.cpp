#include "engine/falls.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.hpp"

namespace mq {
namespace {

Error all_fallen(const Population& population, const Falls& falls) {
  std::string text = fmt::format("population {}: ", quoted(population.name));
  // Those who come and go were connected before: what counts is that in the end they could not any more.
  const bool was_connected = falls.ever > 0 && !population.churn;
  if (was_connected) {
    text += falls.ever == 1 ? "its only connection was lost"
                            : fmt::format("all its {} connections were lost", falls.ever);
  } else {
    text += falls.ever > 0 ? "in the end " : "";
    text += falls.fallen == 1 ? "its only client could not connect"
                              : fmt::format("none of its {} clients could connect", falls.fallen);
  }
  // What keeps sockets from being watched keeps connections from being made.
  const ErrorKind kind = falls.kind == ErrorKind::io ? ErrorKind::connect : falls.kind;
  return {.kind = was_connected ? ErrorKind::lost : kind, .text = text + ": " + falls.why};
}

// Who has a number of messages to send has no other end.
bool has_number(const Population& population) {
  return (population.publish && population.publish->count > 0) ||
         (population.request && population.request->publish.count > 0);
}

}  // namespace

void Falls::add(const Falls& other) {
  if (other.fallen > fallen || why.empty()) {
    kind = other.kind;
    why = other.why;
  }
  stood += other.stood;
  fallen += other.fallen;
  ever += other.ever;
}

void add_falls(const std::vector<Falls>& from, std::vector<Falls>& to) {
  if (to.size() < from.size()) to.resize(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) to[i].add(from[i]);
}

std::optional<Error> failure_of(const LoadOutcome& outcome, const Scenario& scenario,
                                const std::vector<Falls>& falls) {
  if (!outcome.complete)
    return Error{.kind = ErrorKind::io,
                 .text = "a worker process was lost, and with it what it had counted",
                 .hint = "the errors of the report tell how it ended"};
  if (outcome.interrupted) return std::nullopt;
  for (std::size_t i = 0; i < falls.size(); ++i)
    if (falls[i].fallen > 0 && falls[i].stood == 0) return all_fallen(scenario.populations[i], falls[i]);
  const std::uint64_t unsent = outcome.tally.all(MessageCount::unsent);
  if (scenario.duration || unsent == 0 || std::ranges::none_of(scenario.populations, has_number))
    return std::nullopt;
  Error failure{.kind = ErrorKind::timeout,
                .text = fmt::format("{} of the messages that were asked for {} never sent", unsent,
                                    unsent == 1 ? "was" : "were")};
  for (std::size_t i = 0; i < falls.size(); ++i) {
    if (falls[i].fallen == 0 || !has_number(scenario.populations[i])) continue;
    failure.kind = falls[i].ever == 0 ? falls[i].kind : ErrorKind::lost;
    failure.text += ": " + falls[i].why;
    break;
  }
  return failure;
}

}  // namespace mq
