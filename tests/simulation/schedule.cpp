#include "schedule.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "random.hpp"

namespace mq {

namespace {

struct KindRow {
  ActKind kind;
  std::size_t weight;
  const char* name;
};

constexpr std::array rows = {
    KindRow{ActKind::cut, 2, "the connection is cut"},
    KindRow{ActKind::connect, 4, "a connection is made"},
    KindRow{ActKind::subscribe, 2, "subscribe or unsubscribe"},
    KindRow{ActKind::stop_reading, 2, "the program stops reading, or goes on"},
    KindRow{ActKind::stop_serving, 2, "the server stands still, or goes on"},
    KindRow{ActKind::restart_server, 1, "the server restarts"},
    KindRow{ActKind::restart_client, 1, "the program restarts"},
    KindRow{ActKind::fall_silent, 1, "the server falls silent"},
    KindRow{ActKind::leave, 1, "the program leaves"},
    KindRow{ActKind::be_left, 1, "the server leaves"},
    KindRow{ActKind::deliver, 8, "a message for the program"},
    KindRow{ActKind::acknowledge, 6, "a message is acknowledged"},
    KindRow{ActKind::publish, 13, "the program publishes"},
};

constexpr std::size_t all_weights = [] {
  std::size_t sum = 0;
  for (const KindRow& row : rows) sum += row.weight;
  return sum;
}();

ActKind pick_kind(Random& random) {
  std::size_t left = random.below(all_weights);
  for (const KindRow& row : rows) {
    if (left < row.weight) return row.kind;
    left -= row.weight;
  }
  return ActKind::publish;
}

}  // namespace

Schedule schedule_of(std::uint64_t seed) {
  Random random(~seed);
  Schedule schedule(random.between(50, 500));
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    Act& act = schedule[i];
    act.number = i;
    act.kind = pick_kind(random);
    act.seed = random.next();
    act.pause = std::chrono::milliseconds(random.one_in(20) ? random.below(20'000) : random.below(60));
  }
  return schedule;
}

Schedule only(const Schedule& whole, const std::vector<std::size_t>& numbers) {
  Schedule part;
  for (const Act& act : whole)
    if (std::ranges::find(numbers, act.number) != numbers.end()) part.push_back(act);
  return part;
}

Schedule shrunk(Schedule failing, const std::function<bool(const Schedule&)>& fails) {
  // Halves first, then ever smaller pieces; single acts until none can be spared.
  for (std::size_t piece = std::max<std::size_t>(1, failing.size() / 2);; piece = (piece + 1) / 2) {
    bool shorter = true;
    while (shorter) {
      shorter = false;
      for (std::size_t at = 0; at < failing.size();) {
        const auto begin = failing.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(piece, failing.size() - at));
        Schedule without(failing.begin(), begin);
        without.insert(without.end(), end, failing.end());
        if (fails(without)) {
          failing = std::move(without);
          shorter = piece == 1;
        } else {
          at += piece;
        }
      }
    }
    if (piece == 1) return failing;
  }
}

std::string numbers_of(const Schedule& schedule) {
  std::string text;
  for (const Act& act : schedule) fmt::format_to(std::back_inserter(text), "{},", act.number);
  if (!text.empty()) text.pop_back();
  return text;
}

std::string in_words(const Schedule& schedule) {
  std::string text;
  for (const Act& act : schedule) {
    const auto row = std::ranges::find(rows, act.kind, &KindRow::kind);
    fmt::format_to(std::back_inserter(text), "  {:3}  {}, then {} ms\n", act.number, row->name,
                   std::chrono::duration_cast<std::chrono::milliseconds>(act.pause).count());
  }
  return text;
}

}  // namespace mq
