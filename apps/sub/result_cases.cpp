#include "sub/result_cases.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <string_view>

#include "shared/exit_code.hpp"

namespace mq {
namespace {

using Outcome = JunitCase::Outcome;

std::string type_of(int code) {
  const auto row = std::ranges::find(exit_rows(), code, &ExitRow::code);
  return std::string(row == exit_rows().end() ? std::string_view("failure") : row->name);
}

// Whether the run was long enough to say anything: it got its messages, or none came in its time.
bool is_verdict(ErrorKind kind) {
  return kind == ErrorKind::threshold || kind == ErrorKind::timeout || kind == ErrorKind::payload ||
         kind == ErrorKind::schema;
}

// That nothing can be said because the run ended before it could; nullopt: it did its work.
std::optional<std::string> obstacle(const RunResult& result) {
  if (result.signal != 0)
    return std::string("interrupted by ").append(result.signal == SIGINT ? "SIGINT" : "SIGTERM");
  if (!result.failure) return std::nullopt;
  if (!result.subscribed || !is_verdict(result.failure->kind)) return result.failure->text;
  return std::nullopt;
}

void fill(JunitCase& test, Outcome outcome, std::string message, std::string type) {
  test.outcome = outcome;
  test.message = std::move(message);
  test.type = std::move(type);
}

JunitCase case_of(const Expectation& expectation, const RunResult& result, bool any) {
  JunitCase test{.name = expectation.program, .seconds = result.seconds};
  if (expectation.met) {
    test.seconds = expectation.met_after;
  } else if (any && result.expectations->met()) {
    fill(test, Outcome::skipped, "another expectation was met", {});
  } else if (const auto why = obstacle(result)) {
    fill(test, Outcome::broken, *why, type_of(result.code));
  } else {
    fill(test, Outcome::failed, result.expectations->shortfall_of(expectation), type_of(exit_threshold));
  }
  return test;
}

std::string name_of_run(const SubSettings& settings) {
  if (settings.expect_none) return "no message";
  if (settings.count > 0) return fmt::format("{} message{}", settings.count, settings.count == 1 ? "" : "s");
  return "run";
}

JunitCase case_of_run(const RunResult& result, const SubSettings& settings) {
  JunitCase test{.name = name_of_run(settings), .seconds = result.seconds};
  if (const auto why = obstacle(result))
    fill(test, Outcome::broken, *why, type_of(result.code));
  else if (result.failure &&
           (result.failure->kind == ErrorKind::threshold || result.failure->kind == ErrorKind::timeout))
    fill(test, Outcome::failed, result.failure->text, type_of(exit_code(result.failure->kind)));
  return test;
}

JunitCase case_of_validity(const RunResult& result) {
  JunitCase test{.name = "valid messages", .seconds = result.seconds};
  if (result.invalid > 0)
    fill(test, Outcome::failed,
         fmt::format("{} message{} not valid", result.invalid, result.invalid == 1 ? " was" : "s were"),
         type_of(exit_payload));
  else if (const auto why = obstacle(result))
    fill(test, Outcome::broken, *why, type_of(result.code));
  return test;
}

}  // namespace

std::vector<JunitCase> cases_of(const RunResult& result, const SubSettings& settings) {
  std::vector<JunitCase> cases;
  if (result.expectations != nullptr)
    for (const Expectation& expectation : result.expectations->all())
      cases.push_back(case_of(expectation, result, settings.expect_any));
  else
    cases.push_back(case_of_run(result, settings));
  if (settings.payload.reader.validate) cases.push_back(case_of_validity(result));
  // Whatever else went wrong must not look well.
  const bool well = std::ranges::all_of(cases, [](const JunitCase& test) {
    return test.outcome == Outcome::passed || test.outcome == Outcome::skipped;
  });
  if (well && result.code != exit_done) {
    const std::string message = result.failure ? result.failure->text : obstacle(result).value_or("");
    fill(cases.emplace_back(JunitCase{.name = "end", .seconds = result.seconds}), Outcome::broken, message,
         type_of(result.code));
  }
  return cases;
}

}  // namespace mq
