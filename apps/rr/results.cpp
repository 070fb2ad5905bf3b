#include "rr/results.hpp"

#include <fmt/core.h>

#include <utility>

namespace mq {
namespace {

constexpr std::size_t most_waiting = 10'000;
constexpr std::size_t most_waiting_bytes = 16U << 20;

double milliseconds(double microseconds) { return microseconds / 1000; }

}  // namespace

void Results::answered(Duration latency) {
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
  latencies_.record(static_cast<std::uint64_t>(microseconds));
}

void Results::done(std::uint64_t number, bool well, Buffer shown, Buffer& out) {
  ++done_;
  if (!well) ++failures_;
  if (!ordered_) {
    out += shown;
    return;
  }
  if (number != next_) {
    waiting_bytes_ += shown.size();
    waiting_.emplace(number, std::move(shown));
    return;
  }
  out += shown;
  ++next_;
  for (auto first = waiting_.begin(); first != waiting_.end() && first->first == next_; ++next_) {
    waiting_bytes_ -= first->second.size();
    out += first->second;
    first = waiting_.erase(first);
  }
}

bool Results::full() const { return waiting_.size() >= most_waiting || waiting_bytes_ >= most_waiting_bytes; }

std::string Results::summary() const {
  const auto times = [](std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  };
  std::string text = times(done_, "request");
  if (failures_ > 0) text += fmt::format(", {} failed", failures_);
  text += "; " + times(answers(), "answer");
  if (answers() > 0)
    text += fmt::format(": min {:.3f}, mean {:.3f}, p50 {:.3f}, p90 {:.3f}, p99 {:.3f}, max {:.3f} ms",
                        milliseconds(static_cast<double>(latencies_.min())), milliseconds(latencies_.mean()),
                        milliseconds(static_cast<double>(latencies_.percentile(50))),
                        milliseconds(static_cast<double>(latencies_.percentile(90))),
                        milliseconds(static_cast<double>(latencies_.percentile(99))),
                        milliseconds(static_cast<double>(latencies_.max())));
  if (late_ > 0) text += fmt::format("; {} came late or twice", late_);
  if (other_ > 0) text += fmt::format("; {} that answered nothing", times(other_, "message"));
  return text;
}

}  // namespace mq
