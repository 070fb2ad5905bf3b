#include "load/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <type_traits>

namespace mq {
namespace {

static_assert(std::is_same_v<Duration::period, std::nano>);

// Nanoseconds that a Duration still holds: almost 300 years.
constexpr double endless = 9e18;

double nanoseconds(Duration duration) { return static_cast<double>(duration.count()); }

}  // namespace

Timetable::Timetable(std::span<const Stage> stages, std::optional<Duration> duration) {
  double start = 0, amount = 0;
  const double limit = duration ? nanoseconds(*duration) : endless;
  const auto add = [&](double length, double from, double to) {
    Piece piece{.start = start,
                .length = std::min(length, limit - start),
                .factor = from,
                .slope = to == from ? 0 : (to - from) / length,
                .amount = amount};
    if (!(piece.length > 0)) return;
    // Not slope * length, which would round where a whole stage need not.
    const double last = piece.length == length ? to : from + piece.slope * piece.length;
    piece.until = amount + (from + last) / 2 * piece.length;
    start += piece.length;
    amount = piece.until;
    pieces_.push_back(piece);
  };
  for (const Stage& stage : stages) add(nanoseconds(stage.length), stage.from, stage.to);
  if (stages.empty()) add(limit, 1, 1);
  if (pieces_.empty()) pieces_.push_back({});
  if (duration || !stages.empty()) end_ = Duration(static_cast<Duration::rep>(start));
}

double Timetable::Piece::at(double wanted) const {
  const double rest = wanted - amount;
  if (slope == 0) return start + (factor == 1 ? rest : rest / factor);
  // The root of slope/2 t^2 + factor t = rest that does not cancel.
  const double under = std::max(0.0, factor * factor + 2 * slope * rest);
  const double within = 2 * rest / (factor + std::sqrt(under));
  return start + std::min(rest == 0 ? 0 : within, length);
}

Arrivals::Arrivals(const Rate& rate, const Timetable& timetable, std::uint64_t clients, std::uint64_t number,
                   Random random)
    : timetable_(&timetable),
      pace_(rate.pace),
      burst_(std::max<std::uint32_t>(1, rate.burst)),
      clients_(std::max<std::uint64_t>(1, clients)),
      number_(number),
      rate_(rate.in_total ? rate.per_second : rate.per_second * static_cast<double>(clients_)),
      random_(random) {
  if (!(rate_ > 0)) pace_ = Pace::flood;
}

double Arrivals::other_amount() {
  if (pace_ == Pace::bursts) {
    const std::uint64_t bursts = step_++ / burst_;
    return static_cast<double>(bursts * clients_ + number_) * burst_ * 1e9 / rate_;
  }
  if (pace_ != Pace::poisson) return endless;
  // Above 0 and up to 1, in all of a double's 53 bits.
  const double chance = static_cast<double>((random_.next() >> 11) + 1) * 0x1p-53;
  passed_ -= std::log(chance) * static_cast<double>(clients_) * 1e9 / rate_;
  return passed_;
}

const Timetable::Piece* Arrivals::next_piece(double amount) {
  const std::vector<Timetable::Piece>& pieces = timetable_->pieces_;
  // What is due at the very end of a stage belongs to the next one whose factor is not 0.
  while (piece_ + 1 < pieces.size() && amount >= pieces[piece_].until) ++piece_;
  return amount < pieces[piece_].until ? &pieces[piece_] : nullptr;
}

}  // namespace mq
