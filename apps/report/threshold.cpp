#include "report/threshold.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.hpp"
#include "shared/store.hpp"

namespace mq {
namespace {

using Compare = Threshold::Compare;
using Unit = Metric::Unit;

// Longer ones before those that they begin with.
constexpr std::array<std::pair<std::string_view, Compare>, 6> comparisons{{{"<=", Compare::at_most},
                                                                           {">=", Compare::at_least},
                                                                           {"==", Compare::equal},
                                                                           {"!=", Compare::unequal},
                                                                           {"<", Compare::less},
                                                                           {">", Compare::more}}};

struct UnitRow {
  std::string_view word;
  double factor;
};
constexpr UnitRow times[] = {{"us", 1}, {"\u00b5s", 1}, {"ms", 1e3}, {"s", 1e6}, {"min", 60e6}};
constexpr UnitRow powers[] = {{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::unexpected<Error> wrong(std::string_view text, std::string_view why, std::string hint) {
  return usage(fmt::format("the condition {} {}", quoted(text), why), std::move(hint));
}

std::optional<double> factor_of(std::span<const UnitRow> rows, std::string_view word) {
  const auto found = std::ranges::find(rows, word, &UnitRow::word);
  return found == rows.end() ? std::nullopt : std::optional(found->factor);
}

// What a number of that unit may end with; nullopt: no such unit.
std::optional<double> factor_of(Unit unit, std::string_view word) {
  if (unit == Unit::microseconds) return factor_of(times, word);
  if (unit == Unit::percent) return word.empty() || word == "%" ? std::optional(1.0) : std::nullopt;
  if (unit == Unit::per_second || unit == Unit::bytes_per_second)
    if (word.ends_with("/s")) word.remove_suffix(2);
  if (unit == Unit::bytes || unit == Unit::bytes_per_second)
    if (word.ends_with("B")) word.remove_suffix(1);
  return factor_of(powers, trimmed(word));
}

std::string units_hint(Unit unit) {
  switch (unit) {
    case Unit::microseconds:
      return "a time has a unit: us, ms, s or min";
    case Unit::percent:
      return "this figure is in per cent";
    case Unit::per_second:
    case Unit::bytes_per_second:
      return "this figure is a number a second; it may have k, M or G";
    case Unit::things:
    case Unit::bytes:
      break;
  }
  return "this figure is a number; it may have k, M or G";
}

bool holds(double value, Compare compare, double limit) {
  switch (compare) {
    case Compare::less:
      return value < limit;
    case Compare::at_most:
      return value <= limit;
    case Compare::more:
      return value > limit;
    case Compare::at_least:
      return value >= limit;
    case Compare::equal:
      return value == limit;
    case Compare::unequal:
      return value != limit;
  }
  return false;
}

}  // namespace

Result<Threshold> parse_threshold(std::string_view text) {
  const std::size_t at = text.find_first_of("<>=!");
  const auto found = std::ranges::find_if(comparisons, [text, at](const auto& row) {
    return at != text.npos && text.substr(at).starts_with(row.first);
  });
  if (found == comparisons.end())
    return wrong(text, "does not compare anything",
                 "FIGURE, one of < <= > >= == !=, and a value, such as 'e2e.p99 > 50ms'");
  const auto metric = parse_metric(trimmed(text.substr(0, at)));
  if (!metric) return wrong(text, "can't be judged: " + metric.error().text, metric.error().hint);
  const std::string_view value = trimmed(text.substr(at + found->first.size()));
  const std::size_t digits = std::min(value.find_first_not_of("0123456789.,_"), value.size());
  const auto number = parse_number<double>(value.substr(0, digits));
  if (!number || !std::isfinite(*number))
    return wrong(text, fmt::format("compares with {}, which is no number", quoted(value)),
                 "numbers are such as 0, 2.5 or 100k");
  const Unit unit = metric->unit();
  const std::string_view word = trimmed(value.substr(digits));
  // Nothing is nothing in any unit.
  const auto factor = *number == 0 && word.empty() ? std::optional(1.0) : factor_of(unit, word);
  if (!factor)
    return wrong(text,
                 word.empty() ? "lacks a unit"
                              : fmt::format("has {}, which is no unit of {}", quoted(word), metric->name()),
                 units_hint(unit));
  return Threshold{
      .text = std::string(text), .metric = *metric, .compare = found->second, .limit = *number * *factor};
}

std::vector<Verdict> judge(const std::vector<Threshold>& thresholds, const LoadOutcome& outcome) {
  std::vector<Verdict> verdicts;
  for (const Threshold& threshold : thresholds) {
    Verdict& verdict = verdicts.emplace_back();
    verdict.condition = trimmed(threshold.text);
    verdict.value = threshold.metric.value(outcome);
    const std::string name = threshold.metric.name();
    if (!verdict.value) {
      verdict.broken = true;
      verdict.sentence = threshold.metric.of == Metric::Of::message && !threshold.metric.rate
                             ? name + " is not known: not every delivery is accounted for"
                             : name + " was not measured";
      continue;
    }
    verdict.broken = holds(*verdict.value, threshold.compare, threshold.limit);
    verdict.sentence = fmt::format("{} is {}", name, value_text(*verdict.value, threshold.metric.unit()));
  }
  return verdicts;
}

void append_verdicts(const std::vector<Verdict>& verdicts, Ink& ink) {
  for (const Verdict& verdict : verdicts) {
    ink.put(verdict.broken ? Part::word : Part::text, verdict.broken ? "failed" : "passed");
    const std::string condition = quoted(verdict.condition, 200);
    ink.put(Part::punctuation, fmt::format("      fail if {}: {}\n",
                                           condition.substr(1, condition.rfind('\'') - 1), verdict.sentence));
  }
}

Result<void> result_of(const std::vector<Verdict>& verdicts) {
  const auto broken = std::ranges::count_if(verdicts, &Verdict::broken);
  if (broken == 0) return {};
  const Verdict& first = *std::ranges::find_if(verdicts, &Verdict::broken);
  std::string text =
      fmt::format("{} of {} threshold{} broken: {} (fail if {})", broken, verdicts.size(),
                  verdicts.size() == 1 ? " is" : "s are", first.sentence, quoted(first.condition));
  if (verdicts.size() == 1) text = fmt::format("{} (fail if {})", first.sentence, quoted(first.condition));
  return fail(ErrorKind::threshold, std::move(text));
}

JunitSuite junit_of(const std::vector<Verdict>& verdicts, const LoadOutcome& outcome, const Error* failure) {
  using enum JunitCase::Outcome;
  JunitSuite suite{
      .name = "mqtt-bench " + outcome.scenario,
      .started = std::chrono::system_clock::time_point(std::chrono::microseconds(outcome.started)),
      .seconds = outcome.seconds};
  if (failure != nullptr || verdicts.empty()) {
    JunitCase& run = suite.cases.emplace_back(JunitCase{.name = "the run", .seconds = outcome.seconds});
    if (failure != nullptr) {
      run.outcome = broken;
      run.type = "run";
      run.message = failure->text;
    }
  }
  for (const Verdict& verdict : verdicts) {
    JunitCase& test =
        suite.cases.emplace_back(JunitCase{.name = verdict.condition, .seconds = outcome.seconds});
    if (!verdict.broken) continue;
    test.outcome = verdict.value ? failed : broken;
    test.type = "threshold";
    test.message = verdict.sentence;
  }
  return suite;
}

}  // namespace mq
