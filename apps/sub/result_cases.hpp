// What came of a run as test cases (--junit): one for each expectation, or one for the run itself, and one
// for the validity of messages when they were held to schemas.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.hpp"
#include "shared/expectations.hpp"
#include "shared/junit.hpp"
#include "sub/settings.hpp"

namespace mq {

struct RunResult {
  int code = 0;                    // the exit code
  std::optional<Error> failure{};  // that the code is owed to
  int signal = 0;                  // that interrupted it
  bool subscribed = false;         // messages could come
  double seconds = 0;
  const Expectations* expectations = nullptr;
  std::uint64_t invalid = 0;  // messages
};

std::vector<JunitCase> cases_of(const RunResult& result, const SubSettings& settings);

}  // namespace mq
