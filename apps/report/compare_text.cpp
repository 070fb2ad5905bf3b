#include <fmt/core.h>

#include <array>
#include <cmath>

#include "payload/json.hpp"
#include "report/amounts.hpp"
#include "report/compare.hpp"
#include "report/members.hpp"

namespace mq {
namespace {

using Change = Difference::Verdict;

std::string side_text(const std::optional<double>& value, const Metric& metric) {
  return value ? value_text(*value, metric.unit()) : "-";
}

Value optional_value(const std::optional<double>& number) {
  return number ? real_value(*number) : Value::null();
}

// Of the value before; counts differ by their number.
bool in_share(const Difference& difference) {
  using Unit = Metric::Unit;
  const Unit unit = difference.metric.unit();
  return difference.before.value_or(0) > 0 && unit != Unit::percent && unit != Unit::things;
}

void put_side(std::string_view label, const std::string& name, const std::vector<std::string>& runs,
              Ink& ink) {
  ink.put(Part::name, label);
  ink.out() += fmt::format("{:{}}{}\n", "", 8 - label.size(), shown(name, 200));
  for (const std::string& run : runs) ink.put(Part::note, fmt::format("        {}\n", run));
}

}  // namespace

std::string change_text(const Difference& difference) {
  if (!difference.before || !difference.after) return {};
  const double change = *difference.after - *difference.before;
  if (!in_share(difference)) return fmt::format("{:+g}", std::round(change * 10) / 10);
  const double share = 100 * change / *difference.before;
  return std::abs(share) < 999.5 ? fmt::format("{:+.1f} %", share)
                                 : fmt::format("x {:.1f}", *difference.after / *difference.before);
}

std::string noise_text(const Difference& difference) {
  if (!difference.noise) return {};
  if (!in_share(difference)) return fmt::format("{:.3g}", difference.noise->half_width);
  const double share = 100 * difference.noise->half_width / *difference.before;
  return share < 999.5 ? fmt::format("{:.1f} %", share) : "> 1000 %";
}

std::string_view verdict_text(Change verdict) {
  constexpr std::array<std::string_view, 6> words{"within noise", "perhaps", "better",
                                                  "worse",        "changed", ""};
  return words[static_cast<std::size_t>(verdict)];
}

void append_comparison(const Comparison& comparison, Ink& ink) {
  put_side("before", comparison.before, comparison.before_runs, ink);
  put_side("after", comparison.after, comparison.after_runs, ink);
  for (const std::string& note : comparison.notes) ink.put(Part::word, fmt::format("note    {}\n", note));
  ink.out() += '\n';
  std::size_t label = 0;
  for (const Difference& one : comparison.differences) label = std::max(label, one.metric.title().size());
  ink.put(Part::note,
          fmt::format("{:{}}{:>12}{:>12}{:>11}{:>11}\n", "", label, "before", "after", "change", "noise"));
  for (const Difference& one : comparison.differences) {
    std::string noise = noise_text(one);
    if (!noise.empty() && !noise.starts_with('>')) noise.insert(0, "+-");
    ink.put(Part::name, one.metric.title());
    ink.out() += fmt::format("{:{}}{:>12}{:>12}{:>11}{:>11}", "", label - one.metric.title().size(),
                             side_text(one.before, one.metric), side_text(one.after, one.metric),
                             change_text(one), noise);
    if (one.verdict != Change::unknown) {
      ink.out() += "  ";
      ink.put(one.verdict == Change::worse    ? Part::word
              : one.verdict == Change::better ? Part::text
                                              : Part::note,
              verdict_text(one.verdict));
    }
    ink.out() += '\n';
  }
}

void append_comparison_json(const Comparison& comparison, Buffer& out) {
  constexpr std::array<std::string_view, 6> units{"", "bytes", "per_s", "bytes_per_s", "us", "percent"};
  constexpr std::array<std::string_view, 6> verdicts{"noise", "perhaps", "better",
                                                     "worse", "changed", "unknown"};
  Value whole = Value::object();
  whole.add("before", text_value(comparison.before));
  whole.add("after", text_value(comparison.after));
  Value& notes = whole.add("notes", Value::array());
  for (const std::string& note : comparison.notes) notes.add(text_value(note));
  Value& differences = whole.add("differences", Value::array());
  for (const Difference& one : comparison.differences) {
    Value& item = differences.add(Value::object());
    item.add("figure", text_value(one.metric.name()));
    item.add("unit", text_value(units[static_cast<std::size_t>(one.metric.unit())]));
    item.add("before", optional_value(one.before));
    item.add("after", optional_value(one.after));
    item.add("noise", one.noise ? real_value(one.noise->half_width) : Value::null());
    item.add("chance", one.noise ? real_value(one.noise->chance) : Value::null());
    item.add("verdict", text_value(verdicts[static_cast<std::size_t>(one.verdict)]));
  }
  append_json(whole, out);
  out += '\n';
}

}  // namespace mq
