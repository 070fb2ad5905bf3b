#include "payload/jq/stand_ins.hpp"

#include <algorithm>
#include <cmath>

#include "payload/decimal.hpp"
#include "payload/jq/doubles.hpp"

namespace mq {
namespace {

// Stand-ins for whole numbers are of a size where doubles are whole numbers one apart, so that even adding 1
// shows, and larger than what numbers are mostly compared with. Nobody computes this one by chance.
constexpr double whole_base = 4503599627370496 + 739081219513.0;
constexpr double whole_step = 7919;

// Those for the others lie so close that comparisons hardly ever notice.
constexpr double nearby = 1 + 0x1p-31;

}  // namespace

StandIns::StandIns(const Value& input) {
  collect(input);
  if (empty()) return;
  std::vector<std::pair<Decimal, StandIn*>> ordered;
  for (auto& [spelling, stand_in] : by_spelling_) ordered.emplace_back(decimal_of(spelling), &stand_in);
  std::ranges::sort(ordered, [](const auto& a, const auto& b) { return compare(a.first, b.first) < 0; });
  // In the order of the numbers themselves: sorting and comparing among them comes out the same.
  double step = 0;
  for (auto& [decimal, stand_in] : ordered) {
    const double low = decimal.negative ? -(whole_base + 1e9 * whole_step) : whole_base;
    stand_in->other = stand_in->whole ? low + whole_step * ++step : stand_in->rounded * nearby;
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

const StandIn* StandIns::find(std::string_view spelling) const {
  const auto found = by_spelling_.find(spelling);
  return found == by_spelling_.end() ? nullptr : &found->second;
}

std::string_view StandIns::example() const {
  const auto found = std::ranges::find_if(by_spelling_, [](const auto& entry) { return entry.second.whole; });
  return found == by_spelling_.end() ? std::string_view() : std::string_view(found->first);
}

bool StandIns::restore(bool whole, const std::vector<Value>& first, const std::vector<Value>& second,
                       std::vector<Value>& results) const {
  if (first.size() != second.size()) return false;
  Spellings spellings;
  for (const auto& [spelling, stand_in] : by_spelling_)
    if (stand_in.whole == whole) spellings.emplace(spelling_of(stand_in.other), spelling);
  std::vector<Value> restored = results;
  for (std::size_t i = 0; i < first.size(); ++i)
    if (!restore(first[i], second[i], spellings, restored[i])) return false;
  results = std::move(restored);
  return true;
}

bool StandIns::restore(const Value& first, const Value& second, const Spellings& spellings,
                       Value& result) const {
  if (first.kind != second.kind || first.name != second.name || first.truth != second.truth ||
      first.items.size() != second.items.size())
    return false;
  if (first.kind == Value::Kind::number) {
    if (const auto found = spellings.find(second.text); found != spellings.end()) {
      if (first.text != spelling_of(find(found->second)->rounded)) return false;
      result.text = found->second;
      return true;
    }
  }
  if (first.text != second.text) return false;
  for (std::size_t i = 0; i < first.items.size(); ++i)
    if (!restore(first.items[i], second.items[i], spellings, result.items[i])) return false;
  return true;
}

}  // namespace mq
