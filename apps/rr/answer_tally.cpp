#include "rr/answer_tally.hpp"

#include <fmt/core.h>

#include <string>

#include "base/text.hpp"

namespace mq {
namespace {

// Of each kind of problem so many are told one by one.
constexpr std::uint64_t told_problems = 10;

constexpr std::array<std::string_view, 4> problem_events{"refused", "no-response-topic", "failed",
                                                         "answer-lost"};

}  // namespace

void AnswerTally::answered(AnswerStatus status, std::string_view topic, std::string_view why) {
  ++statuses_[static_cast<std::size_t>(status)];
  if (status != AnswerStatus::ok && status != AnswerStatus::busy) note(Problem::failed, topic, why);
}

void AnswerTally::note(Problem problem, std::string_view topic, std::string_view why) {
  const std::uint64_t times = ++problems_[static_cast<std::size_t>(problem)];
  const std::string_view event = problem_events[static_cast<std::size_t>(problem)];
  if (times <= told_problems) {
    const std::string_view what = problem == Problem::failed ? "the request failed" : "no answer";
    log_.notice(event, fmt::format("{}: {}: {}", quoted(topic), what, why), {{"topic", topic}, {"why", why}});
  } else if (times == told_problems + 1) {
    log_.warn(fmt::format("further requests of that kind ({}) are only counted", event));
  }
}

void AnswerTally::tell() const {
  const std::uint64_t ok = of(AnswerStatus::ok);
  const std::uint64_t busy = of(AnswerStatus::busy);
  log_.notice("summary",
              fmt::format("{} answered, {} failed, {} refused, {} without response topic, {} busy{}", ok,
                          of(Problem::failed), of(Problem::refused), of(Problem::unnamed), busy,
                          retained_ == 0 ? std::string() : fmt::format(", {} retained", retained_)),
              {{"answered", std::to_string(ok)},
               {"failed", std::to_string(of(Problem::failed))},
               {"refused", std::to_string(of(Problem::refused))},
               {"without_response_topic", std::to_string(of(Problem::unnamed))},
               {"busy", std::to_string(busy)},
               {"retained", std::to_string(retained_)}});
}

}  // namespace mq
