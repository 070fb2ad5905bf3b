#include "shared/expectations.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "payload/json.hpp"

namespace mq {
namespace {

constexpr std::size_t shown_program = 200;
constexpr std::size_t shown_payload = 160;

bool is_true(const Value& value) {
  return value.kind != Value::Kind::null && (value.kind != Value::Kind::boolean || value.truth);
}

std::string in_quotes(const Expectation& expectation) { return quoted(expectation.program, shown_program); }

std::string list_of(const std::vector<const Expectation*>& expectations) {
  std::string text;
  for (const Expectation* each : expectations) text.append(text.empty() ? "" : ", ").append(in_quotes(*each));
  return text;
}

}  // namespace

std::string shown_message(std::string_view topic, const Value& payload) {
  // What would be cut off in any case is not even written.
  if (payload.kind == Value::Kind::text)
    return fmt::format("{}: {}", quoted(topic), quoted(payload.text, shown_payload));
  Buffer text;
  append_json(payload, text);
  return fmt::format("{}: {}", quoted(topic), quoted(text, shown_payload));
}

Result<Expectations> Expectations::make(const std::vector<std::string>& programs, bool any) {
  Expectations expectations;
  expectations.any_ = any;
  for (const std::string& program : programs) {
    auto jq = compile_jq(program);
    if (!jq) return std::unexpected(std::move(jq.error()));
    expectations.list_.push_back({.program = program, .jq = std::move(*jq)});
  }
  return expectations;
}

void Expectations::see(const Value& message, double seconds) {
  ++seen_;
  std::string shown;
  for (Expectation& expectation : list_) {
    if (expectation.met) continue;
    results_.clear();
    const auto done = expectation.jq->run(message, results_);
    if (std::ranges::any_of(results_, is_true)) {
      expectation.met = true;
      expectation.met_after = seconds;
    } else if (!done) {
      ++expectation.errors;
      expectation.error = done.error().text;
    } else {
      if (shown.empty()) {
        const Value* const topic = message.member("topic");
        const Value* const payload = message.member("payload");
        if (topic != nullptr && payload != nullptr) shown = shown_message(topic->text, *payload);
      }
      expectation.closest = shown;
    }
  }
}

void Expectations::forget() {
  seen_ = 0;
  for (Expectation& expectation : list_)
    expectation = {.program = std::move(expectation.program), .jq = std::move(expectation.jq)};
}

bool Expectations::met() const {
  return any_ ? std::ranges::any_of(list_, &Expectation::met) : std::ranges::all_of(list_, &Expectation::met);
}

std::string Expectations::shortfall_of(const Expectation& expectation) const {
  const std::string program = in_quotes(expectation);
  if (seen_ == 0) return fmt::format("expected {}, but no message came", program);
  if (expectation.errors == seen_)
    return fmt::format("expected {}, but {}{}", program, expectation.error,
                       seen_ == 1 ? ", on the only message" : fmt::format(", on all {} messages", seen_));
  if (seen_ == 1)
    return fmt::format("expected {}, not met by the only message, {}", program, expectation.closest);
  if (expectation.errors == 0)
    return fmt::format("expected {}, not met by any of {} messages; the last one was {}", program, seen_,
                       expectation.closest);
  return fmt::format(
      "expected {}, not met by any of {} messages, on {} of which {}; the last of the others "
      "was {}",
      program, seen_, expectation.errors, expectation.error, expectation.closest);
}

Error Expectations::shortfall() const {
  std::vector<const Expectation*> met;
  std::vector<const Expectation*> missing;
  for (const Expectation& each : list_) (each.met ? met : missing).push_back(&each);
  std::string text = shortfall_of(*missing.front());
  missing.erase(missing.begin());
  if (!missing.empty())
    text.append(any_ ? "; nor was any other met: " : "; not met either: ").append(list_of(missing));
  if (!met.empty()) text.append("; met: ").append(list_of(met));
  return {ErrorKind::threshold, std::move(text), 0, {}};
}

}  // namespace mq
