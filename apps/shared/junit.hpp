// The result of a run as JUnit XML, which CI servers show: one suite with its cases. What the texts hold may
// be any bytes: what XML 1.0 cannot hold becomes U+FFFD.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "shared/option.hpp"

namespace mq {

struct JunitCase {
  enum class Outcome : std::uint8_t { passed, failed, broken, skipped };  // broken: it could not be found out
  std::string name;
  Outcome outcome = Outcome::passed;
  double seconds = 0;
  std::string type{};     // of a failure or error, one word: "expectation"
  std::string message{};  // one sentence, unless it passed
};

struct JunitSuite {
  std::string name;  // the program's
  std::chrono::system_clock::time_point started{};
  double seconds = 0;
  std::vector<JunitCase> cases{};
};

Buffer junit_xml(const JunitSuite& suite);

// --junit FILE
void junit_option(OptionRows& rows, std::string& file);

}  // namespace mq
