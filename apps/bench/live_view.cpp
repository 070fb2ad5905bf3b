#include "bench/live_view.hpp"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "report/amounts.hpp"
#include "report/rates.hpp"

namespace mq {
namespace {

constexpr double plain_every = 5;  // seconds
constexpr std::size_t bar_width = 24;

constexpr std::array<std::string_view, 8> unicode_heat{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> plain_heat{".", ":", "-", "=", "+", "*", "#", "@"};

void write(std::string_view text) { (void)!::write(STDERR_FILENO, text.data(), text.size()); }

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
  return size.ws_col;
}

// In columns: what is not ASCII here is one column wide.
std::string cut(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  std::size_t end = 0;
  for (; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (begins && columns++ == width) break;
  }
  return std::string(text.substr(0, end));
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string_view phase_text(RunState::Phase phase) {
  switch (phase) {
    case RunState::Phase::connecting:
      return "connecting";
    case RunState::Phase::running:
      return "running";
    case RunState::Phase::draining:
      return "waiting for what is on its way";
    case RunState::Phase::leaving:
    case RunState::Phase::ended:
      return "leaving";
  }
  return {};
}

std::string_view phase_text(const RunState& state) {
  const bool waits = state.phase < RunState::Phase::leaving;
  return state.stopping && waits ? "stopping: waiting for what is on its way" : phase_text(state.phase);
}

std::string rates(const Interval& interval) {
  std::string text;
  for (const RateRow& row : rate_rows()) {
    const std::uint64_t count = amount(interval, row);
    if (count == 0 || !row.headline) continue;
    if (!text.empty()) text += "  ";
    text += fmt::format("{} {}{}/s", row.title, scaled(per_second(count, interval.seconds)),
                        row.unit == "B" ? "B" : "");
  }
  return text.empty() ? "nothing moves" : text;
}

std::uint64_t faults(const Tally& tally) {
  return tally[Count::connect_failures] + tally[Count::refused] + tally[Count::connections_lost] +
         tally[Count::subscribe_failures] + tally[Count::requests_failed] + tally.all(MessageCount::refused) +
         tally.all(MessageCount::duplicated) + tally.all(MessageCount::reordered) +
         tally.all(MessageCount::corrupted);
}

std::string_view title_of(Latency latency) { return latency_rows()[static_cast<std::size_t>(latency)].title; }

}  // namespace

std::string LiveView::heat(const LoadOutcome& so_far, std::size_t width) const {
  const auto kind = static_cast<std::size_t>(main_latency(so_far.tally).value_or(Latency::connect));
  const auto& steps = unicode_ ? unicode_heat : plain_heat;
  std::string strip;
  const std::size_t count = std::min(width, so_far.series.size());
  for (std::size_t i = so_far.series.size() - count; i < so_far.series.size(); ++i) {
    const Percentiles& of = so_far.series[i].due[kind];
    if (of.count == 0) {
      strip += ' ';
      continue;
    }
    // From 10 us to 10 s, a step for each factor of 5 or so.
    const double step = (std::log10(static_cast<double>(of.p99)) - 1) / 6 * 8;
    strip += steps[static_cast<std::size_t>(std::clamp(step, 0.0, 7.0))];
  }
  return strip;
}

std::vector<std::string> LiveView::lines(const LoadOutcome& so_far, const RunState& state,
                                         std::size_t width) const {
  std::vector<std::string> result;
  std::string head = so_far.scenario + "  ";
  if (state.stopping) {
    head += phase_text(state);
  } else if (state.share && state.phase == RunState::Phase::running) {
    const auto filled = static_cast<std::size_t>(*state.share * static_cast<double>(bar_width));
    head += '[';
    for (std::size_t i = 0; i < bar_width; ++i) head += i < filled ? '#' : '-';
    head += fmt::format("] {:.0f} %", 100 * *state.share);
    if (state.left)
      head += fmt::format(", {:.0f} s left", std::ceil(std::chrono::duration<double>(*state.left).count()));
  } else if (state.phase == RunState::Phase::connecting) {
    head += fmt::format("connecting: {} of {} ready", grouped(state.ready), grouped(state.clients));
  } else {
    head += phase_text(state);
  }
  head += fmt::format("  {} connected", grouped(state.open));
  result.push_back(cut(head, width));
  if (so_far.series.empty()) return result;
  const Interval& last = so_far.series.back();
  std::string second = rates(last);
  if (const std::uint64_t wrong = faults(so_far.tally); wrong > 0)
    second += fmt::format("  faults {}", grouped(wrong));
  result.push_back(cut(second, width));
  const Latency kind = main_latency(so_far.tally).value_or(Latency::connect);
  const Percentiles& now = last.due[static_cast<std::size_t>(kind)];
  if (so_far.tally[kind].due.count() == 0) return result;
  std::string third = fmt::format("{}  p50 {}  p99 {}  max {}  ", title_of(kind),
                                  now.count > 0 ? time_text(static_cast<double>(now.p50)) : "-",
                                  now.count > 0 ? time_text(static_cast<double>(now.p99)) : "-",
                                  now.count > 0 ? time_text(static_cast<double>(now.max)) : "-");
  if (third.size() + 4 < width) third += heat(so_far, std::min<std::size_t>(60, width - third.size() - 1));
  result.push_back(cut(third, width));
  return result;
}

void LiveView::show(const LoadOutcome& so_far, const RunState& state) {
  if (state.phase == RunState::Phase::ended) return clear();
  if (!terminal_) {
    const double now = so_far.series.empty() ? 0 : so_far.series.back().at;
    const bool news = std::exchange(stopping_, state.stopping) != state.stopping;
    if (now - last_line_ < plain_every && !news) return;
    last_line_ = now;
    std::string line = fmt::format("{:.0f} s: ", now);
    bool first = true;
    for (const std::string& part : lines(so_far, state, 200)) {
      if (!std::exchange(first, false)) line += "; ";
      line += part;
    }
    write(line + '\n');
    return;
  }
  const std::size_t width = terminal_width() - 1;
  std::string text = erasure();
  drawn_.clear();
  for (const std::string& line : lines(so_far, state, width)) {
    text += line + "\n";
    drawn_.push_back(columns_of(line));
  }
  write(text);
}

// Back to the block's first line. What was drawn on a wider terminal may be broken into several lines since.
std::string LiveView::erasure() const {
  const std::size_t width = terminal_width();
  std::size_t rows = 0;
  for (const std::size_t columns : drawn_) rows += std::max<std::size_t>((columns + width - 1) / width, 1);
  return (rows > 0 ? fmt::format("\x1b[{}A", rows) : std::string()) + "\r\x1b[J";
}

void LiveView::clear() {
  if (drawn_.empty()) return;
  write(erasure());
  drawn_.clear();
}

}  // namespace mq
