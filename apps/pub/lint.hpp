// What --lint says about topics and payloads that are allowed but rarely meant: one warning for each kind in
// a run, or a refusal. Pure checks are in shared/topic_lint.hpp.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "pub/settings.hpp"
#include "shared/topic_lint.hpp"

namespace mq {

class Lint {
 public:
  explicit Lint(const PubSettings& settings) : settings_(settings) {}

  // Warns, or refuses with kind usage. A topic that was the last one too costs a comparison.
  Result<void> topic(std::string_view topic);
  Result<void> payload(std::string_view topic, Bytes payload);

 private:
  Result<void> judge(std::string_view what, std::string_view topic, Habits found);

  const PubSettings& settings_;
  Habits told_ = 0;
  std::string last_;
};

}  // namespace mq
