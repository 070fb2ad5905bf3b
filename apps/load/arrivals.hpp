// When things are due: from a rate, the stages of a run and a client's place among the others to its sequence
// of due times. Pure arithmetic without a clock: the n-th time is reckoned from n itself, so that nothing
// adds up over hours. A Timetable is shared by all Arrivals of a run, which refer to it; an Arrivals is small
// enough for each of a hundred thousand clients to have one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "load/scenario.hpp"
#include "shared/random.hpp"

namespace mq {

// The stages as a function of time: when so much of the rate is due.
class Timetable {
 public:
  // Without stages the factor is 1. It ends with the stages or the duration, whichever is first; without both
  // never.
  explicit Timetable(std::span<const Stage> stages, std::optional<Duration> duration = std::nullopt);

  std::optional<Duration> end() const { return end_; }

 private:
  friend class Arrivals;

  // From `start` on the factor goes evenly from `factor` by `slope` per nanosecond. At the end of it the
  // amount is `until`.
  struct Piece {
    double start = 0, length = 0;
    double factor = 1, slope = 0;
    double amount = 0, until = 0;

    double at(double amount_wanted) const;
  };

  std::vector<Piece> pieces_;  // the last one may have no end
  std::optional<Duration> end_;
};

class Arrivals {
 public:
  // For the client `number` of `clients`, from 0, over all shards. `random` is for Pace::poisson alone and
  // should be that client's own. The connects of a population are one sequence, as of a single client: their
  // n-th time is that of its n-th client, whichever shard has it. Pace::flood has no times: nothing is due.
  Arrivals(const Rate& rate, const Timetable& timetable, std::uint64_t clients, std::uint64_t number,
           Random random);

  // The next due time since the start, in order; several may be equal. nullopt when there is none any more.
  std::optional<Duration> next() {
    const double amount = next_amount();
    const Timetable::Piece* piece = &timetable_->pieces_[piece_];
    if (amount >= piece->until) [[unlikely]] {
      piece = next_piece(amount);
      if (piece == nullptr) return std::nullopt;
    }
    return Duration(static_cast<Duration::rep>(piece->at(amount)));
  }

 private:
  double next_amount() {
    if (pace_ == Pace::constant) [[likely]]
      return static_cast<double>(step_++ * clients_ + number_) * 1e9 / rate_;
    return other_amount();
  }
  double other_amount();
  const Timetable::Piece* next_piece(double amount);

  const Timetable* timetable_;
  Pace pace_;
  std::uint32_t burst_;
  std::uint32_t piece_ = 0;
  std::uint64_t clients_, number_;
  double rate_;             // of all clients, per second
  std::uint64_t step_ = 0;  // times that were given out
  double passed_ = 0;       // poisson: the amount up to the last one
  Random random_;
};

}  // namespace mq
