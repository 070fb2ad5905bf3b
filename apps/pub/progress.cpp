#include "pub/progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace mq {
namespace {

using namespace std::chrono_literals;

constexpr Duration redrawn = 200ms;
// Behind the cursor's line all is blank.
constexpr std::string_view clear_line = "\r\x1b[K";

void write(std::string_view text) { (void)!::write(STDERR_FILENO, text.data(), text.size()); }

std::string in_words(double seconds) {
  if (seconds < 60) return fmt::format("{:.0f} s", seconds);
  const auto minutes = static_cast<std::uint64_t>(seconds / 60);
  if (minutes < 60) return fmt::format("{} min", minutes);
  return fmt::format("{} h {} min", minutes / 60, minutes % 60);
}

}  // namespace

Progress::Progress(Loop& loop, std::function<State()> state)
    : loop_(loop), state_(std::move(state)), start_(loop.now()), timer_(loop) {
  timer_.set(start_ + redrawn, [this] { draw(); });
}

// The cursor goes back to the line's start, so that whatever else is written there takes its place.
void Progress::draw() {
  const State state = state_();
  std::string line =
      fmt::format("{}{} message{}", clear_line, state.messages, state.messages == 1 ? "" : "s");
  if (state.share) {
    line += fmt::format(", {:.0f} %", 100 * *state.share);
    const double past = std::chrono::duration<double>(loop_.now() - start_).count();
    if (*state.share > 0.01 && past > 1)
      line += fmt::format(", about {} left", in_words(past * (1 - *state.share) / *state.share));
  }
  write(line += '\r');
  shown_ = true;
  timer_.set(loop_.now() + redrawn, [this] { draw(); });
}

void Progress::clear() {
  if (std::exchange(shown_, false)) write(clear_line);
}

}  // namespace mq
