// What is done to a message between its source and the session where options ask for it: templates filled in,
// topics mapped, both held to --lint. A run without any of that has no Preparation and pays for none.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "input/source.hpp"
#include "pub/lint.hpp"
#include "shared/template.hpp"

namespace mq {

class Preparation {
 public:
  // nullptr when there is nothing to prepare. `message` is the text of -m, -f or -s; `settings` and `lint`
  // outlive it. Kind usage.
  static Result<std::unique_ptr<Preparation>> make(const PubSettings& settings, Bytes message, Lint& lint);

  // Once for each message, when it is to be sent, before anything else is asked. The draft's payload then
  // lives until the next call.
  Result<void> begin(Draft& draft);
  // How many topics it goes to, and each of them; the view lives until the next call.
  std::size_t topics(const Draft& draft) const { return draft.topic.empty() ? settings_.topics.size() : 1; }
  Result<std::string_view> topic(const Draft& draft, std::size_t number);

 private:
  Preparation(const PubSettings& settings, Lint& lint)
      : settings_(settings), lint_(lint), values_(Random(settings.seed)) {}

  Result<void> compile(Bytes message);
  Result<void> fill(Draft& draft);

  const PubSettings& settings_;
  Lint& lint_;
  TemplateValues values_;
  std::optional<Template> payload_;  // none: each line is a template of its own, or there are none
  std::vector<Template> topics_;     // of -t; empty: they stand for themselves
  std::string_view line_;
  Buffer made_payload_, made_topic_;
};

}  // namespace mq
