#include "payload/jq/stand_ins.hpp"

#include <algorithm>
#include <utility>

#include "payload/decimal.hpp"
#include "payload/jq/doubles.hpp"

namespace mq {
namespace {

// Nobody computes these by chance.
constexpr double small_base = 4503599627370496 + 739081219513.0;
constexpr double small_step = 7918;
constexpr double large_base = 0x1p62 + 0x1.35791p58;
constexpr double large_step = 0x1p24;
constexpr double near_step = 0x1p-34;
constexpr double near_nothing = 0x1p-1040;

}  // namespace

StandIns::StandIns(const Value& input) {
  collect(input);
  if (empty()) return;
  std::vector<std::pair<Decimal, StandIn*>> ordered;
  for (auto& [spelling, stand_in] : by_spelling_) ordered.emplace_back(decimal_of(spelling), &stand_in);
  std::ranges::sort(ordered, [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
  // In the order of the numbers themselves: sorting and comparing among them comes out the same.
  double number = 0;
  for (auto& [decimal, stand_in] : ordered) {
    ++number;
    if (stand_in->whole) {
      const double sign = decimal.negative ? -1 : 1;
      stand_in->small = sign * small_base + number * small_step;
      stand_in->large = sign * large_base + number * large_step;
    } else {
      stand_in->large =
          stand_in->rounded == 0 ? number * near_nothing : stand_in->rounded * (1 + number * near_step);
    }
  }
}

void StandIns::collect(const Value& value) {
  if (value.kind == Value::Kind::number && value.text.back() != 'N' && value.text.back() != 'y') {
    if (const Nearest nearest = nearest_double(value.text); !nearest.exact)
      by_spelling_.try_emplace(value.text,
                               StandIn{.rounded = nearest.number, .whole = decimal_of(value.text).whole()});
  }
  for (const Value& item : value.items) collect(item);
}

bool StandIns::any(bool whole) const {
  return std::ranges::any_of(by_spelling_,
                             [whole](const auto& entry) { return entry.second.whole == whole; });
}

double StandIns::of(const StandIn& stand_in, Run run) {
  return run == Run::whole_small ? stand_in.small : stand_in.large;
}

const double* StandIns::find(std::string_view spelling, Run run) const {
  const auto found = by_spelling_.find(spelling);
  if (found == by_spelling_.end()) return nullptr;
  const StandIn& stand_in = found->second;
  if (run == Run::first || stand_in.whole == (run == Run::others)) return &stand_in.rounded;
  return run == Run::whole_small ? &stand_in.small : &stand_in.large;
}

std::string_view StandIns::example() const {
  const auto found = std::ranges::find_if(by_spelling_, [](const auto& entry) { return entry.second.whole; });
  return found == by_spelling_.end() ? std::string_view() : std::string_view(found->first);
}

bool StandIns::restore(Run run, const std::vector<Value>& first, const std::vector<Value>& second,
                       std::vector<Value>& results) const {
  const bool strict = run != Run::others;
  if (first.size() != second.size()) return false;
  Originals originals;
  for (const auto& [spelling, stand_in] : by_spelling_)
    if (stand_in.whole == strict)
      originals.emplace(spelling_of(of(stand_in, run)), Original{spelling, spelling_of(stand_in.rounded)});
  std::vector<Value> restored = results;
  for (std::size_t i = 0; i < first.size(); ++i)
    if (!restore(strict, first[i], second[i], originals, restored[i]) && strict) return false;
  results = std::move(restored);
  return true;
}

bool StandIns::restore(bool strict, const Value& first, const Value& second, const Originals& originals,
                       Value& result) {
  if (first.kind != second.kind || first.name != second.name || first.truth != second.truth ||
      first.items.size() != second.items.size())
    return false;
  if (first.kind == Value::Kind::number) {
    if (const auto found = originals.find(second.text); found != originals.end()) {
      if (first.text != found->second.rounded) return false;
      result.text = found->second.spelling;
      return true;
    }
  }
  if (first.text != second.text) return false;
  bool same = true;
  for (std::size_t i = 0; i < first.items.size() && (same || !strict); ++i)
    same = restore(strict, first.items[i], second.items[i], originals, result.items[i]) && same;
  return same;
}

}  // namespace mq
