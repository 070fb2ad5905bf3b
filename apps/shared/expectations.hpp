// What a run expects of the messages that it sees (--expect): jq programs, each met by any message of which
// it makes something that is neither false nor null. Knows in one sentence what is missing and what came
// closest. Keeps a short text of one message for each, nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "payload/jq.hpp"
#include "payload/value.hpp"

namespace mq {

struct Expectation {
  std::string program;
  std::unique_ptr<Jq> jq{};
  bool met = false;
  double met_after = 0;      // seconds, as note() was told
  std::uint64_t errors = 0;  // messages on which the program failed
  std::string closest{};     // the last message of which it made false, null or nothing
  std::string error{};       // of the last failure
};

// A message as sentences show it, short and fit for a terminal: 'a/b': '{"temp":19}'
std::string shown_message(std::string_view topic, const Value& payload);

class Expectations {
 public:
  // All are to be met, or any. Kind usage when a program is wrong.
  static Result<Expectations> make(const std::vector<std::string>& programs, bool any);

  // A message as message_value() makes it, `seconds` after the run's begin.
  void see(const Value& message, double seconds);
  bool met() const;
  void forget();  // as if no message had come
  // What is missing; kind threshold. Only while not met().
  Error shortfall() const;
  // About one of them, which was not met.
  std::string shortfall_of(const Expectation& expectation) const;
  const std::vector<Expectation>& all() const { return list_; }

 private:
  std::vector<Expectation> list_;
  bool any_ = false;
  std::uint64_t seen_ = 0;
  std::vector<Value> results_;
};

}  // namespace mq
