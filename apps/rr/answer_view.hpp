// What is shown of an answer, and what is held against it: that its sender says it failed, that it does not
// fit its schema, that it is not what was expected (--expect).
#pragma once

#include <memory>
#include <optional>

#include "rr/settings.hpp"
#include "shared/format.hpp"
#include "shared/inspector.hpp"

namespace mq {

class AnswerView {
 public:
  // `settings` outlives it. Without an inspector payloads are shown as they came.
  AnswerView(const RrSettings& settings, Format format, std::unique_ptr<Inspector> inspector);

  // Appends what is shown. Returns what is wrong with the answer, kind threshold.
  std::optional<Error> show(const Publish& publish, const AnswerFacts& facts, Buffer& out);

  // What failed beside that: jq programs. Says how many answers were valid.
  std::optional<Error> finish() const;
  // The time was up while a jq program ran.
  bool halted() const { return inspector_ != nullptr && inspector_->halted_on().has_value(); }

 private:
  void show_latency(Duration latency, Buffer& out) const;

  const RrSettings& settings_;
  Format format_;
  std::unique_ptr<Inspector> inspector_;
};

}  // namespace mq
