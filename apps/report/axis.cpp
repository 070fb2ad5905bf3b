#include "report/axis.hpp"

#include <algorithm>
#include <cmath>

namespace mq {
namespace {

constexpr double steps[] = {1, 2, 5};

// The least of 1, 2 and 5 times a power of ten that is not below.
double round_up(double value) {
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : steps)
    if (step * power >= value * (1 - 1e-9)) return step * power;
  return 10 * power;
}

}  // namespace

Axis::Axis(double least, double greatest, bool logarithmic, Fit fit, double begin, double end)
    : logarithmic_(logarithmic), begin_(begin), end_(end) {
  if (logarithmic)
    choose_logarithmic(least, greatest);
  else
    choose_linear(least, greatest);
  if (fit == Fit::rounded || !(greatest > least)) return;
  low_ = least;
  high_ = greatest;
  std::erase_if(ticks_, [this](double tick) { return tick < low_ || tick > high_; });
}

void Axis::choose_linear(double least, double greatest) {
  constexpr double wanted = 5;
  if (!(greatest > least)) greatest = least + std::max(1.0, std::abs(least) / 10);
  const double step = round_up((greatest - least) / wanted);
  low_ = std::floor(least / step + 1e-9) * step;
  high_ = std::ceil(greatest / step - 1e-9) * step;
  for (double count = 0; low_ + count * step <= high_ + step / 2; ++count)
    ticks_.push_back(low_ + count * step);
}

// All of 1, 2 and 5 over few decades, powers of ten over many.
void Axis::choose_logarithmic(double least, double greatest) {
  least = std::clamp(least, 1e-6, 1e15);
  greatest = std::clamp(greatest, least * 1.01, 1e16);
  const double first = std::floor(std::log10(least) + 1e-9);
  const double last = std::ceil(std::log10(greatest) - 1e-9);
  const bool few = last - first <= 3;
  low_ = std::pow(10, first);
  high_ = std::pow(10, last);
  std::vector<double> all;
  for (double power = first; power <= last; ++power)
    for (const double step : steps)
      if (few || step == 1) all.push_back(step * std::pow(10, power));
  // No further than the first tick on either side.
  for (const double tick : all) {
    if (tick <= least * (1 + 1e-9)) low_ = tick;
    if (tick >= greatest * (1 - 1e-9)) {
      high_ = tick;
      break;
    }
  }
  for (const double tick : all)
    if (tick >= low_ * (1 - 1e-9) && tick <= high_ * (1 + 1e-9)) ticks_.push_back(tick);
}

std::optional<double> Axis::at(double value) const {
  if (!std::isfinite(value) || (logarithmic_ && !(value > 0))) return std::nullopt;
  double share =
      logarithmic_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
  share = std::clamp(share, 0.0, 1.0);
  return begin_ + share * (end_ - begin_);
}

}  // namespace mq
