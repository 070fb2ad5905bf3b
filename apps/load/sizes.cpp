#include "load/sizes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mq {
namespace {

// Above 0 and up to 1.
double chance(Random& random) { return static_cast<double>((random.next() >> 11) + 1) * 0x1p-53; }

std::uint64_t within(const SizePlan& plan, double drawn) {
  // Written so that what is no number is the least.
  if (!(drawn > static_cast<double>(plan.least))) return plan.least;
  if (drawn >= static_cast<double>(plan.most)) return plan.most;
  return static_cast<std::uint64_t>(std::llround(drawn));
}

}  // namespace

std::uint64_t draw_size(const SizePlan& plan, Random& random) {
  switch (plan.kind) {
    case SizePlan::Kind::fixed:
      break;
    case SizePlan::Kind::uniform:
      return plan.least + random.up_to(plan.most - plan.least);
    case SizePlan::Kind::normal: {
      // Box and Muller's way from two even distributions to a normal one.
      const double radius = std::sqrt(-2 * std::log(chance(random)));
      return within(plan,
                    plan.mean + plan.deviation * radius * std::cos(2 * std::numbers::pi * chance(random)));
    }
    case SizePlan::Kind::exponential:
      return within(plan, -plan.mean * std::log(chance(random)));
  }
  return plan.most;
}

}  // namespace mq
